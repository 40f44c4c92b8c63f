import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Pulumi from "@pulumi/pulumi";
import type * as Automation from "@pulumi/pulumi/automation";
import type * as Library from "../../components";
import type * as AccountEntry from "../../components/account";
import type { Emulator } from "../../emulator/emulator";
import { keepConnectionsApart } from "../../scripts/engineClients";
import { isAtLeast } from "../../scripts/pulumiCli";

/** The folder with the packed tarball installed, and what a program there imports. */
export const app = (): string => join(process.env.E2E_ROOT as string, "app");
const fromApp = (): NodeJS.Require => createRequire(join(app(), "/"));
export const pulumi = (): typeof Pulumi => fromApp()("@pulumi/pulumi");
export const library = (): typeof Library => fromApp()("pulumi-cognitive-key-rotation");
export const accountEntry = (): typeof AccountEntry => fromApp()("pulumi-cognitive-key-rotation/account");
const automation = (): typeof Automation => fromApp()("@pulumi/pulumi/automation");

/** Whether the SDK that the tests have installed knows the option `replacementTrigger`: since 3.211.0. */
export function knowsReplacementTrigger(): boolean {
  return sdkIsAtLeast("3.211.0");
}

/** Whether that SDK passes on `runProgram`, `exclude`, and `previewOnly` of a refresh: 3.165.0 does, 3.160.0 not all. */
export function knowsRunProgram(): boolean {
  return sdkIsAtLeast("3.165.0");
}

/** Whether that SDK runs programs with TypeScript 6: since 3.229.0. */
export function knowsTypeScript6(): boolean {
  return sdkIsAtLeast("3.229.0");
}

function sdkIsAtLeast(minimum: string): boolean {
  const { version }: { version: string } = fromApp()("@pulumi/pulumi/package.json");
  return isAtLeast(version, minimum);
}

export type Program = () => Promise<Record<string, unknown>> | Record<string, unknown> | undefined;

/** What one command did: steps per kind for the resources of the program, and everything a person could see. */
export interface Run {
  /** For example `{ same: 1, create: 1 }`; the stack and the providers are left out. */
  steps: Record<string, number>;
  /** `op name` of each step, in the order in which they began. */
  order: string[];
  outputs: Record<string, { value: unknown; secret: boolean }>;
  /** stdout, stderr and the diagnostics of the engine. */
  printed: string;
}

export interface DeploymentOptions {
  /** @default "producer" */
  project?: string;
  /** Where the provider process starts, and resolves the package from. @default the app folder */
  main?: string;
  /** The backend of another deployment, for stack references. */
  backend?: string;
  /** Stack configuration, secret where marked. */
  config?: Automation.ConfigMap;
  /** Is told everything that commands print, and every event of the engine, each as it comes. */
  watch?: (source: "stdout" | "stderr" | "events", text: string) => void;
  /** Added to, or with `undefined` taken from, the emulator's variables. */
  environment?: Record<string, string | undefined>;
}

/** Found once a process: it asks the CLI for its version. */
let command: Promise<Automation.PulumiCommand> | undefined;

/** One stack on a file backend of its own, driven through the real CLI. */
export class Deployment {
  readonly backend: string;
  /** Where its project, its backend and the CLI's own files are. */
  readonly folder: string;
  private stack: Promise<Automation.Stack> | undefined;
  private readonly environment: Record<string, string>;

  constructor(
    emulator: Emulator,
    private readonly options: DeploymentOptions = {},
  ) {
    this.folder = mkdtempSync(join(process.env.E2E_ROOT as string, "stack-"));
    this.backend = options.backend ?? join(this.folder, "backend");
    mkdirSync(this.backend, { recursive: true });
    const environment = {
      ...emulator.environment(),
      NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
      ...options.environment,
    };
    this.environment = Object.fromEntries(Object.entries(environment).flatMap(([k, v]) => (v ? [[k, v]] : [])));
  }

  /** The name other stacks refer to this one by. */
  get reference(): string {
    return `organization/${this.project}/dev`;
  }

