import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shownProgram } from "../../support/appFolder";
import { Deployment } from "../../support/deployment";
import { startEmulator } from "../../support/emulator";
import { regeneratedSlots } from "../../support/scenario";

const accountName = "my-account";
const resourceGroup = "my-group";

/** What the README's first diff makes of its first program. */
function withFirstTrigger(source: string): string {
  const readme = readFileSync(join(__dirname, "../../../README.md"), "utf8");
  const [, diff] = readme.match(/```diff\n([\s\S]*?)```/) ?? assert.fail("README has no diff");
  const side = (other: string) => diff.replace(new RegExp(`^\\${other}.*\n`, "gm"), "").replace(/^./gm, "");
  assert.ok(source.includes(side("+")), "the diff starts from the first program");
  return source.replace(side("+"), side("-"));
}

describe("the programs in the pages", () => {
  it("deploy as they are printed: the README's adopts, a second stack reads it, and its diff rotates at once", async () => {
    const emulator = await startEmulator({ accounts: [{ resourceGroup, name: accountName }] });
    const producer = new Deployment(emulator);
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const { key1 } = emulator.account(resourceGroup, accountName);
    const first = await producer.up(shownProgram("firstProgram.ts"));
    assert.deepEqual(first.outputs.key, { value: key1, secret: true });
    assert.equal(first.outputs.keyName.value, "Key1");
    const second = shownProgram("secondStack.ts", (source) =>
      source.replace("my-org/language-keys/dev", producer.reference),
    );
    const { outputs } = await consumer.up(second);
    assert.deepEqual(outputs, { key: first.outputs.key, fingerprint: first.outputs.keyFingerprint });

    const rotated = await producer.up(shownProgram("firstProgram.ts", withFirstTrigger));
    assert.deepEqual(rotated.steps, { update: 1 });
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    assert.equal(rotated.outputs.keyName.value, "Key2");
  });

  it("deploy as they are printed: a single key renews its slot, many accounts get a pair each, and a second stack reads one", async () => {
    const names = [accountName, "other-account"];
    const emulator = await startEmulator({ accounts: names.map((name) => ({ resourceGroup, name })) });
    const single = new Deployment(emulator);
    const { outputs } = await single.up(shownProgram("singleKey.ts"));
    assert.equal(outputs.key.value, emulator.account(resourceGroup, accountName).key2);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    const next = shownProgram("singleKey.ts", (source) => source.replace("2026-11", "2026-12"));
    const { printed } = await single.preview(next, { diff: true });
    assert.match(printed, /^ +- key +: \[secret\]$/m, "as docs/single-key.md explains");

    const idOf = (name: string) => {
      const { subscriptionId } = emulator.account(resourceGroup, name);
      const provider = "providers/Microsoft.CognitiveServices/accounts";
      return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/${provider}/${name}`;
    };
    const config = {
      "producer:rotationTrigger": { value: "2026-11" },
      "producer:accountIds": { value: JSON.stringify(names.map(idOf)) },
    };
    const producer = new Deployment(emulator, { config });
    const many = await producer.up(shownProgram("manyKeys.ts"));
    assert.deepEqual(many.order.sort(), names.map((name) => `create ${resourceGroup}-${name}`).sort());
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"], "adopted");

    const name = `${resourceGroup}-${accountName}`;
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const second = shownProgram("secondStack.ts", (source) =>
      source
        .replace("my-org/language-keys/dev", producer.reference)
        .replace('"key"', `"${name}-key"`)
        .replace('"keyFingerprint"', `"${name}-keyFingerprint"`),
    );
    const read = (await consumer.up(second)).outputs;
    assert.deepEqual(read.key, { value: emulator.account(resourceGroup, accountName).key1, secret: true });
    assert.deepEqual(read, { key: many.outputs[`${name}-key`], fingerprint: many.outputs[`${name}-keyFingerprint`] });
    assert.equal(read.fingerprint.secret, false);
  });
});
