import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Emulator } from "../../emulator/emulator";
import { needsFileBackend } from "../support/backends";
import { Deployment, failing, type Program, pulumi, type Run } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import {
  account,
  group,
  inBothForms,
  keyProgram,
  pairProgram,
  regeneratedSlots,
  replaced,
  seeded,
  statusWith,
} from "../support/scenario";

/** A producer whose state is backed up and restored with the CLI, and a consumer that reads it by a stack reference. */
class Story {
  private readonly producer: Deployment;
  private readonly consumer: Deployment;

  private constructor(readonly emulator: Emulator) {
    this.producer = new Deployment(emulator);
    this.consumer = new Deployment(emulator, { project: "consumer", backend: this.producer.backend });
  }

  static async begin(accounts = seeded.accounts): Promise<Story> {
    return new Story(await startEmulator({ accounts }));
  }

  up = (program: Program): Promise<Run> => this.producer.up(program);
  preview = (program: Program): Promise<Run> => this.producer.preview(program);
  refresh = (): Promise<Run> => this.producer.refresh();
  file = (named: string): string => join(this.producer.folder, `${named}.json`);

  /** `pulumi stack export` into a file. */
  async backUp(named: string, options: string[] = [], environment?: Record<string, string>): Promise<string> {
    const file = this.file(named);
    await this.producer.pulumi(
      ["stack", "export", "--stack", this.producer.name, "--file", file, ...options],
      environment,
    );
    return file;
  }

  /** `pulumi stack import` of a backup, whose rotation is made to lie some days back. */
  async restore(backup: string, daysOld = 5): Promise<void> {
    const then = new Date(Date.now() - daysOld * 24 * 3_600_000).toISOString();
    const aged = readFileSync(backup, "utf8").replace(/("(?:rotatedAt|publishedAt)": )".*?"/g, `$1"${then}"`);
    writeFileSync(backup, aged);
    await importInto(this.producer, backup);
  }

  /** The key that the consumer's own `pulumi up` gives it. */
  async consume(): Promise<unknown> {
    const program: Program = () => ({
      key: new (pulumi().StackReference)(this.producer.reference).requireOutput("key"),
    });
    return (await this.consumer.up(program)).outputs.key.value;
  }

  /** The fingerprint of the key in the stack's outputs. */
  async published(): Promise<unknown> {
    return (await this.producer.maskedOutputs()).keyFingerprint;
  }

  /** What the account's own endpoint answers to a key. */
  answer = (key: unknown): Promise<number> => statusWith(this.emulator, key);

  /** A command, and what it has called. */
  async calling(command: () => Promise<Run>): Promise<Run & { calls: string[] }> {
    const before = this.emulator.calls.length;
    const run = await command();
    return { ...run, calls: this.emulator.calls.slice(before).map(({ operation }) => operation) };
  }
}

async function importInto(stack: Deployment, backup: string): Promise<void> {
  await stack.pulumi(["stack", "import", "--stack", stack.name, "--file", backup]);
}

const nowTo = (rotationTrigger: number) => ({ rotationTrigger, minimumOverlap: "PT0S" });
const atOnce = (rotationTrigger: number) => pairProgram(nowTo(rotationTrigger));
const wrongPassphrase = { PULUMI_CONFIG_PASSPHRASE: "another passphrase" };
const incorrectPassphrase =
  /failed to decrypt: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase/;

