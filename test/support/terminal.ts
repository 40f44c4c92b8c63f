import { spawn } from "@lydell/node-pty";
import { Terminal } from "@xterm/headless";

const size = { cols: 100, rows: 60 };

/** A command in a terminal of 100 columns, as a person starts it and sees it. */
export class TerminalRun {
  /** With which status the command ends. */
  readonly ended: Promise<number>;
  private readonly terminal = new Terminal({ ...size, allowProposedApi: true });

  constructor(command: string, args: string[], { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }) {
    const child = spawn(command, args, { ...size, cwd, env, name: "xterm-256color" });
    child.onData((text) => this.terminal.write(text));
    // A command asks its terminal for this and that, and waits some seconds for an answer.
    this.terminal.onData((answer) => child.write(answer));
    this.ended = new Promise((resolve) => {
      // The callback comes when everything that was written before is on the screen.
      child.onExit(({ exitCode }) => this.terminal.write("", () => resolve(exitCode)));
    });
  }

  /** What the screen shows now, without the blanks at its end and at the ends of its lines. */
  get screen(): string {
    const { active } = this.terminal.buffer;
    const lines = Array.from({ length: size.rows }, (_, row) => active.getLine(active.baseY + row));
    return lines
      .map((line) => line?.translateToString(true) ?? "")
      .join("\n")
      .trimEnd();
  }

  /** Waits until the screen shows what `find` looks for, and gives that. */
  async until<Found>(find: (screen: string) => Found | undefined): Promise<Found> {
    const found = new Promise<Found>((resolve) => {
      this.terminal.onWriteParsed(() => {
        const what = find(this.screen);
        if (what !== undefined) resolve(what);
      });
    });
    const ended = this.ended.then((status) => {
      throw new Error(`the command ended with ${status} before that was on the screen:\n${this.screen}`);
    });
    return Promise.race([found, ended]);
  }
}
