import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
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
 * too: `go` leaves compilers behind when only it is killed, an installer script leaves its download.
 */
export async function runChild(command: string, args: string[], options: ChildOptions = {}): Promise<ChildResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: options.inherit ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = once(child, "close");
  const forgetInterrupt = onInterrupt(() => stopGroup(child, options.grace ?? 0));
  let timedOut = false;
  const timer =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          signalGroup(child, "SIGKILL");
        }, options.timeout);
  try {
    const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
    if (isInterrupted()) {
      // The interrupt decides what comes next; a caller that went on would try its next step on the way out.
      await new Promise(() => {});
    }
    if (timedOut) {
      throw new Error(`${command} was stopped: not finished after ${Math.round((options.timeout ?? 0) / 1000)} s`);
    }
    if (code === null) {
      throw new Error(`${command} was ended by ${signal}`);
    }
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
    forgetInterrupt();
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

async function stopGroup(child: ChildProcess, grace: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exited = once(child, "exit");
  if (grace > 0) {
    signalGroup(child, "SIGINT");
    await Promise.race([exited, sleep(grace, undefined, { ref: false })]);
  }
  // Also when the child is gone by now: what it started may not be.
  signalGroup(child, "SIGKILL");
  await exited;
}
