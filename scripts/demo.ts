/**
 * `npm run demo`: rotates keys with the real Pulumi engine, against the emulator. It needs no account, no configuration
 * and no network, and leaves nothing behind. With `-- --all` the table at its end has all facts.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { type Beside, redacted, runBesideEmulator } from "./besideEmulator";
import { pluginFolder } from "./buildPlugin";
import { exampleStack } from "./exampleStack";
import { exitWith } from "./exitWith";
import { AtLeast, exitStatus, type Fact, factTable, holds, shownFacts } from "./factTable";
import { failing, InlineStack, type InlineStackOptions, type Run } from "./inlineStack";
import { pluginClasses } from "./pluginClasses";
import { startProgress } from "./progress";
import { failuresOf, SteadyClient } from "./steadyClient";

const resourceGroup = "rg-demo";
const pairAccount = "demo-pair";
const singleAccount = "demo-single";
const pluginAccount = "demo-plugin";
const pluginProject = "plugin";
const intervalMs = 50;

/** What a command did, and the control plane calls that it made. */
type Ran = Run & { calls: string[] };

class Demo {
  readonly facts: Fact[] = [];
  /** All that the CLI and this process have printed. */
  private printed = "";
  private client: SteadyClient | undefined;
  private readonly backend: string;

  constructor(private readonly place: Beside) {
    this.backend = join(place.folder, "backend");
    mkdirSync(this.backend);
  }

