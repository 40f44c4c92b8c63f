import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");

/**
 * Once before all e2e tests: packs the package and installs the tarball beside its peers in an empty folder, as a user
 * would. `E2E_ROOT` tells the tests where.
 */
export function mochaGlobalSetup(): void {
  const folder = mkdtempSync(join(tmpdir(), "cognitive-key-rotation-e2e-"));
  process.env.E2E_ROOT = folder;
  const packed = npm(root, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [{ filename }] = JSON.parse(packed) as { filename: string }[];
  const app = join(folder, "app");
  mkdirSync(app);
  const dependencies = {
    "@pulumi/pulumi": process.env.PULUMI_SDK_VERSION ?? "3.248.0",
    "pulumi-cognitive-key-rotation": `file:${join(folder, filename)}`,
  };
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, dependencies }));
  npm(app, "install", "--omit=peer", "--no-audit", "--no-fund", "--prefer-offline");
  copyAzureNative(join(app, "node_modules"));
}

/** Of the 17 000 files of `@pulumi/azure-native` a program loads one module; to install them all takes longer than any test. */
function copyAzureNative(nodeModules: string): void {
  const name = join("@pulumi", "azure-native");
  const from = join(root, "node_modules", name);
  const needed = ["package.json", "utilities.js", "provider.js", "cognitiveservices", "config", "types"];
  for (const entry of needed) {
    cpSync(join(from, entry), join(nodeModules, name, entry), {
      recursive: true,
      filter: (file) => statSync(file).isDirectory() || /\.js(on)?$/.test(file),
    });
  }
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env.E2E_ROOT as string, { recursive: true, force: true });
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
