import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Emulator, EmulatorOptions } from "../emulator/emulator";
import { runChild } from "./childProcess";
import { isInterrupted, onInterrupt } from "./interrupt";
import { obtainPulumiCli } from "./pulumiCli";
import { emulatorTrust, startTrustedEmulator } from "./trustedEmulator";

const millisecondsToCleanUp = 20_000;
/** What would lead the engine, the login or a request to somewhere else than the emulator. */
const leadingElsewhere = /^(ARM|AZURE|PULUMI)_|^(all|http|https|grpc)_proxy$/i;
/** Set in the second process. */
const folderVariable = "BESIDE_EMULATOR_FOLDER";

/** Where the work is done. */
export interface Beside {
  emulator: Emulator;
  /** Removed when the work has ended. */
  folder: string;
}

/**
 * Runs work beside an emulator and finds the Pulumi CLI for it. The script that calls this is run a second time, in a
 * process that trusts the emulator, and does the work there. In the first process this only waits for the second.
 *
 * @param what what a person has started, such as "demo"
 * @param script the file that calls this
 * @param work gives the status to end with
 * @param environment for the second process, which does not get what could lead it elsewhere
 * @returns that status
 */
export async function runBesideEmulator(
  what: string,
  script: string,
  options: Omit<EmulatorOptions, "tls">,
  work: (place: Beside) => Promise<number>,
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const folder = process.env[folderVariable];
  if (folder === undefined) return runAgain(what, script, environment);
  delete process.env[folderVariable];
  const emulator = await startTrustedEmulator(options);
  // The folder is the first process's to remove; a signal only has to end this one.
  const forgetInterrupt = onInterrupt(() => {});
  try {
    console.log(`An emulator plays Azure: ${emulator.url}`);
    console.log(`Until the end, all files are in ${folder}`);
    return await work({ emulator, folder });
  } catch (error) {
    // The interrupt decides what comes next.
    if (isInterrupted()) await new Promise(() => {});
    console.error(redacted(emulator, (error as Error).message));
    return 1;
  } finally {
    await emulator.stop();
    forgetInterrupt();
  }
}

/** Keys never belong in an error; one that is there all the same is not shown. */
export function redacted({ secrets }: Emulator, text: string): string {
  return [...secrets].reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}

async function runAgain(what: string, script: string, environment: NodeJS.ProcessEnv): Promise<number> {
  if (!existsSync(resolve(__dirname, "../dist"))) {
    throw new Error("The package is not built: run `npm ci` first, which also builds it.");
  }
  const cli = await obtainPulumiCli();
  console.log(cli.explanation);
  const folder = mkdtempSync(join(tmpdir(), `key-rotation-${what}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(() => {
    remove();
    console.log(`\nInterrupted. All that the ${what} made is removed.`);
  });
  try {
    const kept = Object.entries(process.env).filter(([name]) => !leadingElsewhere.test(name));
    const { code } = await runChild(
      process.execPath,
      ["--require", require.resolve("tsx/cjs"), script, ...process.argv.slice(2)],
      {
        env: {
          ...Object.fromEntries(kept),
          ...(await emulatorTrust(folder)),
          ...cli.environment,
          ...environment,
          [folderVariable]: folder,
        },
        inherit: true,
        grace: millisecondsToCleanUp,
      },
    );
    return code;
  } finally {
    remove();
    forgetInterrupt();
  }
}
