import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCertificate, withTrustedBefore } from "../emulator/certificate";
import { createEmulator, type Emulator, type EmulatorOptions } from "../emulator/emulator";

/**
 * Makes a throw-away certificate for emulators, and gives the variables of a process that is to start some:
 * - `EMULATOR_CERT_FILE`, `EMULATOR_KEY_FILE`: the certificate, for `startTrustedEmulator`;
 * - `NODE_EXTRA_CA_CERTS`: the same certificate beside what the variable named before, so that the process, and each that
 *   it starts, trusts the emulators. Node reads it only when it starts;
 * - `TMPDIR`: a folder that goes away with `folder`, whatever the process or the engine leaves in it.
 */
export async function emulatorTrust(folder: string): Promise<Record<string, string>> {
  const certificate = await createCertificate();
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  return {
    EMULATOR_CERT_FILE: write("cert.pem", certificate.cert),
    EMULATOR_KEY_FILE: write("key.pem", certificate.key),
    NODE_EXTRA_CA_CERTS: write("trusted.pem", withTrustedBefore(certificate)),
    TMPDIR: temporary,
  };
}

/** An emulator on a free port, with the certificate that this process trusts. */
export async function startTrustedEmulator(options: Omit<EmulatorOptions, "tls"> = {}): Promise<Emulator> {
  const [cert, key] = ["EMULATOR_CERT_FILE", "EMULATOR_KEY_FILE"].map((variable) => {
    const file = process.env[variable];
    if (!file) throw new Error(`${variable} is not set: run the tests through "npm test" or "npm run test:contract"`);
    return readFileSync(file, "utf8");
  });
  const emulator = createEmulator({ ...options, tls: { cert, key } });
  emulator.listen(0, "localhost");
  await once(emulator, "listening");
  return emulator;
}
