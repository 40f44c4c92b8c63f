import type { Emulator, EmulatorOptions } from "../../emulator/emulator";
import { startTrustedEmulator } from "../../scripts/trustedEmulator";
import { afterTest } from "./hooks";

/** Starts an emulator for one test, which fails when the emulator was called for what it does not serve. */
export async function startEmulator(options: Omit<EmulatorOptions, "tls"> = {}): Promise<Emulator> {
  const emulator = await startTrustedEmulator(options);
  afterTest(async () => {
    await emulator.stop();
    const unknown = emulator.calls.filter(({ operation }) => operation === "unknown");
    if (unknown.length === 0) return;
    throw new Error(
      `calls that the emulator does not serve: ${unknown.map((c) => `${c.method} ${c.path}`).join(", ")}`,
    );
  });
  return emulator;
}
