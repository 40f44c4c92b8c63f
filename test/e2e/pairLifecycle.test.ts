import assert from "node:assert/strict";
import type * as Pulumi from "@pulumi/pulumi";
import { Deployment, failing, knowsReplacementTrigger, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import {
  account,
  group,
  inBothForms,
  name,
  regeneratedSlots,
  regenerations,
  replaced,
  seeded,
  statusWith,
} from "../support/scenario";

inBothForms("a key pair", ({ classes, keyProgram, pairProgram, urn }) => {
  it("that is created again in any way adopts, returns to the initial slot, and never rotates", async () => {
    const emulator = await startEmulator({
      accounts: [...seeded.accounts, { resourceGroup: group, name: "other" }],
    });
    const stack = new Deployment(emulator);
    const overlapping = { minimumOverlap: "PT0S" };
    const args = { ...overlapping, rotationTrigger: 1 };
    const pair = urn(stack, "RotatingCognitiveAccountKeyPair", "pair");
    await stack.up(pairProgram(overlapping));
    assert.equal((await stack.up(pairProgram(args))).outputs.keyName.value, "Key2");

    const recreated = await stack.up(pairProgram(args), { replace: [pair] });
    assert.deepEqual(recreated.steps, replaced);
    assert.deepEqual(recreated.outputs.key, { value: account(emulator).key1, secret: true });
    assert.equal(recreated.outputs.rotationCount.value, 0);

    if (knowsReplacementTrigger()) {
      await stack.up(pairProgram(args, { replacementTrigger: "a" }));
      const triggered = await stack.up(pairProgram({ ...args, initialKeyName: "Key2" }, { replacementTrigger: "b" }));
      assert.deepEqual(triggered.steps, replaced);
      assert.deepEqual(triggered.outputs.key, { value: account(emulator).key2, secret: true });
    } else {
      console.log("      replacementTrigger is left out: this SDK has none");
      await stack.up(pairProgram({ ...args, initialKeyName: "Key2" }), { replace: [pair] });
    }
    const tooSoon = await failing(stack.preview(pairProgram({ rotationTrigger: 2 }, { replacementTrigger: "b" })));
    assert.match(tooSoon.printed, /Not rotated: .*Key1 .*\[too-soon\]/);

    const under =
      (newName: string, opts: Pulumi.CustomResourceOptions): Program =>
      () => {
        const { RotatingCognitiveAccountKeyPair } = classes();
        const where = { resourceGroupName: group, accountName: name };
        const { key } = new RotatingCognitiveAccountKeyPair(
          newName,
          { ...where, ...args },
          { replacementTrigger: "b", ...opts },
        );
        return { key };
      };
    const aliased = await stack.up(under("aliased", { aliases: [{ name: "pair" }] }));
    assert.deepEqual(aliased.steps, { same: 1 });
    assert.deepEqual(aliased.outputs.key, { value: account(emulator).key2, secret: true });
    const renamed = await stack.up(under("renamed", {}));
    assert.deepEqual(renamed.steps, { create: 1, delete: 1 });
    assert.deepEqual(renamed.outputs.key, { value: account(emulator).key1, secret: true });

    const there = await stack.up(pairProgram({ ...args, accountName: "other" }));
    assert.deepEqual(there.outputs.key, { value: emulator.account(group, "other").key1, secret: true });
    const back = await stack.up(pairProgram(args));
    assert.deepEqual(back.steps, replaced);
    assert.deepEqual(back.outputs.key, { value: account(emulator).key1, secret: true });

    emulator.removeAccount(group, name);
    await stack.refresh();
    assert.ok(!(await stack.stored()).includes("RotatingCognitiveAccountKey"), "dropped with its account");
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"], "only the trigger has rotated");
  });

  it("takes the place of a single key without a rotation, also of one that is to be revoked when it is deleted", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const single = await stack.up(keyProgram({ rotationTrigger: 1, revokeOnDelete: true }));
    const { steps, outputs } = await stack.up(pairProgram({ rotationTrigger: 1 }));
    assert.deepEqual(steps, { create: 1, delete: 1 });
    assert.deepEqual(outputs.key, single.outputs.key);
    assert.equal(await statusWith(emulator, outputs.key.value), 200);
    assert.equal(regenerations(emulator), 1, "by the single key, and none since");
  });
});
