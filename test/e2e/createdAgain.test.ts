import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Output } from "@pulumi/pulumi";
import type { Emulator } from "../../emulator/emulator";
import { needsFailedUpdates } from "../support/backends";
import { app, Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import {
  account,
  group,
  inBothForms,
  name,
  regeneratedSlots,
  type Scenario,
  seeded,
  statusWith,
} from "../support/scenario";

/** A resource that is deleted before it is replaced, which another `version` does, and gives what it is named. */
function upstream(version: string, gives: string): Output<string> {
  const folder = join(app(), "node_modules", "pulumi-upstream");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "index.js"),
    `exports.diff = async (_id, olds, news) => {
      const replaces = olds.version !== news.version ? ["version"] : [];
      return { changes: replaces.length > 0, replaces };
    };
    exports.create = async (inputs) => {
      if (inputs.version === "broken") throw new Error("the other resource has failed");
      return { id: "upstream", outs: { ...inputs, given: inputs.gives } };
    };`,
  );
  class Upstream extends pulumi().CustomResource {
    declare readonly given: Output<string>;
  }
  const __provider = 'exports.handler=()=>require("pulumi-upstream")';
  const props = { version, gives, given: undefined, __provider };
  return new Upstream("pulumi-nodejs:dynamic/test:Upstream", "upstream", props, { deleteBeforeReplace: true }).given;
}

/** A key that is to be revoked and a pair, whose triggers come from such a resource. */
const dependentsIn =
  ({ classes }: Form) =>
  (version: string, gives = "a"): Program =>
  () => {
    const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = classes();
    const rotationTrigger = upstream(version, gives);
    const args = (accountName: string) => ({ resourceGroupName: group, accountName, rotationTrigger });
    const single = new RotatingCognitiveAccountKey("single", { ...args("single"), revokeOnDelete: true });
    const paired = new RotatingCognitiveAccountKeyPair("paired", { ...args("paired"), minimumOverlap: "PT0S" });
    return { single: single.key, paired: paired.key };
  };

/** A pair that waits until a key is accepted. */
const waitingIn =
  ({ pairProgram }: Scenario) =>
  (emulator: Emulator, rotationTrigger: string, more: object = {}): Program => {
    const waitUntilAccepted = { url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT0S" };
    return pairProgram({ rotationTrigger, minimumOverlap: "PT0S", waitUntilAccepted }, more);
  };

inBothForms("what is deleted because something that its trigger comes from is replaced delete-first", (form) => {
  const dependents = dependentsIn(form);

  it("is neither revoked nor rotated, and its key is live also where that something fails", async () => {
    const emulator = await startEmulator({
      accounts: ["single", "paired"].map((accountName) => ({ resourceGroup: group, name: accountName })),
    });
    const stack = new Deployment(emulator);
    const live = () => emulator.account(group, "single").key1;
    const created = await stack.up(dependents("1"));
    assert.deepEqual(regeneratedSlots(emulator), ["Key1"], "the single key, which was added with a trigger");

    const replacedInPassing = await stack.up(dependents("2"));
    assert.ok(replacedInPassing.order.indexOf("delete-replaced single") !== -1, replacedInPassing.order.join());
    assert.deepEqual(regeneratedSlots(emulator), ["Key1"]);
    assert.deepEqual(replacedInPassing.outputs, created.outputs);
    assert.match(replacedInPassing.printed, /Not revoked: .*account "single" .*\[not-revoked-in-use\]/);

    const broken = await failing(stack.up(dependents("broken")));
    assert.match(broken.printed, /the other resource has failed/);
    assert.deepEqual(regeneratedSlots(emulator), ["Key1"]);
    assert.deepEqual((await stack.outputs()).single, { value: live(), secret: true }, "what is published is live");

    const repaired = await stack.up(dependents("3"));
    assert.deepEqual(regeneratedSlots(emulator), ["Key1"], "the engine knows that it still waits for its replacement");
    assert.deepEqual(repaired.outputs, created.outputs);

    const bumped = await stack.up(dependents("4", "b"));
    assert.deepEqual(regeneratedSlots(emulator).slice(1).sort(), ["Key1", "Key2"], "each once");
    assert.deepEqual(bumped.outputs.single, { value: live(), secret: true });
    assert.deepEqual((await stack.up(dependents("4", "b"))).steps, { same: 3 });
  });
});

inBothForms("a pair that is created again", (form) => {
  const { pairProgram } = form;
  const waiting = waitingIn(form);

  it("never publishes the key of an unfinished rotation that is refused, by --replace or replaceOnChanges", async function () {
    await needsFailedUpdates(this);
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(waiting(emulator, "a"));
    const { outputs } = await stack.up(waiting(emulator, "b"));
    assert.equal(outputs.keyName.value, "Key2");

    emulator.keyLag = Number.POSITIVE_INFINITY;
    await failing(stack.up(waiting(emulator, "c")));
    const { key1: refused } = account(emulator);
    const attempts: [what: string, more: object, options: object][] = [
      ["--replace", {}, { replace: [form.urn(stack, "RotatingCognitiveAccountKeyPair", "pair")] }],
      ["replaceOnChanges", { replaceOnChanges: ["*"] }, {}],
    ];
    for (const [what, more, options] of attempts) {
      const { printed } = await failing(stack.up(waiting(emulator, "c", more), options));
      assert.match(
        printed,
        /Not (?:adopted|published): .*Key1 of account .*refused it \(401\), for PT0S\. \[(?:adopted-key-)?not-accepted\]/,
        what,
      );
      assert.deepEqual((await stack.outputs()).key, outputs.key, `${what}: what is published stays`);
      assert.equal(await statusWith(emulator, refused), 401);
    }

    emulator.keyLag = 0;
    const finished = await stack.up(waiting(emulator, "c"));
    assert.deepEqual(finished.outputs.key, { value: refused, secret: true });
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key1"], "and nothing was rotated again");
  });

  it("says so where the old one published the other slot, whose key stays valid", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program = (rotationTrigger: string, initialKeyName?: "Key2") =>
      pairProgram({ rotationTrigger, minimumOverlap: "PT0S", initialKeyName });
    await stack.up(program("a"));
    const held = (await stack.up(program("b"))).outputs.key.value;
    const kept = await stack.up(program("b", "Key2"), {
      replace: [form.urn(stack, "RotatingCognitiveAccountKeyPair", "pair")],
    });
    assert.equal(kept.outputs.key.value, held);
    assert.doesNotMatch(kept.printed, /\[created-again\]/);
    const anew = await stack.up(program("b"), {
      replace: [form.urn(stack, "RotatingCognitiveAccountKeyPair", "pair")],
    });
    assert.match(
      anew.printed,
      /Pair created again: now Key1, not Key2\..*The next rotation renews Key2.*\[created-again\]/,
    );
    assert.equal(anew.outputs.previousKey.value, held);
    assert.equal(await statusWith(emulator, held), 200);
  });
});
