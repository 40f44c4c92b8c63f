import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ResourceTransformation } from "@pulumi/pulumi";
import type { Deployment as StackState } from "@pulumi/pulumi/automation";
import type { KeyName } from "../../emulator/emulator";
import { Deployment, library, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { group, regenerations } from "../support/scenario";

/** Empty until 1.0.0 goes out. */
const folder = resolve(__dirname, "../fixtures/state");
const fixtures = existsSync(folder) ? readdirSync(folder) : [];
const { version } = require("../../package.json");

type ClassName = "RotatingCognitiveAccountKey" | "RotatingCognitiveAccountKeyPair";

interface Stored {
  type: string;
  urn: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** Our resources in an exported state. */
function ours(state: StackState): Stored[] {
  const { resources } = state.deployment as { resources: Stored[] };
  return resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic:RotatingCognitiveAccountKey"));
}

/** The program that a state was written by, as its inputs tell, with changes to each of its resources. */
function programOf(state: StackState, change: (inputs: Record<string, unknown>) => object = () => ({})): Program {
  return () => {
    for (const { type, urn, inputs } of ours(state)) {
      const { __provider, ...args } = inputs;
      const Resource = library()[type.split(":").pop() as ClassName];
      new Resource(urn.split("::").pop() as string, { ...args, ...change(args) });
    }
    return undefined;
  };
}

/** One resource in each of the states that this release leaves behind. */
const everyState: Record<string, [ClassName, before: object, after?: object]> = {
  adopted: ["RotatingCognitiveAccountKey", { keyName: "Key2" }],
  rotated: ["RotatingCognitiveAccountKey", { rotationTrigger: { month: 11 }, revokeOnDelete: true }],
  bumped: ["RotatingCognitiveAccountKey", { rotationTrigger: "a" }, { rotationTrigger: "b" }],
  "trigger-removed": ["RotatingCognitiveAccountKey", { rotationTrigger: "a" }, {}],
  "adopted-pair": ["RotatingCognitiveAccountKeyPair", { rotationTrigger: null, initialKeyName: "Key2" }],
  "pair-with-trigger": ["RotatingCognitiveAccountKeyPair", { rotationTrigger: { month: 11 } }],
  "rotated-pair": [
    "RotatingCognitiveAccountKeyPair",
    { minimumOverlap: "PT0S" },
    { minimumOverlap: "PT0S", rotationTrigger: "a" },
  ],
};

describe("a state of a commit before the first release, with a module in the type", () => {
  it("is left alone by an alias as CHANGELOG.md has it, also where a transformation gives it", async () => {
    const names = ["first", "second"];
    const emulator = await startEmulator({
      accounts: names.map((account) => ({ resourceGroup: group, name: account })),
    });
    const stack = new Deployment(emulator);
    const program = (byOption: object, byTransformation: object) => () => {
      const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = library();
      const [first, second] = names.map((accountName) => {
        return { resourceGroupName: group, accountName, rotationTrigger: "a" };
      });
      new RotatingCognitiveAccountKey("key", { ...first, revokeOnDelete: true }, byOption);
      new RotatingCognitiveAccountKeyPair("pair", second, byTransformation);
      return undefined;
    };
    await stack.up(program({}, {}));
    const state = JSON.stringify(await stack.exportState());
    const typeBefore = (className: ClassName) =>
      `pulumi-nodejs:dynamic/${className[0].toLowerCase()}${className.slice(1)}:${className}`;
    const old = state.replace(/pulumi-nodejs:dynamic:(RotatingCognitiveAccountKey(?:Pair)?)/g, (_, className) =>
      typeBefore(className),
    );
    assert.notEqual(old, state);
    await stack.importState(JSON.parse(old));

    const calls = emulator.calls.length;
    const alias = (className: ClassName) => ({ aliases: [{ type: typeBefore(className) }] });
    const transformations: ResourceTransformation[] = [
      ({ props, opts }) => ({ props, opts: { ...opts, ...alias("RotatingCognitiveAccountKeyPair") } }),
    ];
    const { steps } = await stack.up(program(alias("RotatingCognitiveAccountKey"), { transformations }));
    assert.deepEqual(steps, { same: 2 });
    assert.equal(emulator.calls.length, calls);
  });
});

describe("a state that a release has written", () => {
  for (const file of fixtures) {
    it(`is left alone, refreshed, rotated and deleted by this one: ${file}`, async () => {
      await assertCarriedOn(JSON.parse(readFileSync(join(folder, file), "utf8")));
    });
  }

  it("is there for every release that the changelog names", () => {
    const changelog = readFileSync(resolve(__dirname, "../../CHANGELOG.md"), "utf8");
    const released = [...changelog.matchAll(/^## \[(\d\S*)\]/gm)].map(([, release]) => `${release}.json`);
    assert.deepEqual(released.sort(), fixtures.sort());
  });

  it(`has the shape of the present one, ${version} (UPDATE_STATE_FIXTURE=1 writes it)`, async () => {
    const state = await writtenNow();
    const file = join(folder, `${version}.json`);
    if (process.env.UPDATE_STATE_FIXTURE) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, `${JSON.stringify(state, undefined, 1)}\n`);
    }
    if (existsSync(file)) assert.deepEqual(shapes(JSON.parse(readFileSync(file, "utf8"))), shapes(state));
    await assertCarriedOn(state);
  });
});

/** That the present version leaves the resources of a state alone, refreshes, rotates and deletes them. */
async function assertCarriedOn(fixture: StackState): Promise<void> {
  const accounts = ours(fixture).map(({ outputs }) => ({
    resourceGroup: String(outputs.resourceGroupName),
    name: String(outputs.accountName),
    subscriptionId: String(outputs.subscriptionId),
  }));
  const emulator = await startEmulator({ accounts });
  const stack = new Deployment(emulator);
  await stack.importState(fixture);
  const restored = await stack.exportState();
  for (const { outputs } of ours(restored)) {
    const { resourceGroupName, accountName, subscriptionId } = outputs as Record<string, string>;
    for (const [slot, key] of [
      [outputs.keyName, plaintext(outputs.key)],
      [outputs.previousKeyName, plaintext(outputs.previousKey)],
    ]) {
      if (key) emulator.account(resourceGroupName, accountName, subscriptionId).setKey(slot as KeyName, key as string);
    }
  }

  const count = ours(fixture).length;
  assert.ok(count > 0);
  assert.deepEqual((await stack.preview(programOf(fixture))).steps, { same: count });
  assert.deepEqual((await stack.up(programOf(fixture, () => ({ maxAge: "P90D" })))).steps, { same: count });
  assert.equal(emulator.calls.length, 0);
  assert.deepEqual((await stack.refresh({ expectNoChanges: true })).steps, { refresh: count });
  assert.equal(regenerations(emulator), 0);
  await stack.up(programOf(fixture, () => ({ rotationTrigger: "after the upgrade", minimumOverlap: "PT0S" })));
  assert.equal(regenerations(emulator), count, "each is rotated once");
  assert.equal((await stack.destroy()).steps.delete, count);
}

/** A state as the present version leaves it behind, with one resource of each kind. */
async function writtenNow(): Promise<StackState> {
  const accounts = Object.keys(everyState).map((name) => ({ resourceGroup: "rg-upgrade", name }));
  const stack = new Deployment(await startEmulator({ accounts }));
  for (const step of [1, 2]) {
    await stack.up(() => {
      for (const [name, [className, before, after]] of Object.entries(everyState)) {
        const Resource = library()[className];
        const args = step === 2 && after !== undefined ? after : before;
        new Resource(name, { resourceGroupName: "rg-upgrade", accountName: name, ...args });
      }
      return undefined;
    });
  }
  const { version } = JSON.parse(await stack.stored());
  const state = await stack.state();
  const resources = state.resources.map((resource) => {
    const { sourcePosition: _position, stackTrace: _trace, ...rest }: Record<string, unknown> = { ...resource };
    return rest;
  });
  return { version, deployment: { ...state, resources } };
}

/** The value of a secret in a state that was exported with its secrets, where it is JSON. */
function plaintext(secret: unknown): string | undefined {
  return secret === undefined ? undefined : JSON.parse((secret as { plaintext: string }).plaintext);
}

/** Which properties each of our resources has, and the provider text. */
function shapes(state: StackState): Record<string, unknown> {
  const shape = ({ urn, inputs, outputs }: Stored) => [
    urn,
    { text: outputs.__provider, inputs: Object.keys(inputs).sort(), outputs: Object.keys(outputs).sort() },
  ];
  return Object.fromEntries(ours(state).map(shape));
}
