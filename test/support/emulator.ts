import type { Emulator, EmulatorOptions } from "../../emulator/emulator";
import { startTrustedEmulator } from "../../scripts/trustedEmulator";

const running = new Set<Emulator>();

/** Starts an emulator that is stopped after the test that started it (hooks.ts). */
export async function startEmulator(options: Omit<EmulatorOptions, "tls"> = {}): Promise<Emulator> {
  const emulator = await startTrustedEmulator(options);
  running.add(emulator);
  return emulator;
}

/** Stops the emulators that this process has started; fails when one was called for what it does not serve. */
export async function stopEmulators(): Promise<void> {
  const unknown = [...running].flatMap(({ calls }) => calls).filter(({ operation }) => operation === "unknown");
  await Promise.all([...running].map((emulator) => emulator.stop()));
  running.clear();
  if (unknown.length > 0) {
    throw new Error(
      `calls that the emulator does not serve: ${unknown.map((c) => `${c.method} ${c.path}`).join(", ")}`,
    );
  }
}
