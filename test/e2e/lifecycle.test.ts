import assert from "node:assert/strict";
import { Deployment, knowsReplacementTrigger, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, group, inBothForms, name, regenerations, replaced, seeded } from "../support/scenario";

inBothForms("the life of a key on the real engine", ({ classes, keyProgram, urn }) => {
  it("is rotated by --replace with a trigger, adopted again without, and deleted without a call", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const key = urn(stack, "RotatingCognitiveAccountKey", "key");
    await stack.up(keyProgram({ rotationTrigger: 1 }));
    const first = account(emulator).key1;
    const rotated = await stack.up(keyProgram({ rotationTrigger: 1 }), { replace: [key] });
    assert.deepEqual(rotated.steps, replaced);
    assert.notEqual(rotated.outputs.key.value, first);
    assert.equal(regenerations(emulator), 2);

    const adopted = await stack.up(keyProgram(), { replace: [key] });
    assert.deepEqual(adopted.steps, replaced);
    assert.equal(adopted.outputs.key.value, account(emulator).key1);
    assert.equal(regenerations(emulator), 2);

    const calls = emulator.calls.length;
    assert.deepEqual((await stack.destroy()).steps, { delete: 1 });
    assert.equal(emulator.calls.length, calls);
  });

  it("is rotated by the engine's replacementTrigger", async function () {
    if (!knowsReplacementTrigger()) {
      console.log("      skipped: this SDK has no replacementTrigger");
      this.skip();
    }
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const triggered = (replacementTrigger: string) => keyProgram({ rotationTrigger: 1 }, { replacementTrigger });
    await stack.up(triggered("a"));
    const rotated = await stack.up(triggered("b"));
    assert.deepEqual(rotated.steps, replaced);
    assert.equal(regenerations(emulator), 2);
  });

  it("is kept under another name by aliases", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(keyProgram({ rotationTrigger: 1 }));
    const renamed: Program = () => {
      const { RotatingCognitiveAccountKey } = classes();
      const { key } = new RotatingCognitiveAccountKey(
        "renamed",
        { resourceGroupName: group.toUpperCase(), accountName: name, rotationTrigger: 1 },
        { aliases: [{ name: "key" }] },
      );
      return { key };
    };
    const kept = await stack.up(renamed);
    assert.deepEqual(kept.steps, { same: 1 });
    assert.equal(kept.outputs.key.value, account(emulator).key1);
    assert.equal(regenerations(emulator), 1);
  });

  it("dies on delete with revokeOnDelete, and only then", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(keyProgram({ rotationTrigger: 1 }));
    const published = account(emulator).key1;
    const updated = await stack.up(keyProgram({ rotationTrigger: 1, revokeOnDelete: true }));
    assert.deepEqual(updated.steps, { update: 1 });
    assert.equal(updated.outputs.key.value, published);
    const bumped = await stack.up(keyProgram({ rotationTrigger: 2, revokeOnDelete: true }));
    assert.deepEqual(bumped.steps, replaced);
    assert.equal(bumped.outputs.key.value, account(emulator).key1, "the replaced resource did not kill the new key");
    assert.equal(regenerations(emulator), 2);

    await stack.destroy();
    assert.equal(regenerations(emulator), 3);
    assert.notEqual(account(emulator).key1, bumped.outputs.key.value);
  });
});
