import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const licenseFile = /^(licen[cs]e|copying|notice)/i;

/**
 * The licences of all packages of which the bundles hold a part, each text once. Fails where a package has none.
 *
 * @param root where the bundles were made: their metafiles name files from there
 */
export function thirdPartyLicenses(bundles: readonly Metafile[], root: string): string {
  const outputs = bundles.flatMap((bundle) => Object.values(bundle.outputs));
  const files = outputs.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(files.flatMap((file) => packageFolder.exec(file)?.[0] ?? []));
  const packages: Record<string, Set<string>> = {};
  for (const folder of folders) {
    const read = (file: string) => readFileSync(join(root, folder, file), "utf8");
    const { name, version, license } = JSON.parse(read("package.json"));
    const texts = readdirSync(join(root, folder))
      .filter((file) => licenseFile.test(file))
      .sort()
      .map((file) => read(file).trim());
    if (texts.length === 0) throw new Error(`${name} ${version} is in the bundle and has no licence text.`);
    packages[texts.join("\n\n")] ??= new Set();
    packages[texts.join("\n\n")].add(`${name} ${version} (${license})`);
  }
  const sections = Object.entries(packages).map(([text, names]) => `${[...names].sort().join("\n")}\n\n${text}\n`);
  return sections.sort().join(`\n${"-".repeat(80)}\n\n`);
}
