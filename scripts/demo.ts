/**
 * `npm run demo`: the life of a rotated key on the real Pulumi engine, against the emulator. Needs no account, no
 * configuration and no network, and leaves nothing behind.
 *
 * This process makes a folder and removes it; `demoStory.ts` tells the story in a process of its own, because Node
 * reads `NODE_EXTRA_CA_CERTS`, by which it trusts the emulator, only when it starts.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCertificate } from "../emulator/certificate";
import { runChild } from "./childProcess";
import { onInterrupt } from "./interrupt";
import { obtainPulumiCli } from "./pulumiCli";

const millisecondsToCleanUp = 20_000;
/** What would lead the engine, the login or a request to somewhere else than the emulator. */
const notForTheDemo = /^(ARM|AZURE|PULUMI)_|^(all|http|https|grpc)_proxy$/i;

async function main(): Promise<number> {
  if (!existsSync(resolve(__dirname, "../dist/index.js"))) {
    throw new Error("The package is not built: run `npm ci` first, which also builds it.");
  }
  const cli = await obtainPulumiCli();
  console.log(cli.explanation);
  const folder = mkdtempSync(join(tmpdir(), "key-rotation-demo-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(() => {
    remove();
    console.log("\nInterrupted. Everything that the demo made is removed.");
  });
  try {
    const environment = { ...(await prepare(folder)), ...cli.environment };
    const story = ["--require", require.resolve("tsx/cjs"), join(__dirname, "demoStory.ts"), folder];
    const { code } = await runChild(process.execPath, story, {
      env: environment,
      inherit: true,
      grace: millisecondsToCleanUp,
    });
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
  const kept = Object.entries(process.env).filter(([name]) => !notForTheDemo.test(name));
  return { ...Object.fromEntries(kept), NODE_EXTRA_CA_CERTS: bundle, TMPDIR: temporary };
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
