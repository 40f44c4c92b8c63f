import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../emulator/emulator";
import { outputOf, runChild } from "../scripts/childProcess";
import { type Conditions, countBy, type Measure, type Measurement, type Place } from "./measureStack";
import type { ProviderUse } from "./providerMeter";
import { initialization, requiredProviders, type Terraform, terraformEnvironment } from "./terraform";

/** One command. What the provider of Terraform uses is not known. */
export type TerraformMeasurement = Omit<Measurement, keyof ProviderUse>;

interface Command {
  command: "apply" | "plan";
  rotationTrigger?: string;
  issuesKeys: boolean;
  /** What Terraform counts: an action for each account, and the trigger that they share. */
  changes(accounts: number): Changes;
}

interface Changes {
  add: number;
  change: number;
  remove: number;
}

const replacement = (accounts: number): Changes => ({ add: accounts, change: 1, remove: accounts });
const commands: Partial<Record<Measure, Command>> = {
  "first up": {
    command: "apply",
    issuesKeys: true,
    changes: (accounts) => ({ add: accounts + 1, change: 0, remove: 0 }),
  },
  "unchanged up": { command: "apply", issuesKeys: false, changes: () => ({ add: 0, change: 0, remove: 0 }) },
  "preview of a rotation": {
    command: "plan",
    rotationTrigger: "2026-12",
    issuesKeys: false,
    changes: replacement,
  },
  rotation: { command: "apply", rotationTrigger: "2026-12", issuesKeys: true, changes: replacement },
  "next rotation": { command: "apply", rotationTrigger: "2027-01", issuesKeys: true, changes: replacement },
};

/**
 * Measures with Terraform what `measureStack` measures with Pulumi, where Terraform has such a command. The time is that
 * of the process, from its start to its end; `terraform init` comes before.
 */
export async function measureTerraform(
  { command: terraform, plugins }: Terraform,
  wanted: readonly Measure[],
  { latency, parallel }: Pick<Conditions, "latency" | "parallel">,
  { emulator, accounts, folder }: Pick<Place, "emulator" | "accounts" | "folder">,
): Promise<TerraformMeasurement[]> {
  const own = mkdtempSync(join(folder, "terraform-"));
  const live = accounts.map(({ resourceGroup, name }) => emulator.account(resourceGroup, name));
  const options = { cwd: own, env: { ...terraformEnvironment(plugins, own), ...loginAt(emulator) } };
  emulator.apply({ latency });
  const measurements: TerraformMeasurement[] = [];
  try {
    writeFileSync(join(own, "main.tf"), configurationOf(live.map(({ id }) => id)));
    await outputOf(terraform, initialization, options);
    for (const measure of wanted) {
      const ordered = commands[measure];
      if (ordered === undefined) continue;
      const { command, rotationTrigger, issuesKeys, changes } = ordered;
      const [callsBefore, loginsBefore] = [emulator.calls.length, emulator.logins.length];
      const keysBefore = live.map(({ key1 }) => key1);
      const args = [
        ...[command, "-json", "-input=false", ...(command === "apply" ? ["-auto-approve"] : [])],
        ...(rotationTrigger === undefined ? [] : [`-var=rotation_trigger=${rotationTrigger}`]),
        ...(parallel === undefined ? [] : [`-parallelism=${parallel}`]),
      ];
      const from = performance.now();
      const { code, stdout } = await runChild(terraform, args, options);
      const seconds = (performance.now() - from) / 1000;
      assert.equal(code, 0, `Terraform: ${measure}: ${errorsIn(stdout)}`);
      assert.deepEqual(changesIn(stdout), changes(accounts.length), `Terraform: ${measure}`);
      const issued = live.filter(({ key1 }, index) => key1 !== keysBefore[index]);
      assert.equal(issued.length, issuesKeys ? accounts.length : 0, `Terraform: ${measure}: keys that are new`);
      const actions = actionsIn(readFileSync(join(own, "terraform.tfstate"), "utf8"));
      const stored = live.filter(({ id, key1 }) => actions.get(id)?.key === key1);
      assert.equal(stored.length, accounts.length, `Terraform: ${measure}: live keys in state`);
      const bytes = [...actions.values()].reduce((sum, action) => sum + action.bytes, 0);
      measurements.push({
        measure,
        seconds,
        calls: {
          ...countBy(emulator.calls.slice(callsBefore).map(({ operation }) => operation)),
          token: emulator.logins.length - loginsBefore,
        },
        stateBytesPerKey: Math.round(bytes / accounts.length),
      });
    }
    return measurements;
  } finally {
    rmSync(own, { recursive: true, force: true, maxRetries: 5 });
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
export function loginAt(emulator: Emulator): Record<string, string> {
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

/** Of what Terraform prints with `-json`, a message on each line. */
interface Message {
  type: string;
  "@level": string;
  "@message": string;
  changes?: Changes;
}

function messagesIn(printed: string): Message[] {
  return printed.split("\n").flatMap((line) => (line.startsWith("{") ? JSON.parse(line) : []));
}

function changesIn(printed: string): Changes | undefined {
  const [summary] = messagesIn(printed)
    .filter(({ type }) => type === "change_summary")
    .slice(-1);
  return summary?.changes && changesOf(summary.changes);
}

/** Newer versions count more, such as imports. */
function changesOf({ add, change, remove }: Changes): Changes {
  return { add, change, remove };
}

function errorsIn(printed: string): string {
  const errors = messagesIn(printed).filter((message) => message["@level"] === "error");
  return errors.map((message) => message["@message"]).join("\n");
}

/** The key that each action has stored, and the bytes that the action takes in the state file. */
function actionsIn(state: string): Map<string, { key: string; bytes: number }> {
  const { resources }: { resources: { type: string; instances: Instance[] }[] } = JSON.parse(state);
  const instances = resources.flatMap(({ type, instances }) => (type === "azapi_resource_action" ? instances : []));
  return new Map(
    instances.map((instance) => {
      const lines = JSON.stringify(instance, undefined, 2).split("\n");
      const onDisk = lines.map((line) => `        ${line}\n`).join("");
      return [instance.index_key, { key: instance.attributes.output.value.key1, bytes: Buffer.byteLength(onDisk) }];
    }),
  );
}

interface Instance {
  index_key: string;
  attributes: { output: { value: { key1: string } } };
}