inBothForms("a stack restored from a backup", ({ pairProgram }) => {
  it("publishes what is dead until it is refreshed, and then the slot that consumers hold, and ends no key of theirs", async () => {
    const story = await Story.begin();
    await story.up(pairProgram());
    const backup = await story.backUp("backup");
    await story.up(pairProgram(nowTo(1)));
    await story.up(pairProgram(nowTo(2)));
    const held = await story.consume();
    assert.equal(held, account(story.emulator).key1, "the slot of the backup, renewed since");

    await story.restore(backup);
    const dead = await story.consume();
    assert.equal(await story.answer(dead), 401, "a consumer that deploys now");
    const unchanged = await story.calling(() => story.up(pairProgram()));
    assert.deepEqual(unchanged.calls, [], "with the trigger of the backup nobody is asked");
    assert.equal(unchanged.outputs.key.value, dead);

    const asItIs = pairProgram({ rotationTrigger: 2 });
    assert.deepEqual((await story.preview(asItIs)).steps, { update: 1 }, "a preview shows a rotation");
    const unaware = await story.calling(() => failing(story.up(asItIs)));
    assert.deepEqual(unaware.calls, ["listKeys"]);
    assert.match(
      unaware.printed,
      /Not rotated: .*Key2 of account "my-account" .* No key was changed\. \[changed-outside\]/,
    );

    const refreshedAt = Date.now();
    await story.refresh();
    assert.equal(await story.published(), unchanged.outputs.keyFingerprint.value, "a refresh publishes nothing");
    const [, foundAt] =
      /Not rotated: .*Key2 .*: at (\S+) a refresh found .*\[unpublished-change\]/.exec(
        (await failing(story.preview(asItIs))).printed,
      ) ?? [];
    assert.ok(Date.parse(foundAt) >= refreshedAt);
    // However short the overlap: nobody could get the live keys yet.
    const unpublished = pairProgram({ rotationTrigger: 2, minimumOverlap: "PT0.001S" });
    const refused = await story.calling(() => failing(story.up(unpublished)));
    assert.deepEqual(refused.calls, []);
    assert.match(refused.printed, /\[unpublished-change\]/);
    assert.equal(await story.answer(held), 200, "what consumers hold");

    const { outputs } = await story.up(pairProgram());
    const { key1, key2 } = account(story.emulator);
    assert.deepEqual([outputs.key.value, outputs.previousKey.value], [key1, key2]);
    assert.equal(await story.consume(), held);
    const stillTooSoon = await failing(story.preview(asItIs));
    assert.match(stillTooSoon.printed, /consumers may still hold its key\. .*\[too-soon\]/);

    const rotated = await story.up(pairProgram(nowTo(2)));
    assert.equal(rotated.outputs.keyName.value, "Key2");
    assert.equal(rotated.outputs.previousKey.value, held);
    assert.equal(await story.answer(held), 200, "safe, once all consumers have deployed");
  });

  it("reads the keys again where a backup has none, and refuses to rotate before that", async () => {
    const story = await Story.begin();
    const program = pairProgram({ rotationTrigger: 1 });
    const { key } = (await story.up(program)).outputs;
    const whole = await story.backUp("whole", ["--show-secrets"]);
    const nulls = story.file("nulls");
    writeFileSync(nulls, readFileSync(whole, "utf8").replace(/"plaintext": .*/g, '"plaintext": "null"'));
    await story.restore(nulls);
    const refused = await story.calling(() => failing(story.up(pairProgram({ rotationTrigger: 2 }))));
    assert.deepEqual(refused.calls, []);
    assert.match(refused.printed, /Not rotated: .*\[key-lost\]/);
    assert.deepEqual((await story.up(program)).outputs.key, key, "an up reads, too");

    await story.restore(nulls);
    await story.refresh();
    assert.deepEqual((await story.up(program)).outputs.key, key);
  });
});

