import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Another login, and what npm tells its scripts: an `npm install` in here would follow it. */
const leftOut = /^(ARM|AZURE)_|^npm_|^INIT_CWD$|^no_proxy$/i;

/**
 * The variables of a command beside an emulator. Its stacks are in a folder of their own: a real stack must never meet the
 * emulator, whose keys would go into its state.
 *
 * @param emulator those that point a client at the emulator
 * @param folder an empty one, which ends with the emulator
 */
export function sandboxVariables(emulator: Record<string, string>, folder: string): NodeJS.ProcessEnv {
  const stacks = join(folder, "stacks");
  mkdirSync(stacks);
  const { NO_PROXY = process.env.no_proxy } = process.env;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !leftOut.test(name))),
    ...emulator,
    NO_PROXY: [NO_PROXY, "localhost"].filter(Boolean).join(),
    PULUMI_BACKEND_URL: pathToFileURL(stacks).href,
    PULUMI_CONFIG_PASSPHRASE: "emulator",
  };
}

/** Runs a command at this terminal, in the folder where npm was called. Gives the status that a shell would. */
export async function runCommand([command, ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { cwd: process.env.INIT_CWD, env, stdio: "inherit" });
  // The terminal tells a Ctrl-C to both. The command decides what it means, and the emulator must outlive it.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal === null ? Number(code) : 128 + constants.signals[signal];
}
