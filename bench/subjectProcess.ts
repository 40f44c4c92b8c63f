import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onInterrupt } from "../scripts/interrupt";
import type { CommandSpan } from "./benchStack";
import type { Order, Reply, StackSpec } from "./subjectMain";

/** A stack whose program runs beside this process, so that the emulator in it does not wait for the program. */
export class SubjectProcess {
  private constructor(private readonly child: ChildProcess) {}

  static async start(spec: StackSpec): Promise<SubjectProcess> {
    const child = fork(join(__dirname, "subjectMain.ts"), [JSON.stringify(spec)], {
      cwd: spec.app,
      execArgv: ["--require", require.resolve("tsx/cjs")],
    });
    const subject = new SubjectProcess(child);
    await subject.next();
    return subject;
  }

  async run(order: Order): Promise<CommandSpan> {
    this.child.send(order);
    const reply = (await this.next()) as Reply;
    if ("error" in reply) throw new Error(reply.error);
    return reply.span;
  }

  async stop(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended();
  }

  private async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }

  private async next(): Promise<unknown> {
    // It is told of the interrupt too, and ends when its engine has.
    const forgetInterrupt = onInterrupt(async () => {
      await this.ended();
    });
    const stopped = new AbortController();
    const { signal } = stopped;
    try {
      return await Promise.race([
        once(this.child, "message", { signal }).then(([message]) => message),
        once(this.child, "exit", { signal }).then(([code]) => {
          throw new Error(`the process of the stack has ended with ${code}`);
        }),
      ]);
    } finally {
      stopped.abort();
      forgetInterrupt();
    }
  }
}
