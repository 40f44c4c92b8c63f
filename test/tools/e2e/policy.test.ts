import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Emulator } from "../../../emulator/emulator";
import { needsFailedUpdates } from "../../support/backends";
import { Deployment, failing, library, type Program } from "../../support/deployment";
import { startEmulator } from "../../support/emulator";
import { account, group, keyProgram, name, pairProgram, regenerations, seeded } from "../../support/scenario";

const pack = resolve(__dirname, "../../../examples/policy");

/** `[enforcement level] policy: resource`, of each violation that the engine was told of. */
type Reported = string[];

/** A stack whose commands can be run with the policy pack, and what that reports. */
function stackUnderPolicy(emulator: Emulator) {
  const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "policy-"));
  // Without Pulumi's host for Node, which only its official CLI brings, the engine asks a plugin of this name instead.
  const plugin = join(folder, "pulumi-analyzer-policy-nodejs");
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  writeFileSync(plugin, `#!/bin/sh\nexec "${process.execPath}" "${runner}" "$@"\n`);
  chmodSync(plugin, 0o755);
  let reported: Reported = [];
  let printed = "";
  const stack = new Deployment(emulator, {
    environment: { PATH: `${folder}${delimiter}${process.env.PATH}` },
    watch: (source, text) => {
      printed += text;
      const { policyEvent } = source === "events" ? JSON.parse(text) : {};
      if (policyEvent === undefined) return;
      const { enforcementLevel, policyName, resourceUrn } = policyEvent;
      reported.push(`[${enforcementLevel}] ${policyName}: ${resourceUrn.split("::").pop()}`);
    },
  });
  return {
    stack,
    /** Options of a command that runs it with the pack, configured so. */
    policies: (config: object = {}) => {
      const file = join(folder, "config.json");
      writeFileSync(file, JSON.stringify(config));
      return { policyPacks: [pack], policyPackConfigs: [file] };
    },
    /** What was reported since the last time. */
    takeReported: (): Reported => {
      const taken = reported.sort();
      reported = [];
      return taken;
    },
    printed: () => printed,
  };
}

describe("examples/policy on the real engine", () => {
  it("advises to rotate a key that was only adopted, and is content with a preview of that and with the new key", async () => {
    const emulator = await startEmulator(seeded);
    const { stack, policies, takeReported, printed } = stackUnderPolicy(emulator);
    await stack.up(pairProgram());
    const adopted = [account(emulator).key1, account(emulator).key2];
    await stack.preview(pairProgram(), policies());
    assert.deepEqual(takeReported(), ["[advisory] key-age: pair"]);

    const rotating = pairProgram({ rotationTrigger: 1 });
    await stack.preview(rotating, policies());
    assert.deepEqual(takeReported(), []);
    const { steps } = await stack.up(rotating, policies());
    assert.deepEqual(steps, { update: 1 });
    assert.deepEqual(takeReported(), []);
    for (const key of [...adopted, account(emulator).key2]) assert.ok(!printed().includes(key));
  });

  it("refuses a single key in production before anything is called, unless the configuration only advises", async () => {
    const emulator = await startEmulator(seeded);
    const { stack, policies, takeReported } = stackUnderPolicy(emulator);
    const production = { productionStacks: [stack.name] };
    const program = keyProgram({ rotationTrigger: 1 });
    const refused = await failing(stack.up(program, policies({ "single-slot-in-production": production })));
    assert.deepEqual(takeReported(), ["[mandatory] single-slot-in-production: key"]);
    assert.match(refused.printed, /RotatingCognitiveAccountKey "key" of account rg-ai\/my-account: every rotation/);
    assert.deepEqual(emulator.calls, []);

    const advised = { "single-slot-in-production": { ...production, enforcementLevel: "advisory" } };
    await stack.up(program, policies(advised));
    assert.deepEqual(takeReported(), ["[advisory] single-slot-in-production: key"]);
    assert.equal(regenerations(emulator), 1);
  });

  it("refuses revokeOnDelete on a shared account in the preview, or where that does not know the account, after up", async function () {
    await needsFailedUpdates(this);
    const emulator = await startEmulator(seeded);
    const { stack, policies, takeReported } = stackUnderPolicy(emulator);
    const accountId = `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/${group.toUpperCase()}/providers/Microsoft.CognitiveServices/accounts/${name}`;
    const sharing =
      (knownInPreview: boolean): Program =>
      () => {
        const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = library();
        const pair = new RotatingCognitiveAccountKeyPair("pair", { resourceGroupName: group, accountName: name });
        const id = knownInPreview ? accountId : pair.keyFingerprint.apply(() => accountId);
        const { key } = new RotatingCognitiveAccountKey("key", { accountId: id, revokeOnDelete: true });
        return { key };
      };
    await failing(stack.preview(sharing(true), policies()));
    assert.deepEqual(takeReported(), ["[mandatory] revoke-on-shared-account: key"]);
    await stack.preview(sharing(false), policies());
    assert.deepEqual(takeReported(), []);
    assert.deepEqual(emulator.calls, []);

    await failing(stack.up(sharing(false), policies()));
    assert.deepEqual(takeReported().slice(-1), ["[mandatory] revoke-on-shared-account: key"]);
    assert.deepEqual(
      await stack.maskedOutputs(),
      { key: "[secret]" },
      "a deployment that fails so has published its key",
    );
  });

  it("is not run with a configuration that it does not understand", async () => {
    const emulator = await startEmulator(seeded);
    const { stack, policies, takeReported } = stackUnderPolicy(emulator);
    const config = { "key-age": { maxAgeDays: 0 }, "revoke-on-shared-account": { sharedAccounts: ["my-account"] } };
    const { printed } = await failing(stack.preview(pairProgram(), policies(config)));
    assert.match(printed, /maxAgeDays/);
    assert.match(printed, /sharedAccounts/);
    assert.deepEqual(takeReported(), []);
  });
});
