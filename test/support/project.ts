import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import type { Emulator } from "../../emulator/emulator";
import { type Backend, backendAt, isServer, stateIn } from "../../scripts/backend";
import { runChild } from "../../scripts/childProcess";
import { app } from "./deployment";
import { afterTest } from "./hooks";
import { account, group, name, regenerations, replaced } from "./scenario";

/**
 * One program for every kind of project: TypeScript and an ES module as it stands. The trigger comes from the stack's
 * configuration.
 */
export const program = `
  import * as pulumi from "@pulumi/pulumi";
  import { RotatingCognitiveAccountKey } from "pulumi-cognitive-key-rotation";

  const rotating = new RotatingCognitiveAccountKey("key", {
    resourceGroupName: "${group}",
    accountName: "${name}",
    rotationTrigger: new pulumi.Config().require("trigger"),
  });

  export const { key, keyFingerprint } = rotating;
`;

/** What one `pulumi up` did: its steps per kind, without the stack and the providers, and the stack's outputs after it. */
export interface ProjectRun {
  steps: Record<string, number>;
  /** As they lie in the state: what is secret has a `ciphertext`. */
  outputs: Record<string, unknown>;
}

export function newFolder(named: string): string {
  return mkdtempSync(join(process.env.E2E_ROOT as string, `${named}-`));
}

/** A new folder with these files. */
export function projectFolder(files: Record<string, string | object>): string {
  const folder = newFolder("project");
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

/** Gives a project what is installed in the app folder. */
export function shareInstallation(folder: string): void {
  symlinkSync(join(app(), "node_modules"), join(folder, "node_modules"), "dir");
}

/** Gives a project what is installed in the app folder, as files of its own: it can add packages that others do not see. */
export function copyInstallation(folder: string): void {
  linkTree(join(app(), "node_modules"), join(folder, "node_modules"));
}

/** 16 000 files are linked in half a second and copied in four. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
}

/** A stand-alone project, deployed as a person does: by commands in its folder. */
export class Project {
  /** What its commands run with; a test may change it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Its stack, as the backend calls it. */
  readonly name: string;
  /** Where the CLI's own files are, and its state where that is in files. */
  readonly kept: string;
  private readonly place: Backend;
  private readonly stacks = new Set<string>();

  /**
   * @param folder where its `Pulumi.yaml` is
   * @param backend that of another project, to refer to its stack
   */
  constructor(
    emulator: Emulator,
    private readonly folder: string,
    readonly backend = process.env.E2E_BACKEND_URL ?? newFolder("backend"),
  ) {
    this.place = backendAt(backend);
    this.name = this.nameFor("dev");
    this.kept = isServer(backend) ? newFolder("kept") : backend;
    if (isServer(backend)) afterTest(() => this.remove());
    this.environment = {
      ...process.env,
      ...emulator.environment(),
      NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
      PATH: [process.env.LANGUAGE_HOST_FOLDER, process.env.PATH].filter(Boolean).join(delimiter),
      PULUMI_HOME: join(this.kept, "home"),
      ...this.place.environment,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
      // Without it no command writes its events to a file.
      PULUMI_DEBUG_COMMANDS: "true",
    };
  }

  /** What the backend calls another stack of it. */
  nameFor(stack: string): string {
    return this.place.nameFor(stack, this.folder);
  }

  /** The name other stacks refer to one by. */
  reference(stack = this.name): string {
    return `${this.place.organization}/${this.project}/${stack}`;
  }

  /** `pulumi stack init`. */
  async initialize(stack = this.name): Promise<void> {
    if (this.stacks.has(stack)) return;
    await this.pulumi(["stack", "init", stack]);
    this.stacks.add(stack);
  }

  /** `pulumi up`, with this added to the stack's configuration. */
  async up(config: Record<string, string>): Promise<ProjectRun> {
    await this.initialize();
    const events = join(this.kept, "events");
    const settings = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    await this.pulumi(["up", "--stack", this.name, "--yes", "--skip-preview", "--event-log", events, ...settings]);
    return { steps: countSteps(readFileSync(events, "utf8")), outputs: await this.outputs() };
  }

  /** `pulumi config set --path`, for each path and its value. */
  async configure(settings: Record<string, string>): Promise<void> {
    await this.initialize();
    for (const [path, value] of Object.entries(settings))
      await this.pulumi(["config", "set", "--stack", this.name, "--path", path, value]);
  }

  /** `pulumi stack output --show-secrets`. */
  async output(output: string): Promise<string> {
    const { stdout } = await this.pulumi(["stack", "output", output, "--stack", this.name, "--show-secrets"]);
    return stdout.trim();
  }

  /** What a command prints that must succeed. */
  async pulumi(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<{ stdout: string; stderr: string }> {
    const { code, stdout, stderr } = await runChild("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.folder,
      env: { ...this.environment, ...environment },
    });
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return { stdout, stderr };
  }

  private async outputs(): Promise<Record<string, unknown>> {
    const { resources } = stateIn((await this.place.stored(this, this.print)) as string);
    return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  }

  get project(): string {
    return parse(readFileSync(join(this.folder, "Pulumi.yaml"), "utf8")).name;
  }

  private async remove(): Promise<void> {
    for (const name of this.stacks) await this.place.remove({ project: this.project, name }, this.print);
  }

  private readonly print = async (args: string[]): Promise<string> => (await this.pulumi(args)).stdout;
}

function countSteps(log: string): Record<string, number> {
  const steps: Record<string, number> = {};
  for (const line of log.trim().split("\n")) {
    const { resourcePreEvent } = JSON.parse(line) as EngineEvent;
    if (resourcePreEvent === undefined) continue;
    const { op, type } = resourcePreEvent.metadata;
    if (!type.startsWith("pulumi:")) steps[op] = (steps[op] ?? 0) + 1;
  }
  return steps;
}

/**
 * What a project of every kind does with `program`: rotates when it is first deployed, leaves the key alone while nothing
 * changes, rotates once when the trigger does, and publishes the live key each time, as a secret.
 *
 * @param between changes something of the project that must not matter, after the first deployment
 */
export async function assertRotates(project: Project, emulator: Emulator, between = () => {}): Promise<void> {
  const created = await project.up({ trigger: "1" });
  assert.deepEqual(created.steps, { create: 1 });
  assertPublished(created, account(emulator).key1);
  between();
  assert.deepEqual((await project.up({ trigger: "1" })).steps, { same: 1 });
  assert.equal(regenerations(emulator), 1);
  const rotated = await project.up({ trigger: "2" });
  assert.deepEqual(rotated.steps, replaced);
  assertPublished(rotated, account(emulator).key1);
  assert.equal(regenerations(emulator), 2);
  assert.equal(await project.output("key"), account(emulator).key1);
}

/** That the stack's output is this key, as its fingerprint tells, and a secret. */
export function assertPublished({ outputs }: ProjectRun, live: string): void {
  assert.equal(outputs.keyFingerprint, createHash("sha256").update(live).digest("hex").slice(0, 12));
  assert.ok("ciphertext" in (outputs.key as object));
}
