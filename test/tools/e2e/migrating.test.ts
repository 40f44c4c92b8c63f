import assert from "node:assert/strict";
import { shownProgram, writeProgram } from "../../support/appFolder";
import { Deployment, type Program, pulumi } from "../../support/deployment";
import { startEmulator } from "../../support/emulator";
import { regeneratedSlots } from "../../support/scenario";

const group = "my-group";
const name = "my-account";
const accounts = { accounts: [{ resourceGroup: group, name }] };
const oldUrn = ({ name }: Deployment) => `urn:pulumi:${name}::producer::pulumi-nodejs:dynamic:Resource::my-account-key`;

/**
 * A key that rotates by replacement, as people write it by hand. Its `delete` renews the key once more, so that the old
 * value ends: what would end the key that a pair has just adopted.
 */
const handWritten = `
  const pulumi = require("@pulumi/pulumi");
  async function regenerate({ group, name }) {
    const { CognitiveServicesManagementClient } = require("@azure/arm-cognitiveservices");
    const { ClientSecretCredential } = require("@azure/identity");
    const { ARM_METADATA_HOSTNAME, ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_SUBSCRIPTION_ID } = process.env;
    const endpoint = "https://" + ARM_METADATA_HOSTNAME;
    const options = { authorityHost: endpoint, disableInstanceDiscovery: true };
    const credential = new ClientSecretCredential(ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, options);
    const client = new CognitiveServicesManagementClient(credential, ARM_SUBSCRIPTION_ID, { endpoint });
    return (await client.accounts.regenerateKey(group, name, "Key1")).key1;
  }
  const provider = {
    diff: async (id, olds, news) => ({ replaces: olds.trigger === news.trigger ? [] : ["trigger"] }),
    create: async (inputs) => ({ id: "key", outs: { ...inputs, key: await regenerate(inputs) } }),
    delete: async (id, props) => void (await regenerate(props)),
  };
  class RotatedKey extends pulumi.dynamic.Resource {
    constructor(name, args, opts) {
      super(provider, name, { ...args, key: undefined }, { additionalSecretOutputs: ["key"], ...opts });
    }
  }
  exports.program = (opts) => ({
    key: new RotatedKey("my-account-key", { group: "${group}", name: "${name}", trigger: "2026-10" }, opts).key,
  });`;

describe("a stack that moves to a pair", () => {
  it("from a dynamic provider of its own, by retainOnDelete, keeps its key and calls nobody but to read", async () => {
    const emulator = await startEmulator(accounts);
    const producer = new Deployment(emulator);
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const reading: Program = () => ({ key: new (pulumi().StackReference)(producer.reference).requireOutput("key") });
    const old = (opts?: object): Program =>
      require(writeProgram("handWritten.cjs", handWritten)).program.bind(null, opts);
    const { key } = (await producer.up(old())).outputs;
    assert.deepEqual(key, { value: emulator.account(group, name).key1, secret: true });
    const held = (await consumer.up(reading)).outputs.key;
    const calls = emulator.calls.length;

    assert.deepEqual((await producer.up(old({ retainOnDelete: true }))).steps, { same: 1 });
    const moved = await producer.up(shownProgram("migrated.ts"));
    assert.deepEqual(moved.order, ["create my-account-keys", "delete my-account-key"]);
    assert.deepEqual(
      emulator.calls.slice(calls).map(({ operation }) => operation),
      ["listKeys"],
    );
    assert.deepEqual(moved.outputs.key, key);
    assert.deepEqual((await consumer.up(reading)).outputs.key, held, "consumers notice nothing");

    const trigger = (source: string) => source.replace("initialKeyName", 'rotationTrigger: "2026-11", initialKeyName');
    const rotated = await producer.up(shownProgram("migrated.ts", trigger));
    assert.deepEqual(rotated.steps, { update: 1 }, "the first trigger rotates, and nothing holds it back");
    assert.equal(emulator.account(group, name).key1, held.value, "what consumers hold stays valid");
    assert.deepEqual(regeneratedSlots(emulator), ["Key1", "Key2"]);
  });

  it("by pulumi state delete does so too, and without either the old delete ends the key that the pair publishes", async () => {
    const emulator = await startEmulator(accounts);
    const { program: old } = require(writeProgram("handWritten.cjs", handWritten));
    const forgetting = new Deployment(emulator);
    const { key } = (await forgetting.up(() => old())).outputs;
    await forgetting.deleteFromState(oldUrn(forgetting));
    const moved = await forgetting.up(shownProgram("migrated.ts"));
    assert.deepEqual(moved.steps, { create: 1 });
    assert.deepEqual(moved.outputs.key, key);
    assert.deepEqual(regeneratedSlots(emulator), ["Key1"]);

    const careless = new Deployment(emulator);
    await careless.up(() => old());
    const { outputs } = await careless.up(shownProgram("migrated.ts"));
    assert.notEqual(outputs.key.value, emulator.account(group, name).key1, "dead");
    await careless.refresh();
    const healed = await careless.up(shownProgram("migrated.ts"));
    assert.equal(healed.outputs.key.value, emulator.account(group, name).key1, "and healed as the page says");
  });

  it("from a key that was read at every run, as by listAccountKeys, keeps its output, and is told when the slot is not the one that was published", async () => {
    const emulator = await startEmulator(accounts);
    const stack = new Deployment(emulator);
    const { key1, key2 } = emulator.account(group, name);
    const { outputs } = await stack.up(() => ({ key: pulumi().secret(key1) }));
    const moved = await stack.up(shownProgram("migrated.ts"));
    assert.deepEqual(moved.steps, { create: 1 });
    assert.deepEqual(moved.outputs.key, outputs.key);

    const other = new Deployment(emulator);
    const { outputs: wrong } = await other.up(
      shownProgram("migrated.ts", (source) => source.replace('"Key1"', '"Key2"')),
    );
    assert.equal(wrong.key.value, key2);
    assert.notEqual(wrong.keyFingerprint.value, moved.outputs.keyFingerprint.value, "the fingerprint tells");
  });
});
