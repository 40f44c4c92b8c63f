import assert from "node:assert/strict";
import { Deployment } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, keyProgram, regenerations, replaced, seeded } from "../support/scenario";

describe("a key on the real engine", () => {
  it("is issued by the first deployment with a trigger, left alone by the second, and replaced by a bump", async () => {
    const emulator = await startEmulator(seeded);
    const original = account(emulator).key1;
    const stack = new Deployment(emulator);

    const first = await stack.up(keyProgram({ rotationTrigger: "2026-10" }));
    assert.deepEqual(first.steps, { create: 1 });
    assert.equal(regenerations(emulator), 1);
    assert.notEqual(account(emulator).key1, original);
    assert.deepEqual(first.outputs.key, { value: account(emulator).key1, secret: true });

    const calls = emulator.calls.length;
    const unchanged = await stack.up(keyProgram({ rotationTrigger: "2026-10" }));
    assert.deepEqual(unchanged.steps, { same: 1 });
    const previewed = await stack.preview(keyProgram({ rotationTrigger: "2026-11" }));
    assert.deepEqual(previewed.steps, replaced);
    assert.equal(emulator.calls.length, calls, "neither an unchanged up nor a preview calls Azure");

    const bumped = await stack.up(keyProgram({ rotationTrigger: "2026-11" }));
    assert.deepEqual(bumped.steps, replaced);
    assert.deepEqual(
      emulator.calls.slice(calls).map(({ operation, keyName }) => `${operation} ${keyName}`),
      ["regenerateKey Key1"],
    );
    assert.deepEqual(bumped.outputs.key, { value: account(emulator).key1, secret: true });
    assert.notEqual(bumped.outputs.keyFingerprint.value, first.outputs.keyFingerprint.value);
    assert.ok(!stack.stateFile.includes(account(emulator).key1), "no key in plaintext on disk");
    assert.ok(!bumped.printed.includes(account(emulator).key1), "no key on screen");
  });
});