  async tell(): Promise<void> {
    const { emulator } = this.place;
    const publisher = (project: string, accountName: string, config = {}) =>
      this.stack(project, "dev", { resourceGroupName: resourceGroup, accountName, ...config });
    const consumerOf = ({ reference }: InlineStack, account: string, name: string) =>
      this.stack("consumer", name, { producer: reference, endpoint: emulator.endpoint(resourceGroup, account) });
    const producer = publisher("producer", pairAccount, { rotationTrigger: "2026-10" });
    const single = publisher("single-key", singleAccount);
    const consumer = consumerOf(producer, pairAccount, "dev");
    const consumerOfSingle = consumerOf(single, singleAccount, "single");

    this.print("No key is shown, only its fingerprint: the first 12 hex digits of its SHA-256.");
    this.title("1  Deploy a key pair for the first time (rotationTrigger 2026-10)");
    const first = await this.run("up", producer);
    let held = String(first.outputs.key.value);
    this.say(
      `Calls to Azure: ${first.calls.join(", ")}. Key1 (${fingerprint(held)}) stays in use: nobody is disturbed.`,
    );
    this.check("first up of the producer", "1 created", summary(first));
    this.check("   ARM calls", ["listKeys"], first.calls);
    this.check("   the output `key` is a secret", true, first.outputs.key.secret);
    const firstUse = await this.run("up", consumer);
    this.check("consumer calls the account with the key", 200, firstUse.outputs.status.value);
    this.say("From now on, a client calls the account 20 times a second, with the key that the consumer has.");
    this.client = new SteadyClient({ url: this.models(pairAccount), intervalMs });
    this.client.start(held);

    this.title("2  Preview a rotation (rotationTrigger 2026-11)");
    await producer.configure({ rotationTrigger: "2026-11", minimumOverlap: "PT0S" });
    const previewed = await this.run("preview", producer);
    this.say(`Pulumi's plan: ${summary(previewed)}. Calls to Azure: ${previewed.calls.join(", ") || "none"}.`);
    this.check("preview of a rotation", "1 updated", summary(previewed));
    this.check("   ARM calls", [], previewed.calls);

    for (const [index, trigger] of ["2026-11", "2026-12", "2027-01"].entries()) {
      const slot = index % 2 === 0 ? "Key2" : "Key1";
      const time = ["first", "second", "third"][index];
      this.title(`${index + 3}  Rotate for the ${time} time (rotationTrigger ${trigger})`);
      await producer.configure({ rotationTrigger: trigger });
      const rotated = await this.run("up", producer);
      const next = String(rotated.outputs.key.value);
      const oldStatus = await this.request(pairAccount, held);
      this.say(`Calls to Azure: ${rotated.calls.join(", ")}. That issues a new key: ${fingerprint(next)}.`);
      this.say(`The consumer still has ${fingerprint(held)}. ${answered(oldStatus)}`);
      this.check(`rotation ${index + 1}, ARM calls`, [`regenerateKey ${slot}`], rotated.calls);
      this.check("   the key that the consumer still has", 200, oldStatus);
      const moved = await this.run("up", consumer);
      this.say(`Now the consumer has ${fingerprint(next)}. Azure answers ${moved.outputs.status.value}.`);
      this.check("   the key that the consumer's up gives it", 200, moved.outputs.status.value);
      this.check("   fingerprint of that key", fingerprint(next), moved.outputs.keyFingerprint.value);
      this.client.hold(next);
      held = next;
    }

    this.title("6  Rotate again at once, with the default minimumOverlap of an hour (rotationTrigger 2027-02)");
    await producer.configure({ rotationTrigger: "2027-02", minimumOverlap: undefined });
    const refused = await this.run("up", producer, { fails: true });
    const refusal = refused.errors.join("\n");
    for (const line of wrapped(refusal)) this.say(line);
    const tooSoon = /Key1 of account "demo-pair".*\[too-soon\]/s.test(refusal);
    this.check("a rotation within the overlap", "refused", tooSoon ? "refused" : refusal);
    this.check("   ARM calls", [], refused.calls);
    const onPair = await this.stopClient();

    this.title("7  For contrast, rotate the single key of another account (rotationTrigger 2026-11)");
    const published = await this.run("up", single);
    const singleKey = String(published.outputs.key.value);
    await this.run("up", consumerOfSingle);
    this.client = new SteadyClient({ url: this.models(singleAccount), intervalMs });
    this.client.start(singleKey);
    await single.configure({ rotationTrigger: "2026-11" });
    const bumped = await this.run("up", single);
    const newKey = String(bumped.outputs.key.value);
    const deadStatus = await this.request(singleAccount, singleKey);
    this.say(`Calls to Azure: ${bumped.calls.join(", ")}. That issues a new key: ${fingerprint(newKey)}.`);
    this.say(`The consumer still has ${fingerprint(singleKey)}. ${answered(deadStatus)}`);
    this.check("rotation of the single key", "1 replaced", summary(bumped));
    this.check("   ARM calls", ["regenerateKey Key1"], bumped.calls);
    this.check("   the key that the consumer still has", 401, deadStatus);
    const healed = await this.run("up", consumerOfSingle);
    this.say(`Now the consumer has ${fingerprint(newKey)}. Azure answers ${healed.outputs.status.value}.`);
    this.check("   the key that the consumer's up gives it", 200, healed.outputs.status.value);
    this.client.hold(newKey);
    const onSingle = await this.stopClient();

    this.title("8  The plugin, for programs in Python, Go, C#, Java and YAML (rotationTrigger 2026-11)");
    const plugin = this.pluginStack();
    const adopted = await this.run("up", plugin);
    this.check("first up with the plugin", "1 created", summary(adopted));
    this.check("   ARM calls", ["listKeys"], adopted.calls);
    await plugin.configure({ rotationTrigger: "2026-11" });
    const renewed = await this.run("up", plugin);
    const stillValid = await this.request(pluginAccount, String(adopted.outputs.key.value));
    this.say(`Calls to Azure: ${renewed.calls.join(", ")}. Azure answers ${stillValid} to the key from before.`);
    this.check("   its rotation, ARM calls", ["regenerateKey Key2"], renewed.calls);
    this.check("   the key from before", 200, stillValid);
    this.check("   the new key", 200, await this.request(pluginAccount, String(renewed.outputs.key.value)));
    const stateWithKeys = this.searchState();

    this.title("9  Destroy all stacks");
    const calls: string[] = [];
    for (const stack of [consumer, consumerOfSingle, producer, single, plugin]) {
      const destroyed = await this.run("destroy", stack);
      calls.push(...destroyed.calls);
      if (stack.project !== "consumer") this.check(`destroy of ${stack.project}`, "1 deleted", summary(destroyed));
    }
    this.say(`Calls to Azure: ${calls.join(", ") || "none"}. The keys stay as they are.`);
    this.check("   ARM calls", [], calls);
    this.check("   the last key of the pair", 200, await this.request(pairAccount, held));

    const stateAfter = this.searchState();
    this.check("state files with a key in plain text", [], [...new Set([...stateWithKeys, ...stateAfter])]);
    this.check("client's requests with the key pair", new AtLeast(50), onPair.requests);
    this.check("client's requests with the single key", new AtLeast(20), onSingle.requests);
    this.lead("requests refused with a key pair, in 3 rotations", 0, onPair.failures);
    this.lead("requests refused with a single key, in 1 rotation", new AtLeast(1), onSingle.failures);
    const shown = this.printed + factTable(this.facts);
    this.lead("keys printed", 0, [...emulator.secrets].filter((secret) => shown.includes(secret)).length);
  }

  private stack(project: string, name: string, config: Record<string, string>): InlineStack {
    return exampleStack(project, { name, config, ...this.placeOf(`${project}-${name}`) });
  }

  private placeOf(folder: string): Pick<InlineStackOptions, "folder" | "backend" | "environment" | "watch"> {
    return {
      folder: join(this.place.folder, folder),
      backend: this.backend,
      environment: this.place.emulator.environment(),
      watch: (source, text) => {
        if (source !== "events") this.printed += text;
      },
    };
  }

