import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Provider } from "@pulumi/azure-native/provider";
import type { RotatingCognitiveAccountArgs } from "../../components/rotatingCognitiveAccount";
import type { Emulator, FaultHook } from "../../emulator/emulator";
import { localAuthNeeded } from "../../provider/words";
import { azureNativeFor } from "../support/azureNative";
import {
  accountEntry,
  app,
  Deployment,
  failing,
  type Program,
  pulumi,
  type StoredResource,
} from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { Examples } from "../support/examples";
import { account, group, name, regeneratedSlots, regenerations, statusWith } from "../support/scenario";

/** An emulator with a resource group and no account in it, and a stack whose engine creates accounts there. */
async function start(fault?: FaultHook): Promise<{ emulator: Emulator; stack: Deployment }> {
  const emulator = await startEmulator({ resourceGroups: [group], fault });
  return { emulator, stack: new Deployment(emulator, { environment: await azureNativeFor(emulator) }) };
}

const wanted = {
  resourceGroupName: group,
  accountName: name,
  location: "eastus",
  kind: "OpenAI",
  sku: { name: "S0" },
} satisfies RotatingCognitiveAccountArgs;

/** A program with one account, and its outputs as separate stack outputs. */
function accountProgram(
  args: Partial<RotatingCognitiveAccountArgs> = {},
  opts: () => ConstructorParameters<ReturnType<typeof accountEntry>["RotatingCognitiveAccount"]>[2] = () => undefined,
): Program {
  return () => {
    const { RotatingCognitiveAccount } = accountEntry();
    const ai = new RotatingCognitiveAccount("ai", { ...wanted, ...args }, opts());
    const { key, keyName, previousKey, endpoint, rotatedAt, keyFingerprint } = ai;
    return { id: ai.account.id, key, keyName, previousKey, endpoint, rotatedAt, keyFingerprint };
  };
}

/** The operations that the emulator was asked for since `from`. */
function operations({ calls }: Emulator, from = 0): string[] {
  return calls.slice(from).map(({ operation }) => operation);
}

async function stored(stack: Deployment, type: string): Promise<StoredResource> {
  const { resources } = await stack.state();
  return resources.find((resource) => resource.type === type) as StoredResource;
}

const accountType = "azure-native:cognitiveservices:Account";
const pairType = "pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair";

