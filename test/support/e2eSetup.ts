import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { installPackedApp } from "../../scripts/packedApp";
import { obtainPulumiCli } from "../../scripts/pulumiCli";

/**
 * Once before all e2e tests. They test the package that `PACKED_TARBALL` names, or one that is packed now. Their stacks
 * are in folders, or on the server of Pulumi Cloud's protocol that `E2E_BACKEND_URL` names. `E2E_ROOT` tells them where
 * the packed package is installed, `LANGUAGE_HOST_FOLDER` where the stand-in for the Node language host is, if the CLI
 * has none, and `PULUMI_DEFAULT_ORGANIZATION` who owns the stacks on the server.
 */
export async function mochaGlobalSetup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cognitive-key-rotation-e2e-"));
  process.env.E2E_ROOT = folder;
  const { PULUMI_SDK_VERSION = "3.248.0", PACKED_TARBALL, E2E_BACKEND_URL } = process.env;
  installPackedApp(join(folder, "app"), PULUMI_SDK_VERSION, PACKED_TARBALL);
  if (E2E_BACKEND_URL) process.env.PULUMI_DEFAULT_ORGANIZATION ??= defaultOrganization(E2E_BACKEND_URL, folder);
  if (!(await obtainPulumiCli()).hasNodeLanguageHost) {
    process.env.LANGUAGE_HOST_FOLDER = join(folder, "language-host");
    buildLanguageHost(join(process.env.LANGUAGE_HOST_FOLDER, "pulumi-language-nodejs"));
  }
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env.E2E_ROOT as string, { recursive: true, force: true });
}

function defaultOrganization(url: string, home: string): string {
  const env = { ...process.env, PULUMI_BACKEND_URL: url, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return execFileSync("pulumi", ["org", "get-default"], { env, encoding: "utf8" }).trim();
}

/** In one file, as the engine starts it anew for every command. */
function buildLanguageHost(outfile: string): void {
  buildSync({
    entryPoints: [join(__dirname, "languageHost.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    banner: { js: "#!/usr/bin/env node" },
    logLevel: "warning",
  });
  chmodSync(outfile, 0o755);
}