  /** The state as it lies on disk: Automation API's export would show secrets in plaintext. */
  get stateFile(): string {
    return readFileSync(join(this.backend, ".pulumi", "stacks", this.project, "dev.json"), "utf8");
  }

  async setEnvironment(variables: Record<string, string>): Promise<void> {
    const stack = await this.select();
    stack.workspace.envVars = { ...stack.workspace.envVars, ...variables };
  }

  async setConfig(config: Automation.ConfigMap): Promise<void> {
    await (await this.select()).setAllConfig(config);
  }

  up(program: Program, options: Partial<Automation.UpOptions> = {}): Promise<Run> {
    return this.run(async (stack, observe) => {
      stack.workspace.program = asPulumiProgram(program);
      const { outputs } = await stack.up({ ...options, ...observe });
      return outputs;
    });
  }

  preview(program: Program, options: Partial<Automation.PreviewOptions> = {}): Promise<Run> {
    return this.run(async (stack, observe) => {
      stack.workspace.program = asPulumiProgram(program);
      await stack.preview({ ...options, ...observe });
      return {};
    });
  }

  refresh(options: Partial<Automation.RefreshOptions> = {}): Promise<Run> {
    return this.run(async (stack, observe) => {
      await stack.refresh({ ...options, ...observe });
      return {};
    });
  }