  /** A program that tells the engine what one in YAML does: no other language is needed to run this script. */
  private pluginStack(): InlineStack {
    const { RotatingCognitiveAccountKeyPair } = pluginClasses(pulumi);
    const project = pluginProject;
    const place = this.placeOf(project);
    return new InlineStack({
      ...place,
      project,
      environment: { ...place.environment, PATH: [pluginFolder, process.env.PATH].join(delimiter) },
      program: () => {
        const rotationTrigger = new pulumi.Config().get("rotationTrigger");
        const args = {
          resourceGroupName: resourceGroup,
          accountName: pluginAccount,
          rotationTrigger,
          minimumOverlap: "PT0S",
        };
        const { key, keyName } = new RotatingCognitiveAccountKeyPair("keys", args);
        return { key, keyName };
      },
    });
  }

  private async run(command: "up" | "preview" | "destroy", stack: InlineStack, { fails = false } = {}): Promise<Ran> {
    const folder = stack.project === pluginProject ? "" : "examples/";
    const text = `$ pulumi ${command}  (${folder}${stack.project})`;
    // Without a terminal the lines of the story are progress enough.
    const progress = process.stderr.isTTY ? await startProgress(text) : undefined;
    const started = Date.now();
    try {
      const before = this.place.emulator.calls.length;
      const running = stack[command]();
      const run = await (fails ? failing(running) : running);
      const calls = this.place.emulator.calls.slice(before);
      this.say(`${text}  ${fails ? "fails" : `${((Date.now() - started) / 1000).toFixed(1)} s`}`);
      return { ...run, calls: calls.map(({ operation, keyName }) => [operation, keyName].filter(Boolean).join(" ")) };
    } finally {
      progress?.stop();
    }
  }

  /** What the client has lived through; it goes on for a moment with the key that it was given last. */
  private async stopClient(): Promise<{ requests: number; failures: number }> {
    await sleep(10 * intervalMs);
    await this.client?.stop();
    const requests = this.client?.requests ?? [];
    return { requests: requests.length, failures: failuresOf(requests).length };
  }

  private models(accountName: string): URL {
    return new URL("openai/models?api-version=2024-10-21", this.place.emulator.endpoint(resourceGroup, accountName));
  }

  /** What the account answers to a real request with this key. */
  private async request(accountName: string, key: string): Promise<number> {
    const response = await fetch(this.models(accountName), { headers: { "api-key": key } });
    await response.text();
    return response.status;
  }

  /** The files of the backend that hold a key. */
  private searchState(): string[] {
    const entries = readdirSync(this.backend, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const texts = files.map((file) => readFileSync(file, "utf8"));
    if (!texts.some((text) => text.includes("keyFingerprint"))) {
      throw new Error(`No state was found in ${this.backend}, so nothing can be said about keys in it.`);
    }
    const secrets = [...this.place.emulator.secrets];
    return files.filter((_, index) => secrets.some((secret) => texts[index].includes(secret)));
  }

  private check(fact: string, expected: unknown, seen: unknown): void {
    this.facts.push({ fact, expected, seen });
  }

  /** One of the facts that the table at the end begins with. */
  private lead(fact: string, expected: unknown, seen: unknown): void {
    this.facts.push({ fact, expected, seen, leads: true });
  }

  private title(text: string): void {
    this.print(`\n${text}`);
  }

  private say(text: string): void {
    this.print(`   ${text}`);
  }

  private print(text: string): void {
    this.printed += text;
    console.log(text);
  }
}

function fingerprint(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 12);
}

function summary({ steps }: Run): string {
  // The engine counts a replacement as three steps.
  const { "create-replacement": _created, "delete-replaced": _deleted, ...counted } = steps;
  const words: Record<string, string> = { same: "unchanged" };
  return Object.entries(counted)
    .map(([op, count]) => `${count} ${words[op] ?? `${op}d`}`)
    .join(", ");
}

/** @param status what Azure answers to a request with a key */
function answered(status: number): string {
  return `Azure answers ${status}: that key ${status === 200 ? "still works" : "is refused"}.`;
}

/** In lines that fit into a terminal of 100 columns. */
function wrapped(text: string): string[] {
  return text.match(/\S.{0,95}(?=\s|$)/g) ?? [];
}

async function tellStory(place: Beside, all: boolean): Promise<number> {
  const started = Date.now();
  const demo = new Demo(place);
  await demo.tell();
  const { facts } = demo;
  const shown = shownFacts(facts, all);
  console.log(`\n${redacted(place.emulator, factTable(shown))}`);
  if (shown.length < facts.length) console.log("The other facts: npm run demo -- --all");
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${facts.filter(holds).length} of ${facts.length} facts are as they should be, in ${seconds} s.`);
  return exitStatus(facts);
}

const accounts = [pairAccount, singleAccount, pluginAccount].map((name) => ({
  resourceGroup,
  name,
  kind: "AIServices",
}));
exitWith(() => {
  const { all = false } = parseArgs({ options: { all: { type: "boolean" } } }).values;
  return runBesideEmulator("demo", __filename, { accounts }, (place) => tellStory(place, all));
});
