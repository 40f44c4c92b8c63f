import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Automation from "@pulumi/pulumi/automation";
import { type Backend, backendAt, type State, stateIn } from "./backend";
import { keepConnectionsApart } from "./engineClients";
import { isInterrupted, onInterrupt } from "./interrupt";

export type Program = () => Promise<Record<string, unknown>> | Record<string, unknown> | undefined;

/** What one command did: steps per kind for the resources of the program, and everything a person could see. */
export interface Run {
  /** For example `{ same: 1, create: 1 }`; Pulumi's own resources are left out: stacks, their references, providers. */
  steps: Record<string, number>;
  /** `op name` of each step, in the order in which they began. */
  order: string[];
  outputs: Record<string, { value: unknown; secret: boolean }>;
  /** stdout, stderr and the diagnostics of the engine. */
  printed: string;
  /** The engine's errors, each as it says it. */
  errors: string[];
  /** From the start of the CLI's process to its end, in milliseconds since the epoch. */
  span: Span;
}

/** From one moment to another, both in milliseconds since the epoch. */
export interface Span {
  from: number;
  to: number;
}

/** What is set; `undefined` goes back to the default. */
export type Config = Record<string, string | Automation.ConfigValue | undefined>;

export interface InlineStackOptions {
  /** Where its project, its backend and the CLI's own files are; the stack of an earlier process goes on. */
  folder: string;
  /** @default "producer" */
  project?: string;
  /** @default "dev" */
  name?: string;
  /** What commands run that are given no other. @default nothing */
  program?: Program;
  /** Where the provider process starts, and resolves the package from. @default this repository */
  main?: string;
  /** Requires the SDK that the program uses. @default this repository's */
  load?: NodeJS.Require;
  /** The project's settings beside these. */
  settings?: Partial<Automation.ProjectSettings>;
  /** That of another stack for stack references: a folder, or the URL of a server. @default a folder of its own */
  backend?: string;
  /** Stack configuration, secret where marked. */
  config?: Config;
  /** The environment of the engine, beside that of this process. What is `undefined` is left out. */
  environment: Record<string, string | undefined>;
  /** Is told everything that commands print, and every event of the engine, each as it comes. */
  watch?: (source: "stdout" | "stderr" | "events", text: string) => void;
}

type Observed<Options> = Partial<Options> & { onEvent?: (event: Automation.EngineEvent) => void };

const millisecondsForTheEngineToStop = 15_000;

/** Found once a process for each SDK: it asks the CLI for its version. */
const commands = new Map<typeof Automation, Promise<Automation.PulumiCommand>>();

/**
 * A stack whose program is a function of this process, driven through the real CLI: the one that `obtainPulumiCli` has
 * found.
 */
export class InlineStack {
  readonly project: string;
  readonly backend: string;
  readonly folder: string;
  /** As the backend has it, and URNs do. */
  readonly name: string;
  private readonly place: Backend;
  private stack: Promise<Automation.Stack> | undefined;
  /** Of the last command that `run` has run. */
  private span: Span = { from: 0, to: 0 };

  constructor(private readonly options: InlineStackOptions) {
    this.folder = options.folder;
    this.project = options.project ?? "producer";
    this.backend = options.backend ?? join(this.folder, "backend");
    this.place = backendAt(this.backend);
    this.name = this.place.nameFor(options.name ?? "dev", this.folder);
  }

  /** The name other stacks refer to this one by. */
  get reference(): string {
    return `${this.place.organization}/${this.project}/${this.name}`;
  }

  /** All that the backend keeps of it: Automation API's export would show secrets in plaintext. */
  async stored(): Promise<string> {
    const stored = await this.place.stored(this, this.print);
    if (stored === undefined) throw new Error(`no state of ${this.name} was found in ${this.backend}`);
    return stored;
  }

  async state(): Promise<State> {
    return stateIn(await this.stored());
  }

  /** The outputs of the stack as they lie in its state; `[secret]` for those that are secret. */
  async maskedOutputs(): Promise<Record<string, unknown>> {
    return maskedOutputsOf(await this.state());
  }

  /** Whether a command runs that changes it, or has left its lock behind. */
  isLocked(): Promise<boolean> {
    return this.place.isLocked(this, this.print);
  }

