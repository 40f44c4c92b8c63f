import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A stack as its backend knows it. */
export interface StackId {
  project: string;
  name: string;
}

/** Runs a command of the CLI, and gives what it prints. */
export type RunPulumi = (args: string[]) => Promise<string>;

/** As much of a state as is looked at. What is secret is encrypted. */
export interface State {
  resources: StoredResource[];
  pending_operations?: { type: string; resource: { urn: string } }[];
}

/** What every resource of a provider has. */
export interface StoredResource {
  urn: string;
  type: string;
  /** Left over from a replacement. */
  delete?: true;
  parent: string;
  provider: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** Where stacks are kept, and what differs by that. */
export interface Backend {
  /** What the CLI needs to find it. */
  readonly environment: Record<string, string>;
  /** Who owns its stacks. */
  readonly organization: string;
  /** The name there of what the program in this folder calls so. */
  nameFor(name: string, folder: string): string;
  /** All that is kept of a stack, as JSON without secrets in plaintext, or nothing where that is not to be read. */
  stored(stack: StackId, pulumi: RunPulumi): Promise<string | undefined>;
  /** Whether an update runs, or has left its lock behind. */
  isLocked(stack: StackId, pulumi: RunPulumi): Promise<boolean>;
  /** Forgets a stack with all its resources, if it is there. */
  remove(stack: StackId, pulumi: RunPulumi): Promise<void>;
}

/** @param place a folder, or the URL of Pulumi Cloud or of another server of its protocol */
export function backendAt(place: string): Backend {
  return isServer(place) ? new ServerBackend(place) : new FileBackend(place);
}

export function isServer(place: string): boolean {
  return /^https?:\/\//.test(place);
}

/** Of the file of a folder, or of what the CLI exports. */
export function stateIn(stored: string): State {
  const { checkpoint, deployment = checkpoint.latest } = JSON.parse(stored);
  return { resources: [], ...deployment };
}

class FileBackend implements Backend {
  readonly environment: Record<string, string>;
  readonly organization = "organization";

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.environment = {
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "the state lives as long as its folder",
    };
  }

  nameFor(name: string): string {
    return name;
  }

  async stored({ project, name }: StackId): Promise<string | undefined> {
    const file = join(this.folder, ".pulumi", "stacks", project, `${name}.json`);
    // A backend that compresses has another file.
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  async isLocked({ project, name }: StackId): Promise<boolean> {
    const folder = join(this.folder, ".pulumi", "locks", this.organization, project, name);
    return existsSync(folder) && readdirSync(folder).some((file) => file.endsWith(".json"));
  }

  /** Its files go with their folder. */
  async remove(): Promise<void> {}
}

/** Encrypts by itself, and knows by `PULUMI_ACCESS_TOKEN` who asks. */
class ServerBackend implements Backend {
  readonly environment: Record<string, string>;

  constructor(url: string) {
    this.environment = { PULUMI_BACKEND_URL: url };
  }

  /** The CLI follows this variable too. */
  get organization(): string {
    const { PULUMI_DEFAULT_ORGANIZATION } = process.env;
    if (!PULUMI_DEFAULT_ORGANIZATION) throw new Error("PULUMI_DEFAULT_ORGANIZATION must say who owns the stacks.");
    return PULUMI_DEFAULT_ORGANIZATION;
  }

  /** Many call theirs alike, at once and one after the other, and each has a folder of its own. */
  nameFor(name: string, folder: string): string {
    return `${name}-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
  }

  stored({ name }: StackId, pulumi: RunPulumi): Promise<string> {
    return pulumi(["stack", "export", "--stack", name]);
  }

  async isLocked({ project, name }: StackId, pulumi: RunPulumi): Promise<boolean> {
    const listed = await pulumi(["stack", "ls", "--project", project, "--json"]);
    const stacks: { name: string; updateInProgress: boolean }[] = JSON.parse(listed);
    return stacks.some((stack) => stack.name.split("/").pop() === name && stack.updateInProgress);
  }

  async remove({ name }: StackId, pulumi: RunPulumi): Promise<void> {
    try {
      await pulumi(["stack", "rm", "--force", "--yes", "--stack", name]);
    } catch (error) {
      if (!/no stack named/.test((error as Error).message)) throw error;
    }
  }
}
