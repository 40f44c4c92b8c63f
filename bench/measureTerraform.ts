import assert from "node:assert/strict";
import { type Conditions, countBy, type Measure, type Measurement, type Place } from "./measureStack";
import type { ProviderUse } from "./providerMeter";
import type { Terraform } from "./terraform";
import { type Changes, TerraformStack } from "./terraformStack";

/** One command. What the provider of Terraform uses is not known. */
export type TerraformMeasurement = Omit<Measurement, keyof ProviderUse>;

interface Command {
  command: "apply" | "plan";
  rotationTrigger?: string;
  issuesKeys: boolean;
  changes(accounts: number): Changes;
}

const replacement = (accounts: number): Changes => ({ add: accounts, change: 1, remove: accounts });
/** Terraform has nothing to compare with a refresh: an action reads nothing. */
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
  terraform: Terraform,
  wanted: readonly Measure[],
  { latency, parallel }: Pick<Conditions, "latency" | "parallel">,
  { emulator, accounts, folder }: Pick<Place, "emulator" | "accounts" | "folder">,
): Promise<TerraformMeasurement[]> {
  const live = accounts.map(({ resourceGroup, name }) => emulator.account(resourceGroup, name));
  const stack = await TerraformStack.create(terraform, emulator, live, folder);
  emulator.apply({ latency });
  const measurements: TerraformMeasurement[] = [];
  try {
    for (const measure of wanted) {
      const ordered = commands[measure];
      if (ordered === undefined) continue;
      const { command, rotationTrigger, issuesKeys, changes } = ordered;
      const [callsBefore, loginsBefore] = [emulator.calls.length, emulator.logins.length];
      const keysBefore = live.map(({ key1 }) => key1);
      const run = await stack.run(command, { rotationTrigger, parallel });
      assert.equal(run.code, 0, `Terraform: ${measure}: ${run.errors}`);
      assert.deepEqual(run.changes, changes(accounts.length), `Terraform: ${measure}`);
      const issued = live.filter(({ key1 }, index) => key1 !== keysBefore[index]);
      assert.equal(issued.length, issuesKeys ? accounts.length : 0, `Terraform: ${measure}: keys that are new`);
      const { stored } = stack;
      const known = live.filter(({ id, key1 }) => stored.get(id)?.key === key1);
      assert.equal(known.length, accounts.length, `Terraform: ${measure}: live keys in state`);
      const bytes = [...stored.values()].reduce((sum, action) => sum + action.bytes, 0);
      measurements.push({
        measure,
        seconds: run.seconds,
        calls: {
          ...countBy(emulator.calls.slice(callsBefore).map(({ operation }) => operation)),
          token: emulator.logins.length - loginsBefore,
        },
        stateBytesPerKey: Math.round(bytes / accounts.length),
      });
    }
    return measurements;
  } finally {
    stack.remove();
  }
}