  /** Removes it from a server, with all that is in its state. A folder is removed by whoever has made it. */
  async remove(): Promise<void> {
    const created = await this.stack?.catch(noMore);
    if (created) await this.place.remove(this, this.print);
  }

  up(program?: Program, options: Observed<Automation.UpOptions> = {}): Promise<Run> {
    return this.run("up", options, program);
  }

  preview(program?: Program, options: Observed<Automation.PreviewOptions> = {}): Promise<Run> {
    return this.run("preview", options, program);
  }

  refresh(options: Observed<Automation.RefreshOptions> = {}): Promise<Run> {
    return this.run("refresh", options);
  }

  /** `pulumi refresh --run-program`. */
  refreshWith(program: Program): Promise<Run> {
    return this.run("refresh", { runProgram: true }, program);
  }

  destroy(options: Observed<Automation.DestroyOptions> = {}): Promise<Run> {
    return this.run("destroy", options);
  }

  /** `pulumi destroy --run-program`. */
  destroyWith(program: Program): Promise<Run> {
    return this.run("destroy", { runProgram: true }, program);
  }

  /** Sets what is given, goes back to the default of what is `undefined`, and leaves the rest. */
  async configure(config: Config): Promise<void> {
    await setConfig(await this.select(), config);
  }

  async setEnvironment(variables: Record<string, string>): Promise<void> {
    const { workspace } = await this.select();
    workspace.envVars = { ...workspace.envVars, ...variables };
  }

  /** The stack as Automation API has it, created when it is first asked for. */
  select(): Promise<Automation.Stack> {
    this.stack ??= this.create();
    return this.stack;
  }

  /** Any other command, run in the stack's folder; fails as the command does. */
  async pulumi(args: string[], environment: Record<string, string> = {}): Promise<{ stdout: string; stderr: string }> {
    const { workspace } = await this.select();
    const command = workspace.pulumiCommand as unknown as {
      run(args: string[], cwd: string, environment: object): Promise<{ stdout: string; stderr: string }>;
    };
    const variables = { ...workspace.envVars, PULUMI_HOME: workspace.pulumiHome, ...environment };
    return command.run(args, workspace.workDir, variables);
  }

  private readonly print = async (args: string[]): Promise<string> => (await this.pulumi(args)).stdout;

  private async create(): Promise<Automation.Stack> {
    const { load = require, main = resolve(__dirname, ".."), settings } = this.options;
    const automation: typeof Automation = load("@pulumi/pulumi/automation");
    keepConnectionsApart(load);
    const command = commands.get(automation) ?? automation.PulumiCommand.get({ root: process.env.PULUMI_CLI_ROOT });
    commands.set(automation, command);
    const environment = {
      ...this.place.environment,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...this.options.environment,
    };
    const workDir = join(this.folder, this.project);
    const isNew = mkdirSync(workDir, { recursive: true }) !== undefined;
    const stack = await automation.LocalWorkspace[isNew ? "createStack" : "selectStack"](
      { stackName: this.name, projectName: this.project, program: async () => {} },
      {
        workDir,
        pulumiHome: join(this.folder, "home"),
        pulumiCommand: this.frugal(await command),
        envVars: Object.fromEntries(Object.entries(environment).flatMap(([k, v]) => (v ? [[k, v]] : []))),
        projectSettings: { ...settings, name: this.project, runtime: "nodejs", main },
      },
    );
    await setConfig(stack, this.options.config ?? {});
    return stack;
  }

  /**
   * After each command Automation API asks the CLI for the history and twice for the outputs, a second of CPU a time.
   * Nobody needs the history, and which outputs are secret stands in the state. Notes how long the commands take.
   */
  private frugal(command: Automation.PulumiCommand): Automation.PulumiCommand {
    const hooked: { run: (args: string[], ...rest: unknown[]) => Promise<unknown> } = Object.create(command);
    const run = hooked.run.bind(command);
    hooked.run = async (args, ...rest) => {
      const done = (stdout: unknown) => ({ stdout: JSON.stringify(stdout), stderr: "", code: 0 });
      if (args[0] === "stack" && args[1] === "history") return done([]);
      const asksForOutputs = args[0] === "stack" && args[1] === "output" && !args.includes("--show-secrets");
      const stored = asksForOutputs && (await this.place.stored(this, this.print));
      if (stored) return done(maskedOutputsOf(stateIn(stored)));
      if (!isObserved(args[0])) return run(args, ...rest);
      const from = Date.now();
      try {
        return await run(args, ...rest);
      } finally {
        this.span = { from, to: Date.now() };
      }
    };
    return hooked as unknown as Automation.PulumiCommand;
  }

