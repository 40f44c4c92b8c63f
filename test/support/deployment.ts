import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import type * as Pulumi from "@pulumi/pulumi";
import type * as Automation from "@pulumi/pulumi/automation";
import type * as Library from "../../components";
import type * as AccountEntry from "../../components/account";
import type { Emulator } from "../../emulator/emulator";
import { isServer } from "../../scripts/backend";
import { pluginFolder } from "../../scripts/buildPlugin";
import { InlineStack, type InlineStackOptions } from "../../scripts/inlineStack";
import { isAtLeast } from "../../scripts/pulumiCli";
import { afterTest } from "./hooks";

export type { State, StoredResource } from "../../scripts/backend";
export { type Config, failing, type Program, type Run } from "../../scripts/inlineStack";

/** The folder with the packed tarball installed, and what a program there imports. */
export const app = (): string => join(process.env.E2E_ROOT as string, "app");
const fromApp = (): NodeJS.Require => createRequire(join(app(), "/"));
export const pulumi = (): typeof Pulumi => fromApp()("@pulumi/pulumi");
export const library = (): typeof Library => fromApp()("pulumi-cognitive-key-rotation");
export const accountEntry = (): typeof AccountEntry => fromApp()("pulumi-cognitive-key-rotation/account");

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

export type DeploymentOptions = Omit<InlineStackOptions, "folder" | "load" | "environment"> & {
  /** @default a new one */
  folder?: string;
  /** Added to, or with `undefined` taken from, the emulator's variables. */
  environment?: InlineStackOptions["environment"];
};

/** Automation API tells nobody which processes it starts. */
const processes = new Set<ChildProcess>();
subscribe("child_process", (started) => {
  const { process } = started as { process: ChildProcess };
  processes.add(process);
  process.once("exit", () => processes.delete(process));
});

/** One stack against an emulator, of a program that imports what is installed in the app folder, as a user's does. */
export class Deployment extends InlineStack {
  constructor(emulator: Emulator, options: DeploymentOptions = {}) {
    super({
      folder: mkdtempSync(join(process.env.E2E_ROOT as string, "stack-")),
      main: app(),
      load: fromApp(),
      backend: process.env.E2E_BACKEND_URL,
      ...options,
      environment: {
        ...emulator.environment(),
        NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
        PATH: [pluginFolder, process.env.PATH].join(delimiter),
        PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
        ...options.environment,
      },
    });
    if (isServer(this.backend)) afterTest(() => this.remove());
  }

  /** The id of the CLI's process, while a command runs. */
  get engine(): number {
    const running = [...processes].find(({ spawnargs }) => spawnargs.includes(this.name));
    if (running?.pid === undefined) throw new Error(`no command of ${this.name} is running`);
    return running.pid;
  }

  /** `pulumi cancel`. */
  async cancel(): Promise<void> {
    await (await this.select()).cancel();
  }

  /** `pulumi refresh --clear-pending-creates`, which the oldest SDKs do not pass on. */
  async clearPendingCreates(): Promise<void> {
    await this.pulumi(["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", this.name]);
  }

  /** `pulumi stack import`, of a state that this stack may have had under another name. */
  async importState(state: Automation.Deployment): Promise<void> {
    const renamed = JSON.stringify(state).replace(/"urn:pulumi:[^:]+::/g, `"urn:pulumi:${this.name}::`);
    await (await this.select()).importStack(JSON.parse(renamed));
  }

  /** `pulumi stack export --show-secrets`. */
  async exportState(): Promise<Automation.Deployment> {
    return (await this.select()).exportStack();
  }

  /** `pulumi stack output --show-secrets`. */
  async outputs(): Promise<Automation.OutputMap> {
    return (await this.select()).outputs();
  }

  /** `pulumi state move`: hands resources over to another stack of the same backend. */
  async moveState(to: Deployment, ...urns: string[]): Promise<void> {
    // Run in the folder of the other stack, where one that is still empty finds how it encrypts.
    await to.pulumi(["state", "move", "--yes", "--source", this.reference, "--dest", to.reference, ...urns]);
  }

  /** `pulumi state delete`: forgets a resource without asking its provider to delete it. */
  async deleteFromState(urn: string): Promise<void> {
    await this.pulumi(["state", "delete", "--yes", "--stack", this.name, urn]);
  }
}
