import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Emulator } from "../../../emulator/emulator";
import { failuresOf, SteadyClient } from "../../../scripts/steadyClient";
import { Deployment, failing, type Program, pulumi } from "../../support/deployment";
import { startEmulator } from "../../support/emulator";
import { account, group, keyProgram, name, pairProgram, regeneratedSlots, seeded } from "../../support/scenario";

/** The commands of docs/leaked-key.md, each block by a word that only it holds. */
function command(word: string): string {
  const page = readFileSync(join(__dirname, "../../../docs/leaked-key.md"), "utf8");
  const blocks = [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block);
  const [found, ...others] = blocks.filter((block) => block.includes(word));
  assert.ok(found !== undefined && others.length === 0, `one block with ${word}`);
  return found;
}

/** What the page's command prints, with the key typed in as the page has it. */
async function leakedKeyIn(script: string, key: string): Promise<string> {
  const running = promisify(execFile)("bash", ["-euc", command("read -rs") + script], {
    env: { ...process.env, CURL_CA_BUNDLE: process.env.NODE_EXTRA_CA_CERTS },
  });
  running.child.stdin?.end(`${key}\n`);
  return (await running).stdout.trim();
}

const fingerprintOf = (key: string) => leakedKeyIn(command("printf '%s'"), key);

/** What the account's endpoint answers to the key, asked as the page asks it. */
function answerTo(emulator: Emulator, key: string): Promise<string> {
  const asked = command("curl").replace(/"https:\/\/[^"]+"/, `"${emulator.endpoint(group, name)}openai/models"`);
  return leakedKeyIn(asked, key);
}

function reading(producer: Deployment): Program {
  return () => {
    const reference = new (pulumi().StackReference)(producer.reference);
    return { key: reference.requireOutput("key"), keyFingerprint: reference.requireOutput("keyFingerprint") };
  };
}

describe("the run-book for a leaked key", () => {
  it("ends the key in use of a pair with the second rotation, and a client that deploys in between is never refused", async () => {
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const deployConsumer = async () => String((await consumer.up(reading(producer))).outputs.key.value);
    await producer.up(pairProgram());
    const leaked = await deployConsumer();
    const client = new SteadyClient({ url: `${emulator.endpoint(group, name)}openai/models`, intervalMs: 50 });
    client.start(leaked);

    const first = await producer.up(pairProgram({ rotationTrigger: "2026-11-leak-1" }));
    assert.equal(await answerTo(emulator, leaked), "200", "one rotation does not end it");
    assert.equal(first.outputs.previousKey.value, leaked);
    const held = await deployConsumer();
    client.hold(held);
    assert.equal(await fingerprintOf(held), first.outputs.keyFingerprint.value, "consumers have moved");

    const again = { rotationTrigger: "2026-11-leak-2" };
    assert.match((await failing(producer.preview(pairProgram(again)))).printed, /minimumOverlap \(PT1H\)/);
    const second = await producer.up(pairProgram({ ...again, minimumOverlap: "PT0S" }));
    assert.deepEqual(second.steps, { update: 1 });
    assert.equal(await answerTo(emulator, leaked), "401", "dead");
    assert.equal(await answerTo(emulator, held), "200");

    assert.deepEqual((await producer.up(pairProgram(again))).steps, { same: 1 }, "the override goes without a step");
    await failing(producer.preview(pairProgram({ rotationTrigger: "2026-12" })));
    client.hold(await deployConsumer());
    await client.stop();
    assert.ok(client.requests.length > 20);
    assert.deepEqual(failuresOf(client.requests), []);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key1"]);
  });

  it("ends the previous key of a pair with one rotation, and consumers that hold the key in use do not notice", async () => {
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    await producer.up(pairProgram());
    const { outputs } = await producer.up(pairProgram({ rotationTrigger: 1 }));
    const [leaked, held] = [outputs.previousKey.value, outputs.key.value].map(String);
    await producer.up(pairProgram({ rotationTrigger: 2, minimumOverlap: "PT0S" }));
    assert.equal(await answerTo(emulator, leaked), "401");
    assert.equal(await answerTo(emulator, held), "200");
  });

  it("ends a key outside, which a refresh and an up publish and a later rotation takes for the last change", async () => {
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    const leaked = String((await producer.up(pairProgram())).outputs.key.value);
    account(emulator).regenerate("Key1");
    assert.equal(await answerTo(emulator, leaked), "401");
    await producer.refresh();
    assert.equal((await producer.up(pairProgram())).outputs.key.value, account(emulator).key1);
    const { printed } = await failing(producer.preview(pairProgram({ rotationTrigger: 1 })));
    assert.match(printed, /minimumOverlap \(PT1H\)/);
  });

  it("ends a single key with its first trigger", async () => {
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    const leaked = String((await producer.up(keyProgram())).outputs.key.value);
    assert.equal(await answerTo(emulator, leaked), "200");
    const { outputs } = await producer.up(keyProgram({ rotationTrigger: "2026-11-leak-1" }));
    assert.equal(await answerTo(emulator, leaked), "401");
    assert.equal(await answerTo(emulator, String(outputs.key.value)), "200");
  });

  it("tells keys apart by the fingerprint that state shows, whatever ends the line", async () => {
    const emulator = await startEmulator(seeded);
    const { outputs } = await new Deployment(emulator).up(pairProgram());
    const { key1, key2 } = account(emulator);
    assert.equal(await fingerprintOf(key1), outputs.keyFingerprint.value);
    assert.notEqual(await fingerprintOf(key2), outputs.keyFingerprint.value);
    // What the page does with the answer of the Azure CLI, which ends it with a line break, of Windows too.
    const pipe = command("keys list").match(/\| (tr .+ cut -c1-12)\)"/)?.[1];
    assert.equal(await leakedKeyIn(`printf '%s\\r\\n' "$LEAKED" | ${pipe}`, key1), outputs.keyFingerprint.value);
  });
});
