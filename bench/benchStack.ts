import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type EngineEvent,
  LocalWorkspace,
  type OpMap,
  type PulumiCommand,
  type PulumiFn,
  type Stack,
  type UpOptions,
} from "@pulumi/pulumi/automation";
import { isInterrupted, onInterrupt } from "../scripts/interrupt";

const millisecondsForTheEngineToStop = 15_000;

export interface BenchStackOptions {
  command: PulumiCommand;
  /** Where everything is kept that stacks need on disk. */
  folder: string;
  /** The environment of the engine, beside that of this process. */
  environment: Record<string, string>;
  /** Where the provider process starts, and finds this package and the Azure SDK. @default this repository */
  main?: string;
}

/** From one moment to another, both in milliseconds since the epoch. */
export interface Span {
  from: number;
  to: number;
}

/** How long a command took, and how many steps of each kind it had, that of the stack included. */
export interface CommandSpan extends Span {
  steps: OpMap;
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
    const { command, folder, environment, main = resolve(__dirname, "..") } = options;
    const workDir = join(folder, `${project}-${stackName}`);
    mkdirSync(workDir);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: project, program: async () => {} },
      {
        workDir,
        pulumiHome: join(folder, "home"),
        pulumiCommand: command,
        envVars: environment,
        projectSettings: { name: project, runtime: "nodejs", main },
      },
    );
    return new BenchStack(stack, project);
  }

  /**
   * Deploys the program.
   *
   * @param ended called when the engine has reported
   */
  up(program: PulumiFn, ended?: () => void, options: Pick<UpOptions, "parallel"> = {}): Promise<CommandSpan> {
    this.stack.workspace.program = program;
    return this.timed((onEvent) => this.stack.up({ ...options, onEvent }), ended);
  }

  preview(program: PulumiFn): Promise<CommandSpan> {
    this.stack.workspace.program = program;
    return this.timed((onEvent) => this.stack.preview({ onEvent }));
  }

  refresh(): Promise<CommandSpan> {
    return this.timed((onEvent) => this.stack.refresh({ onEvent }));
  }

  /**
   * The time from the command's start to the engine's closing report. What the Automation API asks of the CLI after that,
   * about a second, is nothing that a person at a terminal waits for.
   */
  private async timed(
    command: (onEvent: (event: EngineEvent) => void) => Promise<unknown>,
    ended?: () => void,
  ): Promise<CommandSpan> {
    const span: CommandSpan = { from: Date.now(), to: 0, steps: {} };
    const running = command(({ summaryEvent }) => {
      if (summaryEvent === undefined) return;
      span.to = Date.now();
      span.steps = summaryEvent.resourceChanges;
      ended?.();
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
      if (span.to === 0) throw new Error("the engine has not reported the end of the command");
      return span;
    } finally {
      forgetInterrupt();
      // The interrupt decides what comes next.
      if (isInterrupted()) await new Promise(() => {});
    }
  }
}
