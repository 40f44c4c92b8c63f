import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { installPackedApp } from "../../scripts/packedApp";
import { obtainPulumiCli } from "../../scripts/pulumiCli";

/**
 * Once before all e2e tests. They test the package that `PACKED_TARBALL` names, or one that is packed now. `E2E_ROOT` tells them where the packed package is installed, and `LANGUAGE_HOST_FOLDER` where
 * the stand-in for the Node language host is, if the CLI has none.
 */
export async function mochaGlobalSetup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cognitive-key-rotation-e2e-"));
  process.env.E2E_ROOT = folder;
  const { PULUMI_SDK_VERSION = "3.248.0", PACKED_TARBALL } = process.env;
  installPackedApp(join(folder, "app"), PULUMI_SDK_VERSION, PACKED_TARBALL);
  if (!(await obtainPulumiCli()).hasNodeLanguageHost) {
    process.env.LANGUAGE_HOST_FOLDER = join(folder, "language-host");
    buildLanguageHost(join(process.env.LANGUAGE_HOST_FOLDER, "pulumi-language-nodejs"));
  }
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env.E2E_ROOT as string, { recursive: true, force: true });
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
