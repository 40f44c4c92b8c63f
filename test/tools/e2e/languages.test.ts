import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import type { Emulator } from "../../../emulator/emulator";
import { startEmulator } from "../../support/emulator";
import { needsLanguageHost } from "../../support/languageLane";
import { assertPublished, Project, projectFolder } from "../../support/project";
import { account, group, name, regeneratedSlots, seeded, statusWith } from "../../support/scenario";

const root = resolve(__dirname, "../../..");
const plugin = join(root, "dist/plugin/bin/pulumi-resource-cognitive-key-rotation");
/** What the commands of an example make beside its files. */
const made = ["node_modules", "sdks", "venv", "package-lock.json", "go.sum"];
/** To fetch and compile Pulumi's SDK for the language, where that was never done before. */
const minutesToInstall = 10;

/** A copy of an example. */
function copied(example: string, emulator: Emulator, backend?: string): Promise<Project> {
  const folder = projectFolder({});
  const filter = (file: string) => !made.includes(basename(file));
  cpSync(join(root, "examples", example), folder, { recursive: true, filter });
  return withPlugin(folder, emulator, backend);
}

/** A project with the plugin on PATH. The pages begin with `pulumi package add`, and so does this. */
async function withPlugin(folder: string, emulator: Emulator, backend?: string): Promise<Project> {
  const project = new Project(emulator, folder, backend);
  project.environment.PATH = [resolve(plugin, ".."), project.environment.PATH].join(delimiter);
  await project.pulumi(["package", "add", plugin]);
  return project;
}

const operations = ({ calls }: Emulator) => calls.map(({ operation }) => operation);
const where = { resourceGroupName: group, accountName: name };