  /** Ids of the CLI processes that hold this stack's lock, or have left it behind. */
  get lockedBy(): number[] {
    const folder = join(this.backend, ".pulumi", "locks", "organization", this.project, "dev");
    const files = existsSync(folder) ? readdirSync(folder) : [];
    const locks = files.filter((file) => file.endsWith(".json"));
    return locks.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).pid);
  }

  /** `pulumi cancel`. */
  async cancel(): Promise<void> {
    await (await this.select()).cancel();
  }

  /** `pulumi refresh --clear-pending-creates`, which the oldest SDKs do not pass on. */
  async clearPendingCreates(): Promise<void> {
    const { name } = await this.select();
    await this.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", name]);
  }

  /** `pulumi stack import`. */
  async importState(state: Automation.Deployment): Promise<void> {
    await (await this.select()).importStack(state);
  }

  /** `pulumi stack export --show-secrets`. */
  async exportState(): Promise<Automation.Deployment> {
    return (await this.select()).exportStack();
  }

  /** `pulumi stack output --show-secrets`. */
  async outputs(): Promise<Automation.OutputMap> {
    return (await this.select()).outputs();
  }

  /** `pulumi refresh --run-program`. */
  refreshWith(program: Program): Promise<Run> {
    return this.run(async (stack, observe) => {
      stack.workspace.program = asPulumiProgram(program);
      await stack.refresh({ runProgram: true, ...observe });
      return {};
    });
  }

  /** `pulumi destroy --run-program`. */
  destroyWith(program: Program): Promise<Run> {
    return this.run(async (stack, observe) => {
      stack.workspace.program = asPulumiProgram(program);
      await stack.destroy({ runProgram: true, ...observe });
      return {};
    });
  }

  destroy(options: Partial<Automation.DestroyOptions> = {}): Promise<Run> {
    return this.run(async (stack, observe) => {
      await stack.destroy({ ...options, ...observe });
      return {};
    });
  }

  /** `pulumi state move`: hands resources over to another stack of the same backend. */
  async moveState(to: Deployment, ...urns: string[]): Promise<void> {
    // Run in the folder of the other stack, where one that is still empty finds how it encrypts.
    await to.pulumi(["state", "move", "--yes", "--source", this.reference, "--dest", to.reference, ...urns]);
  }

  /** `pulumi state delete`: forgets a resource without asking its provider to delete it. */
  async deleteFromState(urn: string): Promise<void> {
    const { name } = await this.select();
    await this.pulumi(["state", "delete", "--yes", "--stack", name, urn]);
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

  /** The outputs of the stack as they lie in its state, without a command; `[secret]` for those that are secret. */
  get maskedOutputs(): Record<string, unknown> {
    const { checkpoint } = JSON.parse(this.stateFile);
    const resources: { type: string; outputs?: Record<string, unknown> }[] = checkpoint.latest?.resources ?? [];
    const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
    const isSecret = (value: unknown) => typeof value === "object" && value !== null && "ciphertext" in value;
    return Object.fromEntries(Object.entries(outputs).map(([k, v]) => [k, isSecret(v) ? "[secret]" : v]));
  }

  private get project(): string {
    return this.options.project ?? "producer";
  }

  private select(): Promise<Automation.Stack> {
    this.stack ??= this.create();
    return this.stack;
  }

  private async create(): Promise<Automation.Stack> {
    const { LocalWorkspace, PulumiCommand } = automation();
    keepConnectionsApart(fromApp());
    command ??= PulumiCommand.get({ root: process.env.PULUMI_CLI_ROOT });
    const workDir = join(this.folder, this.project);
    mkdirSync(workDir, { recursive: true });
    const stack = await LocalWorkspace.createStack(
      { stackName: "dev", projectName: this.project, program: async () => {} },
      {
        workDir,
        pulumiHome: join(this.folder, "home"),
        pulumiCommand: this.frugal(await command),
        envVars: this.environment,
        projectSettings: { name: this.project, runtime: "nodejs", main: this.options.main ?? app() },
      },
    );
    if (this.options.config) await stack.setAllConfig(this.options.config);
    return stack;
  }

  /**
   * After each command Automation API asks the CLI for the history and twice for the outputs, a second of CPU a time.
   * No test needs the history, and which outputs are secret stands in the state file.
   */
  private frugal(command: Automation.PulumiCommand): Automation.PulumiCommand {
    const hooked: { run: (args: string[], ...rest: unknown[]) => Promise<unknown> } = Object.create(command);
    const run = hooked.run.bind(command);
    hooked.run = async (args, ...rest) => {
      const done = (stdout: unknown) => ({ stdout: JSON.stringify(stdout), stderr: "", code: 0 });
      if (args[0] === "stack" && args[1] === "history") return done([]);
      if (args[0] === "stack" && args[1] === "output" && !args.includes("--show-secrets")) {
        return done(this.maskedOutputs);
      }
      return run(args, ...rest);
    };
    return hooked as unknown as Automation.PulumiCommand;
  }

  private async run(command: Command): Promise<Run> {
    const run: Run = { steps: {}, order: [], outputs: {}, printed: "" };
    const print = (text: string): void => {
      run.printed += text;
    };
    const printing = (source: "stdout" | "stderr") => (text: string) => {
      print(text);
      this.options.watch?.(source, text);
    };
    const onEvent = (event: Automation.EngineEvent): void => {
      const { resourcePreEvent, diagnosticEvent } = event;
      if (diagnosticEvent && isPulumisOwnLeak(diagnosticEvent)) return;
      this.options.watch?.("events", `${JSON.stringify(event)}\n`);
      if (diagnosticEvent) print(diagnosticEvent.message);
      if (resourcePreEvent === undefined) return;
      const { op, type, urn } = resourcePreEvent.metadata;
      if (type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")) return;
      run.steps[op] = (run.steps[op] ?? 0) + 1;
      run.order.push(`${op} ${urn.split("::").pop()}`);
    };
    try {
      run.outputs = await command(await this.select(), {
        onEvent,
        onOutput: printing("stdout"),
        onError: printing("stderr"),
      });
      return run;
    } catch (error) {
      throw Object.assign(error as Error, { run });
    }
  }
}

type Command = (stack: Automation.Stack, observe: object) => Promise<Automation.OutputMap>;

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

/** `@pulumi/pulumi` sends every output of every resource, secrets in plaintext, as a debug diagnostic of its own. */
function isPulumisOwnLeak({ message }: Automation.DiagnosticEvent): boolean {
  return message.includes("RegisterResource RPC finished");
}

function asPulumiProgram(program: Program): Automation.PulumiFn {
  return async () => program();
}
