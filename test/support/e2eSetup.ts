import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { version as azureNative } from "@pulumi/azure-native/package.json";

const root = resolve(__dirname, "../..");

/**
 * Once before all e2e tests: packs the package and installs the tarball beside its peers, `@pulumi/pulumi` and the
 * release of `@pulumi/azure-native` that is developed on, in an empty folder, as a user would. `E2E_ROOT` tells the
 * tests where.
 */
export function mochaGlobalSetup(): void {
  const folder = mkdtempSync(join(tmpdir(), "cognitive-key-rotation-e2e-"));
  process.env.E2E_ROOT = folder;
  const packed = npm(root, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [{ filename }] = JSON.parse(packed) as { filename: string }[];
  const app = join(folder, "app");
  mkdirSync(app);
  const dependencies = {
    "@pulumi/azure-native": azureNative,
    "@pulumi/pulumi": process.env.PULUMI_SDK_VERSION ?? "3.248.0",
    "pulumi-cognitive-key-rotation": `file:${join(folder, filename)}`,
  };
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, dependencies }));
  npm(app, "install", "--no-audit", "--no-fund", "--prefer-offline");
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env.E2E_ROOT as string, { recursive: true, force: true });
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
