import assert from "node:assert/strict";
import { startEmulator } from "../../support/emulator";
import { Examples } from "../../support/examples";
import { group, name, seeded } from "../../support/scenario";

const existing = { resourceGroupName: group, accountName: name };

describe("an example whose key was only adopted", () => {
  for (const [project, config] of [
    ["producer", existing],
    ["single-key", existing],
    ["calendar-trigger", existing],
    ["account", { resourceGroupName: group, accountName: "new-account", location: "westeurope" }],
  ] as const) {
    it(`has only outputs that exist, and an unchanged preview shows none: ${project}`, async () => {
      const examples = await Examples.start(await startEmulator(seeded));
      const stack = examples.stack(project, config);
      const { outputs } = await stack.up();
      const { steps, printed } = await stack.preview();
      assert.deepEqual(Object.keys(steps), ["same"]);
      for (const output of ["key", "keyName", "keyFingerprint"]) assert.ok(output in outputs, output);
      assert.doesNotMatch(examples.printed, /Undefined value/);
      assert.doesNotMatch(printed, /\[unknown\]/);
    });
  }
});
