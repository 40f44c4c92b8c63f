import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../../emulator/emulator";
import { exampleStack } from "../../scripts/exampleStack";
import type { InlineStack } from "../../scripts/inlineStack";
import { azureNativeFor } from "./azureNative";
import { contents } from "./leaks";

/** The projects in `examples/`, deployed on one backend against an emulator and the stand-in for azure-native's plugin. */
export class Examples {
  /** All that the CLI has printed. */
  printed = "";
  private readonly folder = mkdtempSync(join(process.env.E2E_ROOT as string, "examples-"));

  private constructor(private readonly environment: Record<string, string>) {}

  static async start(emulator: Emulator): Promise<Examples> {
    return new Examples({ ...emulator.environment(), ...(await azureNativeFor(emulator)) });
  }

  stack(project: string, config: Record<string, string>): InlineStack {
    return exampleStack(project, {
      folder: join(this.folder, project),
      backend: this.folder,
      environment: this.environment,
      config,
      watch: (source, text) => {
        if (source !== "events") this.printed += text;
      },
    });
  }

  /** All that lies on disk: states, also earlier ones, settings and whatever the CLI keeps. */
  get files(): string {
    return contents(this.folder);
  }
}
