/**
 * `npm run plugin:release`: writes the plugin's archives to `dist/plugin/release`, one for each system that the Pulumi CLI
 * asks for by name, and their SHA-256. The same sources give the same bytes.
 */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { create } from "tar";
import { version } from "../package.json";
import { buildPlugin, bundles, pluginName } from "./buildPlugin";
import { exitWith } from "./exitWith";

const usage = `Usage: npm run plugin:release -- [options]

Writes the archives of the plugin, and SHA256SUMS, to dist/plugin/release.

  --download-url URL   a mirror: the folder on a web server where the archives will be. The package tells it to every
                       program that uses it. (default: the releases of the repository that package.json names)
  --help               print this text
`;

const systems = ["linux", "darwin", "windows"] as const;
const processors = ["amd64", "arm64"] as const;
type System = (typeof systems)[number];

/** As the CLI asks for it. */
export const archiveName = (system: string, processor: string): string =>
  `${pluginName}-v${version}-${system}-${processor}.tar.gz`;

/** @param folder is made anew */
export function releasePlugin(folder: string, downloadUrl?: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built = mkdtempSync(join(tmpdir(), "plugin-release-"));
  try {
    buildPlugin(built, downloadUrl);
    const sums: string[] = [];
    for (const system of systems) {
      const packed = archive(built, system);
      const sum = createHash("sha256").update(packed).digest("hex");
      for (const processor of processors) {
        const name = archiveName(system, processor);
        writeFileSync(join(folder, name), packed);
        sums.push(`${sum}  ${name}\n`);
      }
    }
    writeFileSync(join(folder, "SHA256SUMS"), sums.sort().join(""));
  } finally {
    rmSync(built, { recursive: true });
  }
}

/**
 * For `pulumi package add` on Windows. It takes an `.exe`, or a project that a language host runs, and no `.cmd`
 * (`ensureProjectDir` in Pulumi's packageinstallation.go), which is what all other commands start. The host runs
 * `@pulumi/pulumi/cmd/run-plugin`: here that is the plugin, so that nothing is installed.
 */
const projectForWindows = {
  "PulumiPlugin.yaml": "runtime: nodejs\n",
  "package.json": '{ "private": true, "dependencies": { "@pulumi/pulumi": "file:run-plugin" } }\n',
  "run-plugin/package.json": '{ "name": "@pulumi/pulumi", "exports": { "./cmd/run-plugin": "./index.js" } }\n',
  "run-plugin/index.js": `require("../${pluginName}.js");\n`,
};

/** What is on this machine, and when it was made, is not in it. */
function archive(built: string, system: System): Buffer {
  const executable = system === "windows" ? `${pluginName}.cmd` : pluginName;
  const files = ["LICENSE", "THIRD-PARTY-LICENSES.txt", executable, ...bundles];
  if (system === "windows") {
    mkdirSync(join(built, "run-plugin"));
    for (const [file, text] of Object.entries(projectForWindows)) writeFileSync(join(built, file), text);
    files.push(...Object.keys(projectForWindows));
  }
  for (const file of files) chmodSync(join(built, file), file === executable ? 0o755 : 0o644);
  const options = { cwd: built, portable: true, mtime: new Date(0), gzip: { level: 9 }, sync: true } as const;
  const packed = create(options, files).read();
  if (packed === null) throw new Error("The archive is empty.");
  return packed;
}

function main(): number {
  const { values } = parseArgs({
    options: { "download-url": { type: "string" }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const downloadUrl = values["download-url"];
  if (downloadUrl !== undefined && !/^(https?|github|gitlab):\/\/\S+$/.test(downloadUrl))
    throw new Error(`--download-url must be a URL, got "${downloadUrl}".`);
  const folder = resolve(__dirname, "../dist/plugin/release");
  releasePlugin(folder, downloadUrl);
  console.log(folder);
  return 0;
}

if (require.main === module) exitWith(main);
