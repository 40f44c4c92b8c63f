import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Emulator } from "../../emulator/emulator";
import { azureConfigFolder } from "../../scripts/azureCli";
import { type ChildResult, runChild } from "../../scripts/childProcess";
import { afterTest } from "../support/hooks";

/**
 * Somebody at the real Azure CLI, which trusts emulators alone and keeps logins, settings and caches in a folder of its
 * own. `az` is the one that the runner has put on PATH.
 */
export class AzureCliUser {
  /** What makes every `az`, whoever starts it, the one of this user. */
  readonly environment: Record<string, string>;

  private constructor(
    private readonly folder: string,
    settings: Record<string, string>,
  ) {
    this.environment = {
      ...settings,
      // Its login library otherwise asks login.microsoftonline.com whether this login host may be trusted.
      AZURE_CORE_INSTANCE_DISCOVERY: "false",
      REQUESTS_CA_BUNDLE: process.env.EMULATOR_CERT_FILE as string,
    };
  }

  /** @param cloud the name under which the emulator is registered; its own is Emulator */
  static async at(emulator: Emulator, cloud = "Emulator"): Promise<AzureCliUser> {
    const folder = mkdtempSync(join(tmpdir(), "azure-config-"));
    // What is kept there has tokens and secrets in it.
    afterTest(() => rmSync(folder, { recursive: true, force: true }));
    const user = new AzureCliUser(folder, await azureConfigFolder(folder));
    await user.do("cloud", "register", "--name", cloud, "--endpoint-resource-manager", emulator.url);
    await user.do("cloud", "set", "--name", cloud);
    return user;
  }

  /** What `az` was asked, whoever started it, from its own log: names such as `account_show`, sorted. */
  get commands(): string[] {
    const files = readdirSync(join(this.folder, "commands"));
    return files.map((file) => file.split(".")[2]).sort();
  }

  /** `az login` as a service principal. */
  login(emulator: Emulator, { clientId, clientSecret }: Client = emulator.clients[0]): Promise<ChildResult> {
    const who = ["--username", clientId, "--password", clientSecret, "--tenant", emulator.tenantId];
    return this.az("login", "--service-principal", ...who);
  }

  /** `az` with these arguments, however it ends. */
  az(...args: string[]): Promise<ChildResult> {
    return runChild("az", args, { env: { ...process.env, ...this.environment }, timeout: 120_000 });
  }

  /** What `az` answers, from JSON; throws when it fails. */
  async do(...args: string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.az(...args);
    if (code !== 0) throw new Error(`az ${args.slice(0, 3).join(" ")} ended with ${code}: ${stderr}`);
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  }

  /** While this is done, this process is the user's own: what it starts finds the login. */
  async lend<T>(doing: () => Promise<T>): Promise<T> {
    const before = { ...process.env };
    Object.assign(process.env, this.environment);
    try {
      return await doing();
    } finally {
      for (const name of Object.keys(this.environment)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  }
}
