import assert from "node:assert/strict";
import { delimiter } from "node:path";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Emulator } from "../../emulator/emulator";
import { pluginFolder } from "../../scripts/buildPlugin";
import { Deployment, failing, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { group, regeneratedSlots, regenerations, replaced } from "../support/scenario";

const [pair, key] = ["RotatingCognitiveAccountKeyPair", "RotatingCognitiveAccountKey"] as const;

type Declared = [name: string, className: typeof pair | typeof key, args: object, opts?: CustomResourceOptions];

/** A program with these resources, in this order. It publishes the key of each. */
function program(...resources: Declared[]): Program {
  return () => {
    const classes = plugin.classes();
    const keys = resources.map(([name, className, args, opts]) => [name, new classes[className](name, args, opts).key]);
    return Object.fromEntries(keys);
  };
}

function emulatorWith(...names: string[]): Promise<Emulator> {
  return startEmulator({ accounts: names.map((name) => ({ resourceGroup: group, name })) });
}

function idIn({ subscriptions }: Emulator, name: string): string {
  const provider = "Microsoft.CognitiveServices/accounts";
  return `/subscriptions/${subscriptions[0]}/resourceGroups/${group}/providers/${provider}/${name}`;
}

function where(accountName: string): object {
  return { resourceGroupName: group, accountName };
}

function operations({ calls }: Emulator, from = 0): string[] {
  return calls.slice(from).map(({ operation }) => operation);
}

describe("an import", () => {
  it("takes the present keys into state, however the program names the account, and they rotate as any", async () => {
    const emulator = await emulatorWith("one", "two");
    const [one, two] = ["one", "two"].map((name) => idIn(emulator, name));
    const stack = new Deployment(emulator);
    const importing = program(
      ["pair", pair, where("one"), { import: one }],
      ["key", key, { accountId: two, keyName: "Key2" }, { import: `${two}#Key2` }],
    );
    assert.deepEqual((await stack.preview(importing)).steps, { import: 2 });
    const { steps, outputs } = await stack.up(importing);
    assert.deepEqual(steps, { import: 2 });
    assert.deepEqual(outputs.pair, { value: emulator.account(group, "one").key1, secret: true });
    assert.deepEqual(outputs.key, { value: emulator.account(group, "two").key2, secret: true });
    assert.deepEqual(
      operations(emulator),
      ["listKeys", "listKeys", "listKeys", "listKeys"],
      "Pulumi's preview reads too",
    );

    const calls = emulator.calls.length;
    const inState = program(["pair", pair, { accountId: one }], ["key", key, { ...where("two"), keyName: "Key2" }]);
    for (const unchanged of [importing, inState]) {
      assert.deepEqual((await stack.up(unchanged)).steps, { same: 2 });
    }
    assert.equal(emulator.calls.length, calls);

    emulator.account(group, "one").regenerate("Key1", Date.now());
    await stack.refresh();
    const rotationTrigger = 1;
    const rotated = await stack.up(
      program(["pair", pair, { accountId: one }], ["key", key, { ...where("two"), keyName: "Key2", rotationTrigger }]),
    );
    assert.deepEqual(rotated.steps, { update: 1, ...replaced });
    assert.equal(rotated.outputs.pair.value, emulator.account(group, "one").key1, "what the refresh has found");
    assert.equal(rotated.outputs.key.value, emulator.account(group, "two").key2);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
  });

  it("rotates nothing where the program has a trigger, which counts as acted on", async () => {
    const emulator = await emulatorWith("one", "two");
    const imports = ["one", "two"].map((name) => ({ import: idIn(emulator, name) }));
    const stack = new Deployment(emulator);
    const wanted = (rotationTrigger: string, [ofPair, ofKey]: CustomResourceOptions[] = []) =>
      program(
        ["pair", pair, { ...where("one"), rotationTrigger, minimumOverlap: "PT0S" }, ofPair],
        ["key", key, { ...where("two"), rotationTrigger }, ofKey],
      );
    const { printed, steps } = await stack.preview(wanted("a", imports), { diff: true });
    assert.deepEqual(steps, { import: 2, update: 2 });
    assert.doesNotMatch(printed, /keyName +: "Key1" => "Key2"/);
    const { outputs } = await stack.up(wanted("a", imports));
    assert.equal(outputs.pair.value, emulator.account(group, "one").key1);
    assert.deepEqual((await stack.up(wanted("a"))).steps, { same: 2 });
    assert.equal(regenerations(emulator), 0);

    assert.deepEqual((await stack.up(wanted("b"))).steps, { update: 1, ...replaced });
    assert.deepEqual(regeneratedSlots(emulator).sort(), ["Key1", "Key2"]);
  });

  it("with a trigger counts for the overlap as a creation does: consumers may hold the key of the other slot", async () => {
    const emulator = await emulatorWith("one");
    const opts = { import: idIn(emulator, "one") };
    const stack = new Deployment(emulator);
    const wanted = (rotationTrigger: string) => program(["pair", pair, { ...where("one"), rotationTrigger }, opts]);
    await stack.up(wanted("a"));
    const { resources } = await stack.state();
    const stored = resources.find(({ type }) => type === plugin.typeOf(pair));
    assert.equal(stored?.outputs?.rotationTrigger, "a", "and is no secret unless the program says so");
    const { printed } = await failing(stack.up(wanted("b")));
    assert.match(printed, /Not rotated: too soon\. .*\[too-soon\]/);
    assert.equal(regenerations(emulator), 0);
  });

  it("by the command is as one by the option", async () => {
    const emulator = await emulatorWith("one");
    const PATH = [process.env.LANGUAGE_HOST_FOLDER, pluginFolder, process.env.PATH].filter(Boolean).join(delimiter);
    const stack = new Deployment(emulator, { environment: { PATH } });
    const options = ["--yes", "--skip-preview", "--generate-code=false", "--stack", stack.name];
    await stack.pulumi(["import", plugin.typeOf(pair), "pair", `${idIn(emulator, "one")}#Key2`, ...options]);
    const { steps, outputs } = await stack.up(program(["pair", pair, { ...where("one"), initialKeyName: "Key2" }]));
    assert.deepEqual(steps, { same: 1 });
    assert.equal(outputs.pair.value, emulator.account(group, "one").key2);
  });

  it("says what is wrong with an id, and of an account that is gone after a second look", async () => {
    const emulator = await emulatorWith("one");
    const id = idIn(emulator, "one");
    const stack = new Deployment(emulator);
    const { errors } = await failing(
      stack.up(
        program(
          ["name", pair, where("one"), { import: "one" }],
          ["slot", key, where("one"), { import: `${id}#Key3` }],
          ["gone", pair, where("gone"), { import: idIn(emulator, "gone") }],
          ["never", key, {}, { id: idIn(emulator, "never") }],
        ),
        { continueOnError: true },
      ),
    );
    const count = (pattern: RegExp) => errors.filter((error) => pattern.test(error)).length;
    assert.equal(count(/^Not imported: .*"#Key2".*\[import-id\]$/), 2);
    assert.equal(count(/^Keys not read: not found\. No key was changed\. .*account "gone" .*\[not-found\]/), 1);
    assert.equal(count(/^Keys not read: not found\. No key was changed\. .*account "never" .*\[not-found\]/), 1);
    assert.equal(emulator.calls.length, 4);
  });
});

describe("a key that a program only reads", () => {
  it("is read in each deployment, and never changed, revoked or deleted", async () => {
    const emulator = await emulatorWith("one", "two");
    const stack = new Deployment(emulator);
    const mine = { ...where("one"), keyName: "Key2", rotationTrigger: 1, revokeOnDelete: true };
    const { outputs: held } = await stack.up(program(["mine", key, mine]));
    const reading = program(
      ["theirs", key, {}, { id: `${idIn(emulator, "one")}#Key2` }],
      ["pair", pair, { accountName: "two" }, { id: idIn(emulator, "two") }],
    );
    const first = await stack.up(reading);
    assert.deepEqual(first.steps, { read: 2, delete: 1 });
    assert.deepEqual(first.outputs.theirs, { value: held.mine.value, secret: true });
    assert.match(first.printed, /Not revoked: slot in use\. .*\[not-revoked-in-use\]/);

    emulator.account(group, "two").regenerate("Key1", Date.now());
    assert.equal((await stack.up(reading)).outputs.pair.value, emulator.account(group, "two").key1);
    await stack.refresh();
    const calls = emulator.calls.length;
    await stack.destroy();
    assert.equal(emulator.calls.length, calls);
    assert.equal(regenerations(emulator), 1);
  });

  it("keeps a pair beside it from rotating, unless it is read afterwards", async () => {
    const emulator = await emulatorWith("one");
    const stack = new Deployment(emulator);
    const wanted =
      (rotationTrigger: string, isReadFirst = false): Program =>
      () => {
        const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = plugin.classes();
        const read = (dependsOn?: object) => {
          const opts = { id: `${idIn(emulator, "one")}#Key2`, dependsOn } as CustomResourceOptions;
          return new RotatingCognitiveAccountKey("read", {}, opts);
        };
        const before = isReadFirst ? read() : undefined;
        const args = { resourceGroupName: group, accountName: "one", rotationTrigger, minimumOverlap: "PT0S" };
        const rotating = new RotatingCognitiveAccountKeyPair("pair", args, { dependsOn: before });
        return { pair: rotating.key, read: (before ?? read(rotating)).key };
      };
    await stack.up(wanted("a"));
    const { outputs } = await stack.up(wanted("b"));
    assert.deepEqual(outputs.read, outputs.pair);
    const { printed } = await failing(stack.up(wanted("c", true)));
    assert.match(printed, /Not rotated: two resources, one account\. .*\[two-resources\]/);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
  });
});
