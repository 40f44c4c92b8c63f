import assert from "node:assert/strict";
import { Deployment, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, inBothForms, regeneratedSlots, seeded, statusWith } from "../support/scenario";

inBothForms("a key pair on the real engine", ({ pairProgram, previewsSlots }) => {
  it("adopts what is there, then rotates the slot not in use with one write, and nobody is ever refused", async () => {
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const reading: Program = () => {
      const reference = new (pulumi().StackReference)(producer.reference);
      return { key: reference.requireOutput("key"), keyFingerprint: reference.requireOutput("keyFingerprint") };
    };
    const { key1, key2 } = account(emulator);

    const first = await producer.up(pairProgram({ rotationTrigger: "2026-10" }));
    assert.deepEqual(first.steps, { create: 1 });
    assert.deepEqual(
      emulator.calls.map(({ operation }) => operation),
      ["listKeys"],
    );
    assert.deepEqual(first.outputs.key, { value: key1, secret: true });
    assert.deepEqual(first.outputs.previousKey, { value: key2, secret: true });
    assert.deepEqual(first.outputs.rotationCount, { value: 0, secret: false });
    assert.equal(first.outputs.rotatedAt, undefined, "adopted keys have no time of rotation");
    let held = (await consumer.up(reading)).outputs.key;
    assert.deepEqual(held, { value: key1, secret: true });

    const calls = emulator.calls.length;
    assert.deepEqual((await producer.up(pairProgram({ rotationTrigger: "2026-10" }))).steps, { same: 1 });
    assert.equal(emulator.calls.length, calls, "an unchanged up makes no call");

    const bump = (rotationTrigger: string) => pairProgram({ rotationTrigger, minimumOverlap: "PT0S" });
    const previewed = await producer.preview(bump("2026-11"));
    assert.deepEqual(previewed.steps, { update: 1 });
    assert.equal(/keyName +: "Key1" => "Key2"/.test(previewed.printed), previewsSlots, previewed.printed);
    assert.equal(emulator.calls.length, calls, "a preview makes no call");

    for (const [index, trigger] of ["2026-11", "2026-12", "2026-11"].entries()) {
      const slot = index % 2 === 0 ? "key2" : "key1";
      const before = emulator.calls.length;
      const rotated = await producer.up(bump(trigger));
      assert.deepEqual(rotated.steps, { update: 1 });
      assert.equal(emulator.calls.length, before + 1, "one write and nothing else");
      assert.deepEqual(rotated.outputs.key, { value: account(emulator)[slot], secret: true });
      assert.equal(rotated.outputs.previousKey.value, held.value, "what consumers hold is the previous key");
      assert.equal(rotated.outputs.rotationCount.value, index + 1);
      assert.equal(await statusWith(emulator, held.value), 200, "the consumer before its own up");
      held = (await consumer.up(reading)).outputs.key;
      assert.deepEqual(held, rotated.outputs.key);
      assert.equal(await statusWith(emulator, held.value), 200, "the consumer after its own up");
    }
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key1", "Key2"]);
    for (const key of [account(emulator).key1, account(emulator).key2]) {
      assert.ok(
        !(await producer.stored()).includes(key) && !(await consumer.stored()).includes(key),
        "no key in plaintext on disk",
      );
    }

    const last = emulator.calls.length;
    assert.deepEqual((await producer.destroy()).steps, { delete: 1 });
    assert.equal(emulator.calls.length, last, "deleting makes no call");
  });
});
