import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import type { Emulator } from "../../emulator/emulator";
import { ExampleStack } from "../../scripts/exampleStack";
import { startAzureNative } from "./azureNative";

/** The projects in `examples/`, deployed on one backend against an emulator and the stand-in for azure-native's plugin. */
export class Examples {
  /** All that the CLI has printed. */
  printed = "";
  private readonly folder = mkdtempSync(join(process.env.E2E_ROOT as string, "examples-"));

  private constructor(
    private readonly command: PulumiCommand,
    private readonly environment: Record<string, string>,
  ) {}

  static async start(emulator: Emulator): Promise<Examples> {
    const command = await PulumiCommand.get({ root: process.env.PULUMI_CLI_ROOT });
    return new Examples(command, { ...emulator.environment(), ...(await startAzureNative(emulator)) });
  }

  stack(project: string, config: Record<string, string>): Promise<ExampleStack> {
    return ExampleStack.create(project, {
      command: this.command,
      folder: this.folder,
      environment: {
        ...this.environment,
        PULUMI_BACKEND_URL: `file://${this.folder}`,
        PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
      config,
      onPrint: (text) => {
        this.printed += text;
      },
    });
  }

  /** All that lies on disk: states, also earlier ones, settings and whatever the CLI keeps. */
  get files(): string {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"))
      .join("\n");
  }
}
