import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCertificate } from "../emulator/certificate";
import { runChild } from "./childProcess";
import { onInterrupt } from "./interrupt";
import { obtainPulumiCli } from "./pulumiCli";

const millisecondsToCleanUp = 20_000;
/** What would lead the engine, the login or a request to somewhere else than the emulator. */
const leadingElsewhere = /^(ARM|AZURE|PULUMI)_|^(all|http|https|grpc)_proxy$/i;

/**
 * Runs a script of this repository beside an emulator: in a process of its own, because Node reads
 * `NODE_EXTRA_CA_CERTS`, by which it trusts the emulator, only when it starts. Its first argument is a folder that is
 * removed when it has ended, with the certificate and its key in `cert.pem` and `key.pem`; its temporary files are there
 * too, and it finds the Pulumi CLI without a search.
 *
 * @param what what a person has started, such as "demo"
 * @returns the status that the script ended with
 */
export async function runTrustingProcess(what: string, script: string, args: readonly string[] = []): Promise<number> {
  if (!existsSync(resolve(__dirname, "../dist/index.js"))) {
    throw new Error("The package is not built: run `npm ci` first, which also builds it.");
  }
  const cli = await obtainPulumiCli();
  console.log(cli.explanation);
  const folder = mkdtempSync(join(tmpdir(), `key-rotation-${what}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(() => {
    remove();
    console.log(`\nInterrupted. Everything that the ${what} made is removed.`);
  });
  try {
    const environment = { ...(await prepare(folder)), ...cli.environment };
    const { code } = await runChild(
      process.execPath,
      ["--require", require.resolve("tsx/cjs"), script, folder, ...args],
      { env: environment, inherit: true, grace: millisecondsToCleanUp },
    );
    return code;
  } finally {
    remove();
    forgetInterrupt();
  }
}

async function prepare(folder: string): Promise<NodeJS.ProcessEnv> {
  const { cert, key } = await createCertificate();
  const trusted = process.env.NODE_EXTRA_CA_CERTS;
  const alreadyTrusted = trusted && existsSync(trusted) ? readFileSync(trusted, "utf8") : "";
  const bundle = join(folder, "trusted.pem");
  // Ours first: of several certificates for the same name, such as another emulator's, OpenSSL tries only the first.
  writeFileSync(bundle, `${cert}\n${alreadyTrusted}`);
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const kept = Object.entries(process.env).filter(([name]) => !leadingElsewhere.test(name));
  return { ...Object.fromEntries(kept), NODE_EXTRA_CA_CERTS: bundle, TMPDIR: temporary };
}
