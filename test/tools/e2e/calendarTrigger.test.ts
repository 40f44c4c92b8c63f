import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../../../emulator/emulator";
import { exampleStack } from "../../../scripts/exampleStack";
import type { InlineStack } from "../../../scripts/inlineStack";
import { startEmulator } from "../../support/emulator";
import { account, group, name, regeneratedSlots, seeded, statusWith } from "../../support/scenario";

/** Runs a command whose program is told this date; every other clock goes on. */
async function at<T>(date: string, command: () => Promise<T>): Promise<T> {
  const real = Date;
  class Told extends real {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [date] : given) as [string]));
    }
  }
  globalThis.Date = Told as DateConstructor;
  try {
    return await command();
  } finally {
    globalThis.Date = real;
  }
}

function start(emulator: Emulator, minimumOverlap?: string): InlineStack {
  return exampleStack("calendar-trigger", {
    folder: mkdtempSync(join(process.env.E2E_ROOT as string, "examples-")),
    environment: emulator.environment(),
    config: { resourceGroupName: group, accountName: name, minimumOverlap },
  });
}

describe("examples/calendar-trigger", () => {
  it("rotates once at the first up of a month, and never within it", async () => {
    const emulator = await startEmulator(seeded);
    const stack = start(emulator, "PT0S");
    const created = await at("2026-10-31T23:59:58Z", () => stack.up());
    assert.deepEqual(created.steps, { create: 1 });
    const { key1, key2 } = account(emulator);
    assert.deepEqual(created.outputs.key, { value: key1, secret: true }, "adopted");

    const timeline: [date: string, steps: Record<string, number>, rotated: string[]][] = [
      // It is UTC that counts: November has begun in Tokyo, and not ended in the Azores.
      ["2026-11-01T08:59:59+09:00", { same: 1 }, []],
      ["2026-11-01T00:00:00Z", { update: 1 }, ["Key2"]],
      ["2026-11-30T23:59:59Z", { same: 1 }, ["Key2"]],
      ["2026-11-30T23:00:00-01:00", { update: 1 }, ["Key2", "Key1"]],
      // January is left out.
      ["2027-02-14T12:00:00Z", { update: 1 }, ["Key2", "Key1", "Key2"]],
      ["2027-02-28T12:00:00Z", { same: 1 }, ["Key2", "Key1", "Key2"]],
    ];
    for (const [date, steps, rotated] of timeline) {
      const calls = emulator.calls.length;
      if (rotated.length === 1) {
        assert.deepEqual((await at(date, () => stack.preview())).steps, steps, `preview at ${date}`);
        assert.equal(emulator.calls.length, calls, "a preview makes no call");
      }
      const { key1: Key1, key2: Key2 } = account(emulator);
      const { outputs, ...up } = await at(date, () => stack.up());
      assert.deepEqual(up.steps, steps, date);
      assert.deepEqual(regeneratedSlots(emulator), rotated, date);
      if (steps.same) assert.equal(emulator.calls.length, calls, `no call at ${date}`);
      else {
        const inUse = rotated.at(-1) === "Key2" ? Key1 : Key2;
        assert.equal(await statusWith(emulator, inUse), 200, "what consumers hold stays valid");
        assert.equal(await statusWith(emulator, outputs.key.value), 200);
        assert.notEqual(outputs.key.value, inUse);
      }
    }
    assert.equal(await statusWith(emulator, key2), 401);
  });

  it("is refused within the default overlap: right after the stack was made, and by a clock that is behind", async () => {
    const emulator = await startEmulator(seeded);
    const stack = start(emulator);
    await at("2026-11-30T23:59:00Z", () => stack.up());
    const refused = /Not rotated: .*Key[12] of account "my-account" .*\[too-soon\]/;
    for (const command of ["preview", "up"] as const) {
      await assert.rejects(
        at("2026-12-01T00:01:00Z", () => stack[command]()),
        refused,
      );
    }
    assert.deepEqual(regeneratedSlots(emulator), []);

    await stack.configure({ minimumOverlap: "PT0S" });
    assert.deepEqual((await at("2026-12-01T00:01:00Z", () => stack.up())).steps, { update: 1 });
    await stack.configure({ minimumOverlap: undefined });
    await assert.rejects(
      at("2026-11-30T23:59:59Z", () => stack.up()),
      refused,
    );
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
  });
});
