import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalWorkspace, type PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { isInterrupted, onInterrupt } from "../scripts/interrupt";

const millisecondsForTheEngineToStop = 15_000;

export interface BenchStackOptions {
  command: PulumiCommand;
  /** Where everything is kept that stacks need on disk. */
  folder: string;
  /** The environment of the engine, beside that of this process. */
  environment: Record<string, string>;
}

/** From one moment to another, both in milliseconds since the epoch. */
export interface Span {
  from: number;
  to: number;
}

/** A stack of a program that runs in this process. */
export class BenchStack {
  /** The name other stacks refer to this one by. */
  readonly reference: string;

  private constructor(
    private readonly stack: Stack,
    project: string,
  ) {
    this.reference = `organization/${project}/${stack.name}`;
  }

  static async create(project: string, stackName: string, options: BenchStackOptions): Promise<BenchStack> {
    const { command, folder, environment } = options;
    const workDir = join(folder, `${project}-${stackName}`);
    mkdirSync(workDir);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: project, program: async () => {} },
      {
        workDir,
        pulumiHome: join(folder, "home"),
        pulumiCommand: command,
        envVars: environment,
        // Where the provider process starts, and finds this package and the Azure SDK.
        projectSettings: { name: project, runtime: "nodejs", main: resolve(__dirname, "..") },
      },
    );
    return new BenchStack(stack, project);
  }

  /**
   * Deploys the program, and gives the time from the command's start to the engine's closing report. What the Automation
   * API asks of the CLI after that, about a second, is nothing that a person at a terminal waits for.
   *
   * @param ended called when the engine has reported
   */
  async up(program: PulumiFn, ended?: () => void): Promise<Span> {
    const from = Date.now();
    let to = from;
    this.stack.workspace.program = program;
    const running = this.stack.up({
      onEvent: ({ summaryEvent }) => {
        if (summaryEvent === undefined) return;
        to = Date.now();
        ended?.();
      },
    });
    // The engine has been told too, and ends its provider processes before it ends itself.
    const forgetInterrupt = onInterrupt(async () => {
      const stopped = running.then(
        () => {},
        () => {},
      );
      await Promise.race([stopped, sleep(millisecondsForTheEngineToStop, undefined, { ref: false })]);
    });
    try {
      await running;
      return { from, to };
    } finally {
      forgetInterrupt();
      // The interrupt decides what comes next.
      if (isInterrupted()) await new Promise(() => {});
    }
  }
}
