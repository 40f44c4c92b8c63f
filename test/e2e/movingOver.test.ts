import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../../emulator/emulator";
import { needsFailedUpdates } from "../support/backends";
import { Deployment, failing, type Program, pulumi, type StoredResource } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { type ClassName, dynamic, type Form, plugin } from "../support/forms";
import { findLeaks } from "../support/leaks";
import { configured, loginTo, noEnvironment, pathWithoutAzureCli } from "../support/pluginLogin";
import { group, regeneratedSlots, replaced } from "../support/scenario";

const [pairClass, keyClass] = ["RotatingCognitiveAccountKeyPair", "RotatingCognitiveAccountKey"] as const;

/** The resources of a program, each of the account that has its name: what they are, and their other arguments. */
type Resources = Record<string, readonly [ClassName, args?: object]>;

/** A program in one form that takes over what one in the other form has left. */
function program(form: Form, resources: Resources): Program {
  const other = form === dynamic ? plugin : dynamic;
  return () => {
    const keys = Object.entries(resources).map(([name, [className, args]]) => {
      const opts = { aliases: [{ type: other.typeOf(className) }] };
      const where = { resourceGroupName: group, accountName: name };
      return [name, new (form.classes()[className])(name, { ...where, ...args }, opts).key];
    });
    return Object.fromEntries(keys);
  };
}

function emulatorWith(...names: string[]): Promise<Emulator> {
  return startEmulator({ accounts: names.map((name) => ({ resourceGroup: group, name })) });
}

/** What state holds of our resources, by name. */
async function stored(stack: Deployment): Promise<Record<string, StoredResource>> {
  const { resources } = await stack.state();
  const ours = resources.filter(
    ({ type, delete: isLeftOver }) => /RotatingCognitiveAccountKey/.test(type) && !isLeftOver,
  );
  return Object.fromEntries(ours.map((resource) => [resource.urn.split("::").pop(), resource])) as never;
}

/** The same stack in a folder without Node's packages, as a program in another language has it. */
function inAnotherLanguage(...[emulator, options]: ConstructorParameters<typeof Deployment>): Deployment {
  return new Deployment(emulator, { ...options, main: mkdtempSync(join(process.env.E2E_ROOT as string, "other-")) });
}

describe("a stack of dynamic resources that moves to the plugin", () => {
  it("is unchanged, makes no call and needs nothing of Node's, and is rotated and deleted as before", async () => {
    const resources = (trigger: string): Resources => {
      const rotationTrigger = pulumi().secret(trigger);
      return {
        pair: [pairClass, { rotationTrigger, minimumOverlap: "PT0S" }],
        key: [keyClass, { rotationTrigger, keyName: "Key2", revokeOnDelete: true }],
        adopted: [keyClass],
      };
    };
    const emulator = await emulatorWith("pair", "key", "adopted");
    const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "moving-"));
    const before = new Deployment(emulator, { folder });
    await before.up(program(dynamic, resources("first trigger")));
    const { outputs: held } = await before.up(program(dynamic, resources("second trigger")));
    assert.deepEqual(regeneratedSlots(emulator).sort(), ["Key2", "Key2", "Key2"]);

    const stack = inAnotherLanguage(emulator, { folder });
    const calls = emulator.calls.length;
    for (const command of ["preview", "up"] as const) {
      assert.deepEqual((await stack[command](program(plugin, resources("second trigger")))).steps, { same: 3 });
    }
    assert.equal(emulator.calls.length, calls);
    assert.equal((await stored(stack)).pair.type, plugin.typeOf(pairClass));
    assert.doesNotMatch(await stack.stored(), /pulumi:providers:pulumi-nodejs/);
    await stack.refresh();

    const rotated = await stack.up(program(plugin, resources("third trigger")));
    assert.deepEqual(rotated.steps, { same: 1, update: 1, ...replaced });
    assert.deepEqual(regeneratedSlots(emulator).slice(3).sort(), ["Key1", "Key2"]);
    assert.equal(rotated.outputs.pair.value, emulator.account(group, "pair").key1);
    assert.equal(emulator.account(group, "pair").key2, held.pair.value, "what consumers hold stays valid");
    assert.equal(rotated.outputs.key.value, emulator.account(group, "key").key2);
    const withText = Object.entries(await stored(stack)).filter(([, { outputs }]) => outputs.__provider !== undefined);
    assert.deepEqual(
      withText.map(([name]) => name),
      ["adopted"],
      "the others have left the provider text behind",
    );
    assert.deepEqual(findLeaks(await stack.stored(), [...emulator.secrets, "first trigger", "second trigger"]), []);

    await stack.destroy();
    assert.deepEqual(regeneratedSlots(emulator).slice(5), ["Key2"], "revoked by the plugin");
    assert.notEqual(emulator.account(group, "key").key2, rotated.outputs.key.value);
  });

  it("goes on with what was unfinished or not published, and rotates nothing", async function () {
    await needsFailedUpdates(this);
    const resources = (rotationTrigger?: string): Resources => {
      const wait = (name: string) => ({ url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT0S" });
      return {
        pair: [pairClass, { rotationTrigger, minimumOverlap: "PT0S", waitUntilAccepted: wait("pair") }],
        key: [keyClass, { rotationTrigger, waitUntilAccepted: wait("key") }],
        outside: [pairClass],
      };
    };
    const emulator = await emulatorWith("pair", "key", "outside");
    const stack = new Deployment(emulator);
    const { outputs: held } = await stack.up(program(dynamic, resources()));
    emulator.keyLag = Number.POSITIVE_INFINITY;
    await failing(stack.up(program(dynamic, resources("a")), { continueOnError: true }));
    emulator.keyLag = 0;
    emulator.account(group, "outside").regenerate("Key1", Date.now());
    await stack.refresh();
    const marks = Object.entries(await stored(stack)).map(([name, { outputs }]) => {
      return [name, outputs.unfinished !== undefined, outputs.changedOutsideAt !== undefined];
    });
    assert.deepEqual(marks.sort(), [
      ["key", true, false],
      ["outside", false, true],
      ["pair", true, false],
    ]);
    const rotations = regeneratedSlots(emulator).length;
    const calls = emulator.calls.length;
    const wanted = program(plugin, resources("a"));
    assert.deepEqual((await stack.preview(wanted)).steps, { update: 3 });
    assert.equal(emulator.calls.length, calls);
    const { steps, outputs } = await stack.up(wanted);
    assert.deepEqual(steps, { update: 3 });
    assert.equal(regeneratedSlots(emulator).length, rotations);
    assert.equal(outputs.pair.value, emulator.account(group, "pair").key2);
    assert.equal(emulator.account(group, "pair").key1, held.pair.value);
    assert.equal(outputs.key.value, emulator.account(group, "key").key1);
    assert.equal(outputs.outside.value, emulator.account(group, "outside").key1);
    assert.deepEqual((await stack.up(wanted)).steps, { same: 3 });
  });

  it("says what to set where the login stood in azure-native's settings", async () => {
    const resources = (rotationTrigger: string): Resources => ({
      pair: [pairClass, { rotationTrigger, minimumOverlap: "PT0S" }],
    });
    const emulator = await emulatorWith("pair");
    const stack = new Deployment(emulator, {
      config: configured("azure-native", loginTo(emulator)),
      environment: { ...noEnvironment(emulator), PATH: pathWithoutAzureCli() },
    });
    await stack.up(program(dynamic, resources("a")));
    assert.deepEqual((await stack.up(program(plugin, resources("a")))).steps, { same: 1 }, "nobody logs in for that");
    const remedy =
      /Not logged in: .* Or set cognitive-key-rotation:clientId, .* The plugin does not read azure-native:\*\. .*\[azure-cli\]/;
    const rotating = program(plugin, resources("b"));
    for (const command of [() => stack.refresh(), () => stack.up(rotating)]) {
      assert.match((await failing(command())).printed, remedy);
    }
    assert.deepEqual(regeneratedSlots(emulator), []);

    await stack.configure(configured(plugin.namespace, loginTo(emulator)));
    assert.equal((await stack.up(rotating)).outputs.pair.value, emulator.account(group, "pair").key2);
  });
});