describe("the examples for the plugin", () => {
  it("in YAML: one project publishes and rotates, another one takes the key", async function () {
    needsLanguageHost(this, "yaml");
    const emulator = await startEmulator(seeded);
    const producer = await copied("yaml/producer", emulator);
    const { key1, key2 } = account(emulator).keys;

    const created = await producer.up(where);
    assert.deepEqual(created.steps, { create: 1 });
    assertPublished(created, key1);
    assert.deepEqual(operations(emulator), ["listKeys"]);

    const consumer = await copied("yaml/consumer", emulator, producer.backend);
    const taken = await consumer.up({ producer: producer.reference() });
    assertPublished(taken, key1);

    assert.deepEqual((await producer.up({})).steps, { same: 1 });
    await producer.configure({ "rotation.trigger": "2026-11" });
    const { stdout } = await producer.pulumi(["preview", "--stack", producer.name]);
    assert.match(stdout, /keyName: "Key1" => "Key2"/);
    assert.doesNotMatch(stdout, /Warning/, "the language host has nothing against the program");
    assert.deepEqual(operations(emulator), ["listKeys"], "neither an unchanged up nor a preview calls Azure");

    const rotated = await producer.up({});
    assert.deepEqual(rotated.steps, { update: 1 });
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    assertPublished(rotated, account(emulator).keys.key2);
    assert.notEqual(account(emulator).keys.key2, key2);
    assert.equal(await statusWith(emulator, await consumer.output("key")), 200, "the old key is valid until the next");

    assertPublished(await consumer.up({}), account(emulator).keys.key2);
    assert.equal(await consumer.output("key"), account(emulator).keys.key2);

    const keys = account(emulator).keys;
    await producer.pulumi(["destroy", "--stack", producer.name, "--yes", "--skip-preview"]);
    assert.deepEqual(account(emulator).keys, keys);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
  });

  it("in YAML: the programs of the pages deploy as they are printed", async function () {
    needsLanguageHost(this, "yaml");
    const shown = (name: string) => readFileSync(join(root, "examples/snippets", name), "utf8");
    const emulator = await startEmulator({ accounts: [{ resourceGroup: "my-group", name: "my-account" }] });
    const producer = await withPlugin(projectFolder({ "Pulumi.yaml": shown("firstProgram.yaml") }), emulator);
    const first = await producer.up({});
    assert.deepEqual(first.steps, { create: 1 });
    const referring = shown("secondStack.yaml").replace("my-org/language-keys/dev", producer.reference());
    const consumer = await withPlugin(projectFolder({ "Pulumi.yaml": referring }), emulator, producer.backend);
    const { outputs } = await consumer.up({});
    assert.equal(await consumer.output("key"), emulator.account("my-group", "my-account").key1);
    assert.equal(outputs.keyFingerprint, first.outputs.keyFingerprint);
  });

  it("in YAML: a trigger without quotes can become another value", async function () {
    needsLanguageHost(this, "yaml");
    const program = `
      name: triggers
      runtime: yaml
      config:
        digits: { type: string }
        inStackFile: { type: object }
      resources:
        pair:
          type: cognitive-key-rotation:RotatingCognitiveAccountKeyPair
          properties:
            resourceGroupName: ${group}
            accountName: ${name}
            rotationTrigger:
              month: 2026-11
              quoted: "2026-11-01"
              date: 2026-11-01
              dateInStackFile: \${inStackFile.date}
              number: 202611
              decimal: 1.10
              digits: \${digits}
      outputs:
        trigger: \${pair.rotationTrigger}
    `;
    const settings = `config: { "triggers:digits": "1.10", "triggers:inStackFile": { date: 2026-11-01 } }`;
    const folder = projectFolder({ "Pulumi.yaml": program });
    const project = await withPlugin(folder, await startEmulator(seeded));
    writeFileSync(join(folder, `Pulumi.${project.name}.yaml`), settings);
    const { outputs } = await project.up({});
    assert.deepEqual(outputs.trigger, {
      month: "2026-11",
      quoted: "2026-11-01",
      date: "2026-11-01T00:00:00Z", // as "package add" has written it
      dateInStackFile: "2026-11-01 00:00:00 +0000 UTC",
      number: 202611,
      decimal: 1.1,
      digits: 1.1,
    });
  });

  for (const language of ["python", "go"] as const) {
    it(`in ${language}: publishes, and rotates at the first trigger`, async function () {
      needsLanguageHost(this, language);
      this.timeout(minutesToInstall * 60_000);
      const emulator = await startEmulator(seeded);
      const producer = await copied(language, emulator);

      const created = await producer.up(where);
      assert.deepEqual(created.steps, { create: 1 });
      assertPublished(created, account(emulator).keys.key1);
      assert.deepEqual((await producer.up({})).steps, { same: 1 });

      const rotated = await producer.up({ rotationTrigger: "2026-11" });
      assert.deepEqual(rotated.steps, { update: 1 });
      assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
      assertPublished(rotated, account(emulator).keys.key2);

      await producer.pulumi(["destroy", "--stack", producer.name, "--yes", "--skip-preview"]);
      assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    });
  }

  it("in TypeScript, with two providers: each pair is in its own subscription, and rotates by itself", async function () {
    needsLanguageHost(this, "nodejs");
    this.timeout(minutesToInstall * 60_000);
    const subscriptions = { staging: randomUUID(), production: randomUUID() };
    const accounts = Object.values(subscriptions).map((subscriptionId) => ({ ...seeded.accounts[0], subscriptionId }));
    const emulator = await startEmulator({ accounts });
    const project = await copied("explicit-provider", emulator);
    for (const [stage, subscriptionId] of Object.entries(subscriptions)) {
      const settings = Object.entries({ subscriptionId, ...where });
      await project.configure(Object.fromEntries(settings.map(([setting, value]) => [`${stage}.${setting}`, value])));
    }

    assert.deepEqual((await project.up({})).steps, { create: 2 });
    const live = (stage: keyof typeof subscriptions) => emulator.account(group, name, subscriptions[stage]).keys;
    assert.equal(await project.output("stagingKey"), live("staging").key1);
    assert.equal(await project.output("productionKey"), live("production").key1);
    assert.deepEqual((await project.up({})).steps, { same: 2 });

    await project.configure({ "staging.rotationTrigger": "2026-11" });
    assert.deepEqual((await project.up({})).steps, { same: 1, update: 1 });
    const rotations = emulator.calls.filter(({ operation }) => operation === "regenerateKey");
    assert.deepEqual(
      rotations.map(({ subscriptionId, keyName }) => ({ subscriptionId, keyName })),
      [{ subscriptionId: subscriptions.staging, keyName: "Key2" }],
    );
    assert.equal(await project.output("stagingKey"), live("staging").key2);
    assert.equal(await project.output("productionKey"), live("production").key1);

    await project.pulumi(["destroy", "--stack", project.name, "--yes", "--skip-preview"]);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
  });
});
