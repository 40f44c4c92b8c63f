import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "..");

/**
 * Installs this package, packed, beside both of its peers in a new folder, as a user would.
 *
 * @param folder does not exist yet; the tarball is kept beside it
 * @param sdk a version of `@pulumi/pulumi`, or a tag
 * @param tarball what to install @default what is packed now
 */
export function installPackedApp(folder: string, sdk: string, tarball?: string): void {
  const beside = dirname(folder);
  const filename = tarball === undefined ? packInto(beside) : basename(tarball);
  if (tarball !== undefined) copyFileSync(tarball, join(beside, filename));
  mkdirSync(folder);
  const dependencies = {
    "@pulumi/pulumi": sdk,
    "pulumi-cognitive-key-rotation": `file:${join(beside, filename)}`,
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", private: true, dependencies }));
  npm(folder, "install", "--no-audit", "--no-fund", "--prefer-offline");
  copyAzureNative(join(folder, "node_modules", "@pulumi", "azure-native"));
}

/**
 * Of the 17 000 files of `@pulumi/azure-native` a program loads one module; to install them all takes longer than any test.
 * The copy does not say that it has a plugin: for a project with it, the official CLI would download that.
 */
function copyAzureNative(folder: string): void {
  const from = join(root, "node_modules", "@pulumi", "azure-native");
  const modules = ["utilities", "provider"].flatMap((name) => [`${name}.js`, `${name}.d.ts`]);
  for (const entry of [...modules, "cognitiveservices", "config", "types"]) {
    cpSync(join(from, entry), join(folder, entry), {
      recursive: true,
      filter: (file) => statSync(file).isDirectory() || /\.(js|d\.ts)$/.test(file),
    });
  }
  const { pulumi: _plugin, ...manifest } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
}

/** The name of the file. */
export function packInto(folder: string): string {
  const packed = npm(root, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [{ filename }] = JSON.parse(packed) as { filename: string }[];
  return filename;
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
