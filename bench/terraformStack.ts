import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Account, Emulator } from "../emulator/emulator";
import { outputOf, runChild } from "../scripts/childProcess";
import { initialization, requiredProviders, type Terraform, terraformEnvironment } from "./terraform";

export interface TerraformOptions {
  /** None until the first rotation. */
  rotationTrigger?: string;
  /** @default what Terraform does without it: 10 */
  parallel?: number;
}

/** One command. */
export interface TerraformRun {
  code: number;
  /** From the start of the process to its end. */
  seconds: number;
  /** What Terraform counts: an action for each account, and the trigger that they share. */
  changes: Changes | undefined;
  errors: string;
  /** All that a person or a log could see. */
  printed: string;
}

export interface Changes {
  add: number;
  change: number;
  remove: number;
}

/** The key Key1 of each account as an `azapi_resource_action`, in a folder of its own. */
export class TerraformStack {
  private constructor(
    private readonly terraform: Terraform,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async create(
    terraform: Terraform,
    emulator: Emulator,
    accounts: readonly Account[],
    parent: string,
  ): Promise<TerraformStack> {
    const folder = mkdtempSync(join(parent, "terraform-"));
    writeFileSync(join(folder, "main.tf"), configurationOf(accounts.map(({ id }) => id)));
    const env = { ...terraformEnvironment(terraform.plugins, folder), ...loginAt(emulator) };
    await outputOf(terraform.command, initialization, { cwd: folder, env });
    return new TerraformStack(terraform, folder, env);
  }

  async run(command: "apply" | "plan", { rotationTrigger, parallel }: TerraformOptions = {}): Promise<TerraformRun> {
    const args = [
      ...[command, "-json", "-input=false", ...(command === "apply" ? ["-auto-approve"] : [])],
      ...(rotationTrigger === undefined ? [] : [`-var=rotation_trigger=${rotationTrigger}`]),
      ...(parallel === undefined ? [] : [`-parallelism=${parallel}`]),
    ];
    const from = performance.now();
    const { code, stdout, stderr } = await runChild(this.terraform.command, args, { cwd: this.folder, env: this.env });
    const seconds = (performance.now() - from) / 1000;
    const messages: Message[] = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? JSON.parse(line) : []));
    const [summary] = messages.filter(({ type }) => type === "change_summary").slice(-1);
    const errors = messages.filter((message) => message["@level"] === "error").map((message) => message["@message"]);
    return {
      code,
      seconds,
      changes: summary?.changes && changesOf(summary.changes),
      errors: errors.join("\n"),
      printed: stdout + stderr,
    };
  }

  /** By the id of its account, the key that each action has stored, and the bytes that it takes in the state file. */
  get stored(): Map<string, { key: string | undefined; bytes: number }> {
    const { resources }: { resources: { type: string; instances: Instance[] }[] } = JSON.parse(
      readFileSync(join(this.folder, "terraform.tfstate"), "utf8"),
    );
    const instances = resources.flatMap(({ type, instances }) => (type === "azapi_resource_action" ? instances : []));
    return new Map(
      instances.map((instance) => {
        const lines = JSON.stringify(instance, undefined, 2).split("\n");
        const onDisk = lines.map((line) => `        ${line}\n`).join("");
        return [instance.index_key, { key: instance.attributes.output.value.key1, bytes: Buffer.byteLength(onDisk) }];
      }),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Rotates Key1 of each account when the variable changes. A first `apply` also issues keys: `azapi_resource_action` can
 * do nothing but its call.
 */
export function configurationOf(accountIds: readonly string[]): string {
  return `${requiredProviders}
variable "rotation_trigger" {
  type    = string
  default = null
}

resource "terraform_data" "rotation" {
  input = var.rotation_trigger
}

resource "azapi_resource_action" "key" {
  for_each               = toset(${JSON.stringify(accountIds)})
  type                   = "Microsoft.CognitiveServices/accounts@2023-05-01"
  resource_id            = each.value
  action                 = "regenerateKey"
  body                   = { keyName = "Key1" }
  response_export_values = ["key1"]

  lifecycle {
    replace_triggered_by = [terraform_data.rotation]
  }
}
`;
}

/**
 * Points azapi at the emulator. It logs in as the managed identity of an App Service, because its other logins ask
 * login.microsoftonline.com about the login host, and azapi cannot turn that off.
 */
function loginAt(emulator: Emulator): Record<string, string> {
  const [client] = emulator.clients;
  client.managedIdentity = "user";
  return {
    ...emulator.identityEnvironment("App Service"),
    ARM_CLIENT_ID: client.clientId,
    ARM_TENANT_ID: emulator.tenantId,
    ARM_SUBSCRIPTION_ID: emulator.subscriptions[0],
    ARM_USE_CLI: "false",
    ARM_SKIP_PROVIDER_REGISTRATION: "true",
    ARM_RESOURCE_MANAGER_ENDPOINT: emulator.url,
    ARM_RESOURCE_MANAGER_AUDIENCE: emulator.url,
    // Go trusts what is in this file, except on macOS and Windows.
    SSL_CERT_FILE: process.env.EMULATOR_CERT_FILE ?? "",
  };
}

/** Newer versions count more, such as imports. */
function changesOf({ add, change, remove }: Changes): Changes {
  return { add, change, remove };
}

/** Of what Terraform prints with `-json`, a message on each line. */
interface Message {
  type: string;
  "@level": string;
  "@message": string;
  changes?: Changes;
}

interface Instance {
  index_key: string;
  attributes: { output: { value: { key1?: string } } };
}
