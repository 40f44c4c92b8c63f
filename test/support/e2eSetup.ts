import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPackedApp } from "../../scripts/packedApp";

/** Once before all e2e tests. `E2E_ROOT` tells them where the packed package is installed. */
export function mochaGlobalSetup(): void {
  const folder = mkdtempSync(join(tmpdir(), "cognitive-key-rotation-e2e-"));
  process.env.E2E_ROOT = folder;
  installPackedApp(join(folder, "app"), process.env.PULUMI_SDK_VERSION ?? "3.248.0");
}

export function mochaGlobalTeardown(): void {
  rmSync(process.env.E2E_ROOT as string, { recursive: true, force: true });
}
