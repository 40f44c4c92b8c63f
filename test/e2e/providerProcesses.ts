import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterTest } from "../support/hooks";

/** The provider processes of a deployment: the engine tells nobody which they are, so each notes its own id. */
export class ProviderProcesses {
  /** For the deployment whose providers these are. */
  readonly environment: Record<string, string>;
  private readonly noted: string;

  constructor() {
    // Those whose engine the test has killed.
    afterTest(() => this.kill());
    const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "providers-"));
    this.noted = join(folder, "noted");
    const preload = join(folder, "note.cjs");
    writeFileSync(
      preload,
      `if (/dynamic-provider|pulumi-resource-cognitive-key-rotation/.test(process.argv[1])) {
         require("node:fs").appendFileSync(${JSON.stringify(this.noted)}, process.pid + "\\n");
       }`,
    );
    this.environment = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require=${preload}` };
  }

  /** Those that have not ended. */
  get running(): number[] {
    const noted = existsSync(this.noted) ? readFileSync(this.noted, "utf8").trim().split("\n").map(Number) : [];
    return noted.filter(isRunning);
  }

  /** `kill -9`. */
  kill(): void {
    for (const pid of this.running) process.kill(pid, "SIGKILL");
  }

  /** Waits until all have ended by themselves, and says in how many milliseconds they must. */
  async ended(withinMs: number): Promise<void> {
    await Promise.all(this.running.map((pid) => ended(pid, withinMs)));
  }
}

/** Waits until a process has ended by itself, and says in how many milliseconds it must. */
export async function ended(pid: number, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`a provider process still runs after ${withinMs} ms`);
    await sleep(20);
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended is still listed until its new parent takes notice.
    return process.platform !== "linux" || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