describe("a stack restored from a backup", () => {
  it("publishes the other slot where it was rotated once since, and what consumers hold lives until the next rotation", async () => {
    const story = await Story.begin();
    await story.up(pairProgram());
    const former = (await story.up(atOnce(1))).outputs.key.value;
    const backup = await story.backUp("backup");
    await story.up(atOnce(2));
    const held = await story.consume();

    await story.restore(backup, 0);
    const young = await failing(story.preview(pairProgram({ rotationTrigger: 2 })));
    assert.match(young.printed, /Not rotated: .*Key1 .*\[too-soon\]/);
    await story.restore(backup);
    await story.refresh();
    const { outputs } = await story.up(pairProgram({ rotationTrigger: 1 }));
    assert.equal(outputs.keyName.value, "Key2");
    assert.equal(outputs.key.value, former, "the key of the backup is still valid");
    assert.equal(outputs.previousKey.value, held, "and what consumers hold is the next to be renewed");
    assert.equal(await story.answer(held), 200);
    const moved = await story.consume();
    assert.equal(moved, former);

    await story.up(atOnce(2));
    assert.equal(await story.answer(held), 401, "a consumer that has not deployed");
    assert.equal(await story.answer(moved), 200, "and one that has");

    const latest = await story.consume();
    await story.restore(backup);
    await story.up(atOnce(2));
    assert.equal(await story.answer(latest), 401, "without a refresh PT0S ends what consumers hold");
    assert.deepEqual(regeneratedSlots(story.emulator), ["Key2", "Key1", "Key1", "Key1"]);
  });

  it("renews a single key where the trigger is newer than the backup, and without a trigger takes the live one over", async () => {
    const story = await Story.begin();
    await story.up(keyProgram({ rotationTrigger: 1 }));
    const backup = await story.backUp("backup");
    const asItIs = keyProgram({ rotationTrigger: 2 });
    const held = (await story.up(asItIs)).outputs.key.value;

    await story.restore(backup);
    const unchanged = await story.calling(() => story.up(keyProgram({ rotationTrigger: 1 })));
    assert.deepEqual(unchanged.calls, []);
    assert.equal(await story.answer(unchanged.outputs.key.value), 401, "the key of the backup is dead");
    assert.deepEqual((await story.preview(asItIs)).steps, replaced);

    await story.refresh();
    const { outputs } = await story.up(keyProgram());
    assert.deepEqual(outputs.key, { value: held, secret: true });
    assert.equal(outputs.rotatedAt, undefined, "who has issued it is not known");
    assert.deepEqual(
      (await story.up(keyProgram({ rotationTrigger: 1 }))).steps,
      { same: 1 },
      "the trigger of the backup",
    );
    await story.up(asItIs);
    assert.equal(await story.answer(held), 401, "nothing refuses a newer one");
  });

  it("adopts the present account where the backup knows another one, and no key is changed", async () => {
    const story = await Story.begin([...seeded.accounts, { resourceGroup: group, name: "moved" }]);
    await story.up(pairProgram());
    const backup = await story.backUp("backup");
    const moved = { accountName: "moved", rotationTrigger: 1 };
    await story.up(pairProgram(moved));
    const { key, previousKey } = (await story.up(pairProgram({ ...moved, ...nowTo(2) }))).outputs;

    await story.restore(backup);
    const asItIs = { ...moved, rotationTrigger: 2, initialKeyName: "Key2" } as const;
    const restored = await story.up(pairProgram(asItIs));
    assert.deepEqual(restored.steps, replaced);
    assert.deepEqual([restored.outputs.key, restored.outputs.previousKey], [key, previousKey]);
    const tooSoon = await failing(story.preview(pairProgram({ ...asItIs, rotationTrigger: 3 })));
    assert.match(tooSoon.printed, /Not rotated: .*Key1 .*\[too-soon\]/);
    assert.deepEqual(regeneratedSlots(story.emulator), ["Key2"]);
  });

  it("needs the backup's own passphrase, which alone keeps its keys secret", async function () {
    needsFileBackend(this, "a passphrase encrypts what is in files");
    const story = await Story.begin();
    const { key, previousKey } = (await story.up(pairProgram())).outputs;
    const backup = await story.backUp("backup");
    const holdsKeys = (file: string) =>
      [key, previousKey].map(({ value }) => readFileSync(file, "utf8").includes(value as string));
    assert.deepEqual(holdsKeys(backup), [false, false]);
    assert.deepEqual(holdsKeys(await story.backUp("shown", ["--show-secrets"])), [true, true]);
    assert.equal(statSync(backup).mode & 0o777, 0o666 & ~process.umask(), "who may read any new file, may read it");
    await assert.rejects(
      story.backUp("earlier", ["--version", "1"]),
      /error: the current backend \(\S+\) does not provide the ability to export previous deployments/,
    );

    await assert.rejects(story.backUp("empty", ["--show-secrets"], wrongPassphrase), incorrectPassphrase);
    await assert.rejects(story.restore(story.file("empty")), /error: EOF/, "which leaves an empty file");
    const withAnotherPassphrase = new Deployment(story.emulator, { environment: wrongPassphrase });
    await assert.rejects(importInto(withAnotherPassphrase, backup), incorrectPassphrase);
    const inAnotherBackend = new Deployment(story.emulator);
    await importInto(inAnotherBackend, backup);
    const { steps, outputs } = await inAnotherBackend.up(pairProgram());
    assert.deepEqual(steps, { same: 1 });
    assert.deepEqual([outputs.key, outputs.previousKey], [key, previousKey]);
  });
});
