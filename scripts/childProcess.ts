import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { isInterrupted, onInterrupt } from "./interrupt";

export interface ChildOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the child and everything it started are killed. */
  timeout?: number;
  /** Show the child's output instead of returning it. @default false */
  inherit?: boolean;
  /** On an interrupt, how long (ms) the child may take to clean up after a SIGINT before it is killed. @default 0 */
  grace?: number;
}

export interface ChildResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end. It gets a process group of its own, so that a timeout or an interrupt stops its children
 * too: `go` leaves compilers behind when only it is killed, an installer script leaves its download. (execa can do so from
 * version 10 on, which needs Node 22.)
 */
export async function runChild(
  command: string,
  args: string[],
  { cwd, env, timeout, inherit, grace = 0 }: ChildOptions = {},
): Promise<ChildResult> {
  const output = inherit ? "inherit" : "pipe";
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", output, output] });
  const printed = [child.stdout, child.stderr].map((stream) => (stream === null ? "" : text(stream)));
  const forgetInterrupt = onInterrupt(() => stopGroup(child, grace));
  let timedOut = false;
  const stop = () => {
    timedOut = true;
    signalGroup(child, "SIGKILL");
  };
  const timer = timeout === undefined ? undefined : setTimeout(stop, timeout);
  try {
    const [code, signal] = await once(child, "close");
    // The interrupt decides what comes next; a caller that went on would try its next step on the way out.
    if (isInterrupted()) await new Promise(() => {});
    if (timedOut) throw new Error(`${command} was stopped: not finished after ${Math.round(Number(timeout) / 1000)} s`);
    if (code === null) throw new Error(`${command} was ended by ${signal}`);
    const [stdout, stderr] = await Promise.all(printed);
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
    forgetInterrupt();
  }
}

/** What a program prints; rejects with a line for people when it is missing, fails or takes too long. */
export async function outputOf(command: string, args: string[], options: ChildOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runChild(command, args, options).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" && error.syscall?.startsWith("spawn")
      ? new Error(`there is no \`${command}\``)
      : error;
  });
  if (code === 0) return stdout;
  const lines = stderr.trim().split("\n").slice(-15).join("\n    ");
  throw new Error(`\`${[basename(command), ...args.slice(0, 2)].join(" ")}\` ended with ${code}: ${lines}`);
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function stopGroup(child: ChildProcess, grace: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (grace > 0) {
    signalGroup(child, "SIGINT");
    await Promise.race([exited, sleep(grace, undefined, { ref: false })]);
  }
  // Also when the child is gone by now: what it started may not be.
  signalGroup(child, "SIGKILL");
  await exited;
}