  private async run(
    command: (typeof observedCommands)[number],
    options: Observed<Automation.UpOptions & Automation.RefreshOptions>,
    program = this.options.program,
  ): Promise<Run> {
    const run: Run = { steps: {}, order: [], outputs: {}, printed: "", errors: [], span: this.span };
    const printing = (source: "stdout" | "stderr") => (text: string) => {
      run.printed += text;
      this.options.watch?.(source, text);
    };
    const onEvent = (event: Automation.EngineEvent): void => {
      const { resourcePreEvent, diagnosticEvent } = event;
      if (diagnosticEvent && isPulumisOwnLeak(diagnosticEvent)) return;
      this.options.watch?.("events", `${JSON.stringify(event)}\n`);
      options.onEvent?.(event);
      if (diagnosticEvent) run.printed += diagnosticEvent.message;
      if (diagnosticEvent?.severity === "error") run.errors.push(diagnosticEvent.message.trim());
      if (resourcePreEvent === undefined) return;
      const { op, type, urn } = resourcePreEvent.metadata;
      if (type.startsWith("pulumi:")) return;
      run.steps[op] = (run.steps[op] ?? 0) + 1;
      run.order.push(`${op} ${urn.split("::").pop()}`);
    };
    const observe = { onEvent, onOutput: printing("stdout"), onError: printing("stderr") };
    let forgetInterrupt = () => {};
    try {
      const stack = await this.select();
      // Not wrapped in a function, which the engine would note in the state of every resource. A promise is not needed.
      if (program) stack.workspace.program = program as Automation.PulumiFn;
      const running = stack[command]({ color: "never", ...options, ...observe });
      // The engine is told too, and ends its provider processes before it ends itself.
      forgetInterrupt = onInterrupt(async () => {
        const ended = running.then(noMore, noMore);
        await Promise.race([ended, sleep(millisecondsForTheEngineToStop, undefined, { ref: false })]);
      });
      const result = await running;
      if ("outputs" in result) run.outputs = result.outputs as Automation.OutputMap;
      return run;
    } catch (error) {
      throw Object.assign(error as Error, { run });
    } finally {
      run.span = this.span;
      forgetInterrupt();
      // The interrupt decides what comes next.
      if (isInterrupted()) await new Promise(noMore);
    }
  }
}

/** The commands whose events are watched. */
const observedCommands = ["up", "preview", "refresh", "destroy"] as const;

function isObserved(command: string): command is (typeof observedCommands)[number] {
  return (observedCommands as readonly string[]).includes(command);
}

/** The run of a command that must fail. */
export async function failing(command: Promise<Run>): Promise<Run> {
  let succeeded: Run;
  try {
    succeeded = await command;
  } catch (error) {
    const { run } = error as { run?: Run };
    if (run === undefined) throw error;
    return run;
  }
  throw new Error(`the command was expected to fail, and printed: ${succeeded.printed}`);
}

function maskedOutputsOf({ resources }: State): Record<string, unknown> {
  const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  const isSecret = (value: unknown) => typeof value === "object" && value !== null && "ciphertext" in value;
  return Object.fromEntries(Object.entries(outputs).map(([k, v]) => [k, isSecret(v) ? "[secret]" : v]));
}

async function setConfig(stack: Automation.Stack, config: Config): Promise<void> {
  const set: Automation.ConfigMap = {};
  for (const [key, value] of Object.entries(config)) {
    if (value !== undefined) set[key] = typeof value === "string" ? { value } : value;
  }
  const unset = Object.keys(config).filter((key) => config[key] === undefined);
  if (Object.keys(set).length > 0) await stack.setAllConfig(set);
  if (unset.length > 0) await stack.removeAllConfig(unset);
}

/** `@pulumi/pulumi` sends every output of every resource, secrets in plaintext, as a debug diagnostic of its own. */
function isPulumisOwnLeak({ message }: Automation.DiagnosticEvent): boolean {
  return message.includes("RegisterResource RPC finished");
}

function noMore(): void {}