describe("an account with its key pair on the real engine", () => {
  it("is created with the keys it comes with, rotates the slot not in use, and goes without another rotation", async () => {
    const { emulator, stack } = await start();
    const consumer = new Deployment(emulator, { project: "consumer", backend: stack.backend });
    const reading: Program = () => {
      const reference = new (pulumi().StackReference)(stack.reference);
      return { key: reference.requireOutput("key"), keyFingerprint: reference.requireOutput("keyFingerprint") };
    };
    const properties = { customSubDomainName: name };

    assert.deepEqual((await stack.preview(accountProgram({ properties }))).steps, { create: 3 });
    assert.deepEqual(operations(emulator), [], "a preview makes no call");

    const created = await stack.up(accountProgram({ properties, rotationTrigger: "2026-10" }));
    assert.deepEqual(created.steps, { create: 3 });
    assert.deepEqual(operations(emulator), ["putAccount", "listKeys"]);
    const { key1, key2, id, written } = account(emulator);
    assert.deepEqual(created.outputs.key, { value: key1, secret: true });
    assert.deepEqual(created.outputs.previousKey, { value: key2, secret: true });
    assert.deepEqual(created.outputs.endpoint, { value: emulator.endpoint(group, name), secret: false });
    assert.deepEqual(created.outputs.id, { value: id, secret: false });
    assert.equal(created.outputs.rotatedAt, undefined);
    assert.deepEqual(written, {
      kind: "OpenAI",
      location: "eastus",
      sku: { name: "S0" },
      properties: { ...properties, disableLocalAuth: false },
    });
    assert.match((await stored(stack, accountType)).parent, /RotatingCognitiveAccount::ai$/);
    assert.match((await stored(stack, pairType)).parent, /RotatingCognitiveAccount::ai$/);
    const held = (await consumer.up(reading)).outputs.key;
    assert.deepEqual(held, { value: key1, secret: true });

    const calls = emulator.calls.length;
    assert.deepEqual((await stack.up(accountProgram({ properties, rotationTrigger: "2026-10" }))).steps, { same: 3 });
    const bump = accountProgram({ properties, rotationTrigger: "2026-11", minimumOverlap: "PT0S" });
    const previewed = await stack.preview(bump);
    assert.deepEqual(previewed.steps, { same: 2, update: 1 });
    assert.ok(previewed.order.includes("update ai-keys"), "it is the pair that changes");
    assert.deepEqual(operations(emulator, calls), [], "neither an unchanged up nor a preview makes a call");

    const rotated = await stack.up(bump);
    assert.deepEqual(rotated.steps, { same: 2, update: 1 });
    assert.ok(rotated.order.includes("update ai-keys"));
    assert.deepEqual(operations(emulator, calls), ["regenerateKey"]);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    assert.deepEqual(rotated.outputs.key, { value: account(emulator).key2, secret: true });
    assert.deepEqual(rotated.outputs.previousKey, held);
    assert.equal(await statusWith(emulator, held.value), 200, "the consumer before its own up");
    assert.deepEqual((await consumer.up(reading)).outputs.key, rotated.outputs.key);

    for (const key of [key1, key2, account(emulator).key2]) {
      assert.ok(
        !(await stack.stored()).includes(key) && !(await consumer.stored()).includes(key),
        "no key in plaintext on disk",
      );
    }
    const last = emulator.calls.length;
    assert.deepEqual((await stack.destroy()).steps, { delete: 3 });
    assert.deepEqual(operations(emulator, last), ["deleteAccount"]);
    assert.throws(() => account(emulator), /no account/);
  });

  it("adopts the keys as soon as a fresh account gives them", async () => {
    const { emulator, stack } = await start(({ operation, attempt }) => {
      if (operation !== "listKeys" || attempt > 2) return undefined;
      const code = "AccountProvisioningStateInvalid";
      const error = { code, message: `Account ${name} in state Accepted` };
      return { strikes: "beforeEffect", outcome: { status: 409, body: { error } } };
    });
    const { outputs, printed } = await stack.up(accountProgram());
    assert.deepEqual(operations(emulator), ["putAccount", "listKeys", "listKeys", "listKeys"]);
    assert.deepEqual(outputs.key, { value: account(emulator).key1, secret: true });
    assert.match(printed, /trying again in .*409 AccountProvisioningStateInvalid.*\[busy\]/);
  });

  it("rotates no key when the account changes, and adopts those of another account that replaces it", async () => {
    const { emulator, stack } = await start();
    const { accountName, ...unnamed } = wanted;
    const named = (args: Partial<RotatingCognitiveAccountArgs>) =>
      accountProgram({ ...unnamed, accountName: undefined, rotationTrigger: 1, ...args });
    const { id, key } = (await stack.up(named({}))).outputs;
    const madeUp = String(id.value).split("/").pop() as string;
    assert.match(madeUp, /^ai[0-9a-f]{8}$/);

    const changed = await stack.up(named({ tags: { team: "ai" }, properties: { publicNetworkAccess: "Disabled" } }));
    assert.deepEqual(changed.steps, { same: 2, update: 1 });
    assert.ok(changed.order.includes("same ai-keys"));
    assert.deepEqual(changed.outputs.key, key);
    assert.deepEqual(emulator.account(group, madeUp).written.tags, { team: "ai" });

    // Azure-native replaces an account with a name it made up before, and one with a given name after its deletion.
    assert.equal((await stack.preview(named({ accountName }))).steps.replace, 2, "the preview shows both replaced");
    for (const args of [{ accountName }, { accountName, location: "westus" }]) {
      const { outputs } = await stack.up(named(args));
      const there = emulator.account(group, String(outputs.id.value).split("/").pop() as string);
      assert.deepEqual(outputs.key, { value: there.key1, secret: true });
      assert.notDeepEqual(outputs.key, key);
    }
    assert.equal(regenerations(emulator), 0);
  });

  it("is refused without local authentication, in preview and up, with one sentence and no stack trace", async () => {
    const { emulator, stack } = await start();
    const sentence = `error: ${localAuthNeeded("ai")}`;
    const plain = accountProgram({ properties: { disableLocalAuth: true } });
    const inOutputs = [
      () => accountProgram({ properties: { disableLocalAuth: pulumi().output(true) } })(),
      () => accountProgram({ properties: pulumi().secret({ disableLocalAuth: true }) })(),
    ];
    for (const command of ["preview", "up"] as const) {
      const { printed } = await failing(stack[command](plain));
      assert.ok(printed.includes(sentence), printed);
      assert.doesNotMatch(printed, /\n\s+at /);
    }
    for (const program of inOutputs) {
      const { printed } = await failing(stack.preview(program));
      assert.ok(printed.includes(sentence), printed);
      assert.doesNotMatch(printed, /\n\s+at /);
    }
    assert.deepEqual(operations(emulator), []);

    const { key } = (await stack.up(accountProgram())).outputs;
    const { printed } = await failing(stack.up(inOutputs[0]));
    assert.ok(printed.includes(sentence), printed);
    assert.doesNotMatch(printed, /\n\s+at /);
    assert.equal(await statusWith(emulator, key.value), 200, "what consumers hold goes on working");
    assert.equal(regenerations(emulator), 0);
  });

  it("lives on without its keys as azure-native's own account, found by an alias, as the page of leaks says", async () => {
    const { emulator, stack } = await start();
    await stack.up(accountProgram());
    const { parent } = await stored(stack, accountType);
    assert.match(parent, /RotatingCognitiveAccount::ai$/);
    const withoutKeys: Program = () => {
      const fromApp = createRequire(join(app(), "/"));
      const azureNative: typeof import("@pulumi/azure-native/cognitiveservices") = fromApp(
        "@pulumi/azure-native/cognitiveservices",
      );
      const properties = { disableLocalAuth: true };
      const ai = new azureNative.Account("ai", { ...wanted, properties }, { aliases: [{ parent }] });
      return { id: ai.id };
    };
    const { steps, outputs } = await stack.up(withoutKeys);
    assert.deepEqual(steps, { update: 1, delete: 2 }, "the component and the pair are what is deleted");
    assert.equal(outputs.id.value, account(emulator).id);
    assert.equal(account(emulator).properties.disableLocalAuth, true);
    assert.equal(regenerations(emulator), 0);
  });

  for (const option of ["provider", "providers"] as const) {
    it(`is created by an explicit azure-native provider, given as ${option}, and says that the keys are not`, async () => {
      const { emulator, stack } = await start();
      const opts = () => {
        const fromApp = createRequire(join(app(), "/"));
        const azureNative: { Provider: typeof Provider } = fromApp("@pulumi/azure-native/provider");
        const explicit = new azureNative.Provider("explicit", { subscriptionId: emulator.subscriptions[0] });
        return { [option]: option === "provider" ? explicit : [explicit] };
      };
      const { outputs, printed, steps } = await stack.up(accountProgram({}, opts));
      assert.deepEqual(steps, { create: 3 });
      assert.match((await stored(stack, accountType)).provider, /pulumi:providers:azure-native::explicit::/);
      assert.match((await stored(stack, pairType)).provider, /pulumi:providers:pulumi-nodejs::default::/);
      assert.match(printed, /warning: .*\[inherited-provider\]/);
      assert.deepEqual(outputs.key, { value: account(emulator).key1, secret: true });
    });
  }
});