/** A pair and a key that rotate at each new trigger. */
const resources = (rotationTrigger: string): Resources => ({
  pair: [pairClass, { rotationTrigger, minimumOverlap: "PT0S" }],
  key: [keyClass, { rotationTrigger, revokeOnDelete: true }],
});

describe("a stack of the plugin that moves to dynamic resources", () => {
  it("is updated once without a call, before anything is replaced, and then goes on as one", async () => {
    const emulator = await emulatorWith("pair", "key");
    const stack = new Deployment(emulator);
    const { outputs: held } = await stack.up(program(plugin, resources("a")));
    const { printed } = await failing(
      stack.up(program(dynamic, { key: resources("b").key, pair: resources("a").pair }), { continueOnError: true }),
    );
    assert.match(printed, /Not touched: not moved back yet\. .*\[moved-back\]/);
    assert.deepEqual(regeneratedSlots(emulator), ["Key1"], "none beside the first");

    const calls = emulator.calls.length;
    const back = await stack.up(program(dynamic, resources("a")));
    assert.ok(back.order.includes("update key"));
    assert.deepEqual(back.outputs, held);
    assert.equal(emulator.calls.length, calls);
    assert.deepEqual((await stack.up(program(dynamic, resources("a")))).steps, { same: 2 });
    await stack.refresh();
    const rotated = await stack.up(program(dynamic, resources("b")));
    assert.deepEqual(rotated.steps, { update: 1, ...replaced });
    assert.equal(rotated.outputs.key.value, emulator.account(group, "key").key1);
    assert.equal(rotated.outputs.pair.value, emulator.account(group, "pair").key2);
    await stack.destroy();
    assert.equal(regeneratedSlots(emulator).length, 4, "the last one has revoked the key");
  });
});

describe("a plugin that is older than the state", () => {
  it("leaves alone what it does not know, and rotates and deletes as before", async () => {
    const emulator = await emulatorWith("pair", "key");
    const stack = new Deployment(emulator);
    await stack.up(program(plugin, resources("a")));
    const state = await stack.exportState();
    for (const { type, inputs, outputs } of state.deployment.resources) {
      if (type.startsWith("cognitive-key-rotation:")) {
        inputs.ofLater = outputs.ofLater = { some: ["thing"] };
        outputs.unknownMark = "2031-01-01T00:00:00.000Z";
      }
    }
    await stack.importState(state);
    const calls = emulator.calls.length;
    assert.deepEqual((await stack.up(program(plugin, resources("a")))).steps, { same: 2 });
    assert.equal(emulator.calls.length, calls);
    await stack.refresh();
    const { steps, outputs } = await stack.up(program(plugin, resources("b")));
    assert.deepEqual(steps, { update: 1, ...replaced });
    assert.equal(outputs.pair.value, emulator.account(group, "pair").key2);
    assert.equal(outputs.key.value, emulator.account(group, "key").key1);
    await stack.destroy();
    assert.notEqual(emulator.account(group, "key").key1, outputs.key.value, "revoked");
  });
});
