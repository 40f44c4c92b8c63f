import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createEmulator, type Emulator, type EmulatorOptions } from "../../emulator/emulator";

const running = new Set<Emulator>();

/**
 * Starts an emulator on a free port with the certificate that this process already trusts; it is stopped after the test
 * that started it (hooks.ts).
 *
 * Node reads `NODE_EXTRA_CA_CERTS` once, at its start, so the certificate is made by whoever starts mocha.
 */
export async function startEmulator(options: Omit<EmulatorOptions, "tls"> = {}): Promise<Emulator> {
  const emulator = createEmulator({
    ...options,
    tls: { cert: read("EMULATOR_CERT_FILE"), key: read("EMULATOR_KEY_FILE") },
  });
  running.add(emulator);
  emulator.listen(0, "localhost");
  await once(emulator, "listening");
  return emulator;
}

function read(variable: string): string {
  const file = process.env[variable];
  if (!file) throw new Error(`${variable} is not set: run the tests through "npm test" or "npm run test:contract"`);
  return readFileSync(file, "utf8");
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
