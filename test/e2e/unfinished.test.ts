import assert from "node:assert/strict";
import type { Emulator } from "../../emulator/emulator";
import { needsFailedUpdates } from "../support/backends";
import { Deployment, failing, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { group, inBothForms, regeneratedSlots } from "../support/scenario";

const accounts = ["single", "paired"].map((name) => ({ resourceGroup: group, name }));

/** A key and a pair on an account each, which wait until a new key is accepted. */
const programIn =
  ({ classes }: Form) =>
  (emulator: Emulator, rotationTrigger: string): Program =>
  () => {
    const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = classes();
    const args = (accountName: string) => ({
      resourceGroupName: group,
      accountName,
      rotationTrigger,
      waitUntilAccepted: { url: `${emulator.endpoint(group, accountName)}openai/models`, timeout: "PT0S" },
    });
    const single = new RotatingCognitiveAccountKey("single", args("single"));
    const paired = new RotatingCognitiveAccountKeyPair("paired", { ...args("paired"), minimumOverlap: "PT0S" });
    return { single: single.key, paired: paired.key, previous: paired.previousKey };
  };

inBothForms("a rotation that is left unfinished because the new key is not accepted in time", (form) => {
  const program = programIn(form);

  for (const refreshed of [false, true]) {
    it(`is finished by the next up ${refreshed ? "after a refresh " : ""}without another rotation, whatever the trigger is then`, async function () {
      await needsFailedUpdates(this);
      const emulator = await startEmulator({ accounts });
      const stack = new Deployment(emulator);
      const inUse = emulator.account(group, "paired").key1;
      await stack.up(program(emulator, "start"));
      const slots: (string | undefined)[] = regeneratedSlots(emulator).slice();
      assert.deepEqual(slots, ["Key1"], "the single key, which was added with a trigger");

      let last = "start";
      let held: unknown = inUse;
      for (const [wanted, finishedWith] of [
        ["same", "same"],
        ["reverted", "same"],
        ["new", "another"],
      ] as const) {
        emulator.keyLag = Number.POSITIVE_INFINITY;
        const before = regeneratedSlots(emulator).length;
        // Either way the engine hands outputs in state to the program, and so to the outputs of the stack.
        const failed = await failing(stack.up(program(emulator, wanted), { continueOnError: !refreshed }));
        assert.match(failed.printed, /Key1 of account "single" .* was rotated\. The new key is kept in state/);
        assert.match(failed.printed, /Key[12] of account "paired" .* was rotated\. The new key is kept in state/);
        assert.match(
          failed.printed,
          /Key[12] stays valid and published\. Run "pulumi up" again.* refused it \(401\), for PT0S\. \[not-accepted\]/,
        );
        assert.equal(regeneratedSlots(emulator).length, before + 2, `${wanted}: each has rotated once`);
        const { key1: single } = emulator.account(group, "single");
        const { key1, key2 } = emulator.account(group, "paired");
        for (const key of [single, key1, key2]) {
          assert.ok(!(await stack.stored()).includes(key), "a key that is kept is encrypted");
          assert.ok(!failed.printed.includes(key), "and not shown");
        }

        if (refreshed) await stack.refreshWith(program(emulator, wanted));
        const { paired } = await stack.outputs();
        assert.equal(paired.value, held, "what the stack publishes is the key in use, which is still accepted");
        const trigger = wanted === "reverted" ? last : finishedWith;
        if (wanted === "reverted") {
          const stillRefused = await failing(stack.up(program(emulator, trigger)));
          assert.match(stillRefused.printed, /it checks again and does not rotate/);
          if (refreshed) await stack.refresh();
        }
        emulator.keyLag = 0;
        const finished = await stack.up(program(emulator, trigger));
        assert.equal(finished.steps.update, 2);
        assert.equal(regeneratedSlots(emulator).length, before + 2, `${wanted}: no further rotation`);
        assert.deepEqual(finished.outputs.single, { value: single, secret: true });
        assert.ok([key1, key2].includes(String(finished.outputs.paired.value)));
        assert.equal(finished.outputs.previous.value, held, "what consumers hold is still the previous key");
        last = trigger;
        held = finished.outputs.paired.value;
      }
      assert.deepEqual((await stack.up(program(emulator, last))).steps, { same: 2 }, "the mark is gone");
    });
  }
});
