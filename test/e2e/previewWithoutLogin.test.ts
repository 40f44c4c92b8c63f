import assert from "node:assert/strict";
import { Deployment, failing } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { pathWithoutAzureCli } from "../support/pluginLogin";
import { inBothForms, seeded } from "../support/scenario";

/** What examples/github-actions and examples/azure-pipelines rely on: the preview of a pull request runs without an identity in Azure. */
inBothForms("a preview of a rotation", ({ pairProgram }) => {
  it("needs no login, which an up without one asks for", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(pairProgram({ rotationTrigger: "2026-11", minimumOverlap: "PT0S" }));
    const before = emulator.calls.length;

    const none = Object.keys(emulator.environment()).map((name) => [name, ""]);
    await stack.setEnvironment({ ...Object.fromEntries(none), PATH: pathWithoutAzureCli() });
    const bumped = pairProgram({ rotationTrigger: "2026-12", minimumOverlap: "PT0S" });
    assert.deepEqual((await stack.preview(bumped)).steps, { update: 1 });
    const { printed } = await failing(stack.up(bumped));
    assert.match(printed, /az login/);
    assert.equal(emulator.calls.length, before);
  });
});
