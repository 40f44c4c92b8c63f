import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Deployment, failing } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { pairProgram, seeded } from "../support/scenario";

/** What examples/github-actions relies on: the preview of a pull request runs without an identity in Azure. */
describe("a preview of a rotation", () => {
  it("needs no login, which an up without one asks for", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(pairProgram({ rotationTrigger: "2026-11", minimumOverlap: "PT0S" }));
    const before = emulator.calls.length;

    // Nor an `az` that a developer has logged in.
    const PATH = join(stack.folder, "bin");
    mkdirSync(PATH);
    symlinkSync(process.execPath, join(PATH, "node"));
    const none = Object.keys(emulator.environment()).map((name) => [name, ""]);
    await stack.setEnvironment({ ...Object.fromEntries(none), PATH });
    const bumped = pairProgram({ rotationTrigger: "2026-12", minimumOverlap: "PT0S" });
    assert.deepEqual((await stack.preview(bumped)).steps, { update: 1 });
    const { printed } = await failing(stack.up(bumped));
    assert.match(printed, /az login/);
    assert.equal(emulator.calls.length, before);
  });
});