describe("examples/account", () => {
  it("creates an account whose key examples/consumer reads as it is, before and after a rotation", async () => {
    const emulator = await startEmulator({ resourceGroups: [group] });
    const examples = await Examples.start(emulator);
    const config = { resourceGroupName: group, accountName: name, location: "eastus" };
    const producer = examples.stack("account", config);
    const { steps, outputs } = await producer.up();
    assert.deepEqual(steps, { create: 3 }, examples.printed);
    assert.deepEqual(Object.keys(outputs).sort(), ["endpoint", "key", "keyFingerprint", "keyName"]);
    assert.deepEqual(outputs.key, { value: account(emulator).key1, secret: true });
    assert.equal(account(emulator).properties.customSubDomainName, name);

    const { reference } = producer;
    const consumer = examples.stack("consumer", {
      producer: reference,
      endpoint: String(outputs.endpoint.value),
    });
    assert.equal((await consumer.up()).outputs.status.value, 200);

    await producer.configure({ rotationTrigger: "2026-11" });
    assert.deepEqual((await producer.preview()).steps, { same: 2, update: 1 });
    const rotated = await producer.up();
    assert.deepEqual(rotated.outputs.key, { value: account(emulator).key2, secret: true });
    assert.equal(rotated.outputs.keyName.value, "Key2");
    const reading = await consumer.up();
    assert.equal(reading.outputs.status.value, 200);
    assert.equal(reading.outputs.keyFingerprint.value, rotated.outputs.keyFingerprint.value);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    await producer.destroy();
    assert.throws(() => account(emulator), /no account/);
  });
});
