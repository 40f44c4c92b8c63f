import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type ConfigMap,
  type EngineEvent,
  LocalWorkspace,
  type OutputMap,
  type PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { keepConnectionsApart } from "./engineClients";

/** What one command did. */
export interface Run {
  /** Steps per kind, for example `{ create: 1 }`, of the resources that the program manages. */
  steps: Record<string, number>;
  outputs: OutputMap;
}

export interface ExampleStackOptions {
  command: PulumiCommand;
  /** Where everything is kept that the stack needs on disk. */
  folder: string;
  /** The environment of the engine, beside that of this process. */
  environment: Record<string, string>;
  config: Record<string, string>;
  /** @default "dev" */
  stackName?: string;
  /** Gets everything that the CLI prints. */
  onPrint(text: string): void;
}

/** One of the projects in `examples/`, deployed from where it lies. */
export class ExampleStack {
  /** The name other stacks refer to this one by. */
  readonly reference: string;

  private constructor(
    readonly project: string,
    private readonly stack: Stack,
    private readonly onPrint: (text: string) => void,
  ) {
    this.reference = `organization/${project}/${stack.name}`;
  }

  static async create(project: string, options: ExampleStackOptions): Promise<ExampleStack> {
    const example = resolve(__dirname, "../examples", project);
    const stackName = options.stackName ?? "dev";
    const workDir = join(options.folder, `${project}-${stackName}`);
    mkdirSync(workDir);
    // The example's own settings; only the stack's configuration, which Pulumi puts beside this file, goes elsewhere.
    const settings = readFileSync(join(example, "Pulumi.yaml"), "utf8");
    writeFileSync(join(workDir, "Pulumi.yaml"), `${settings}main: ${JSON.stringify(example)}\n`);
    keepConnectionsApart(require);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: project, program: freshly(join(example, "index.ts")) },
      {
        workDir,
        pulumiHome: join(options.folder, "home"),
        pulumiCommand: options.command,
        envVars: options.environment,
      },
    );
    const created = new ExampleStack(project, stack, options.onPrint);
    await created.configure(options.config);
    return created;
  }

  /** Sets what is given, goes back to the default of what is `undefined`, and leaves the rest. */
  async configure(config: Record<string, string | undefined>): Promise<void> {
    const set: ConfigMap = {};
    const unset: string[] = [];
    for (const [key, value] of Object.entries(config)) {
      if (value === undefined) unset.push(`${this.project}:${key}`);
      else set[`${this.project}:${key}`] = { value };
    }
    await this.stack.setAllConfig(set);
    if (unset.length > 0) await this.stack.removeAllConfig(unset);
  }

  up(): Promise<Run> {
    return this.run("up", async (observe) => (await this.stack.up(observe)).outputs);
  }

  preview(): Promise<Run> {
    return this.run("preview", async (observe) => {
      await this.stack.preview(observe);
      return {};
    });
  }

  destroy(): Promise<Run> {
    return this.run("destroy", async (observe) => {
      await this.stack.destroy(observe);
      return {};
    });
  }

  private async run(name: string, command: (observe: object) => Promise<OutputMap>): Promise<Run> {
    const steps: Record<string, number> = {};
    const errors: string[] = [];
    const onEvent = ({ resourcePreEvent, diagnosticEvent }: EngineEvent): void => {
      // Debug messages hold secrets in plaintext: @pulumi/pulumi's "RegisterResource RPC finished".
      if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message.trim());
      if (resourcePreEvent === undefined) return;
      const { op, type } = resourcePreEvent.metadata;
      if (type.startsWith("pulumi:")) return;
      steps[op] = (steps[op] ?? 0) + 1;
    };
    try {
      const outputs = await command({ onEvent, onOutput: this.onPrint, onError: this.onPrint, color: "never" });
      return { steps, outputs };
    } catch (error) {
      const reason = errors.join("\n") || (error as Error).message;
      throw new RunFailure(`pulumi ${name} in examples/${this.project} failed:\n${reason}`, errors);
    }
  }
}

/** A command that failed, and what the engine said in its errors. */
export class RunFailure extends Error {
  constructor(
    message: string,
    readonly errors: readonly string[],
  ) {
    super(message);
  }
}

/** The program as the engine would run it: from its first line, at each command. */
function freshly(file: string): PulumiFn {
  return async () => {
    delete require.cache[file];
    return { ...require(file) };
  };
}
