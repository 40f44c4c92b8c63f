/** The story that `demo.ts` starts: `demoStory.ts FOLDER`, with `cert.pem` and `key.pem` in that folder. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createEmulator, type Emulator } from "../emulator/emulator";
import { ExampleStack, type Run } from "./exampleStack";
import { exitStatus, type Fact, factTable, holds } from "./factTable";
import { isInterrupted, onInterrupt } from "./interrupt";
import { type Progress, startProgress } from "./progress";
import { obtainPulumiCli } from "./pulumiCli";

const resourceGroup = "rg-demo";
const accountName = "demo-account";
const millisecondsForTheEngineToStop = 15_000;

class Demo {
  readonly facts: Fact[] = [];
  /** Every key that the account has had. */
  readonly keys = new Set<string>();
  /** All that the CLI and this process have printed. */
  printed = "";
  private running: Promise<unknown> = Promise.resolve();
  private progress: Progress | undefined;

  constructor(
    private readonly folder: string,
    private readonly emulator: Emulator,
  ) {
    this.rememberKeys();
  }

  async tell(): Promise<void> {
    const [producer, consumer] = await this.createStacks();

    this.title("1  First deployment, rotationTrigger 2026-10");
    const firstCalls = this.countCalls();
    const first = await this.command("pulumi up", producer, () => producer.up());
    const oldKey = String(first.outputs.key.value);
    const oldFingerprint = fingerprint(oldKey);
    this.say(`Azure was called: ${firstCalls().join(", ")}. Key1 is now ${oldFingerprint}….`);
    this.check("first up of the producer", "1 created", summary(first));
    this.check("   ARM calls", ["regenerateKey Key1"], firstCalls());
    this.check("   the output `key` is a secret", true, first.outputs.key.secret);
    const firstUse = await this.command("pulumi up", consumer, () => consumer.up());
    this.say(`The consumer's request with that key: ${firstUse.outputs.status.value}.`);
    this.check("consumer's request with the key", 200, firstUse.outputs.status.value);

    this.title("2  The same again");
    const idleCalls = this.countCalls();
    const idle = await this.command("pulumi up", producer, () => producer.up());
    this.say(`${summary(idle)}, ${idleCalls().length} calls to Azure.`);
    this.check("second up", "1 unchanged", summary(idle));
    this.check("   ARM calls", [], idleCalls());

    this.title("3  Preview of a rotation, rotationTrigger 2026-11");
    await producer.configure({ rotationTrigger: "2026-11" });
    const previewCalls = this.countCalls();
    const previewed = await this.command("pulumi preview", producer, () => producer.preview());
    this.say(`Pulumi will do: ${summary(previewed)}, because of ${previewed.reasons.join(", ")}.`);
    this.say(`${previewCalls().length} calls to Azure.`);
    this.check("preview of the bump", "1 replaced", summary(previewed));
    this.check("   because of", ["rotationTrigger"], previewed.reasons);
    this.check("   ARM calls", [], previewCalls());
    this.check("   old key still", 200, await this.request(oldKey));

    this.title("4  The rotation");
    const bumpCalls = this.countCalls();
    const bumped = await this.command("pulumi up", producer, () => producer.up());
    const newKey = String(bumped.outputs.key.value);
    const [oldStatus, newStatus] = [await this.request(oldKey), await this.request(newKey)];
    this.say(`Azure was called: ${bumpCalls().join(", ")}. Key1 is now ${fingerprint(newKey)}….`);
    this.say(`A request with the old key: ${oldStatus}. With the new key: ${newStatus}.`);
    this.check("up of the bump", "1 replaced", summary(bumped));
    this.check("   ARM calls", ["regenerateKey Key1"], bumpCalls());
    this.check("   fingerprint published", fingerprint(newKey), bumped.outputs.fingerprint.value);
    this.check("   old key", 401, oldStatus);
    this.check("   new key", 200, newStatus);

    this.title("5  The consumer");
    const held = (await consumer.outputs()).keyFingerprint.value;
    const heldKey = [oldKey, newKey].find((key) => fingerprint(key) === held);
    const heldStatus = heldKey === undefined ? undefined : await this.request(heldKey);
    this.say(`Until its own up it holds ${held}…, and a request with that key: ${heldStatus}.`);
    this.check("consumer before its own up holds", oldFingerprint, held);
    this.check("   its request", 401, heldStatus);
    const healed = await this.command("pulumi up", consumer, () => consumer.up());
    this.say(`Now it holds ${healed.outputs.keyFingerprint.value}…, and its request: ${healed.outputs.status.value}.`);
    this.check("consumer after its own up holds", fingerprint(newKey), healed.outputs.keyFingerprint.value);
    this.check("   its request", 200, healed.outputs.status.value);
    const stateWithKeys = this.searchState();

    this.title("6  Everything is destroyed");
    const lastCalls = this.countCalls();
    await this.command("pulumi destroy", consumer, () => consumer.destroy());
    const destroyed = await this.command("pulumi destroy", producer, () => producer.destroy());
    this.say(`${lastCalls().length} calls to Azure: the key stays as it is.`);
    this.check("destroy", "1 deleted", summary(destroyed));
    this.check("   ARM calls", [], lastCalls());
    this.check("   new key still", 200, await this.request(newKey));

    this.rememberKeys();
    const stateAfter = this.searchState();
    this.check("state files with a key in plaintext", [], [...new Set([...stateWithKeys, ...stateAfter])]);
    const shown = this.printed + factTable(this.facts);
    this.check("keys in what was printed", 0, [...this.keys].filter((key) => shown.includes(key)).length);
  }

  /** Keys never belong in an error; one that is there all the same is not shown. */
  redact(text: string): string {
    this.rememberKeys();
    return [...this.keys].reduce((redacted, key) => redacted.replaceAll(key, `${fingerprint(key)}…`), text);
  }

  /** On an interrupt: the engine has been told too, and ends its provider processes before it ends itself. */
  async stop(): Promise<void> {
    this.progress?.stop();
    await Promise.race([this.running, sleep(millisecondsForTheEngineToStop, undefined, { ref: false })]);
  }

  private async createStacks(): Promise<[producer: ExampleStack, consumer: ExampleStack]> {
    const backend = join(this.folder, "backend");
    mkdirSync(backend);
    const options = {
      command: (await obtainPulumiCli()).command,
      folder: this.folder,
      environment: {
        ...this.emulator.environment(),
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "the state lives as long as the demo",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
      onPrint: (text: string) => {
        this.printed += text;
      },
    };
    return this.wait("Preparing the stacks", async () => {
      const producer = await ExampleStack.create("producer", {
        ...options,
        config: { resourceGroupName: resourceGroup, accountName, rotationTrigger: "2026-10" },
      });
      const consumer = await ExampleStack.create("consumer", {
        ...options,
        config: { producer: producer.reference, endpoint: this.emulator.endpoint(resourceGroup, accountName) },
      });
      return [producer, consumer];
    });
  }

  private async command(name: string, { project }: ExampleStack, run: () => Promise<Run>): Promise<Run> {
    const started = Date.now();
    const command = `$ ${name}  (examples/${project})`;
    const result = await this.wait(command, run);
    this.rememberKeys();
    this.say(`${command}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return result;
  }

  private async wait<T>(text: string, work: () => Promise<T>): Promise<T> {
    // Without a terminal the lines of the story are progress enough.
    this.progress = process.stderr.isTTY && !process.env.CI ? await startProgress(text) : undefined;
    const running = work();
    this.running = running.catch(() => {});
    try {
      return await running;
    } finally {
      this.progress?.stop();
      this.progress = undefined;
      // The interrupt decides what comes next.
      if (isInterrupted()) await new Promise(() => {});
    }
  }

  /** A function that gives the control plane calls since now. */
  private countCalls(): () => string[] {
    const start = this.emulator.calls.length;
    return () =>
      this.emulator.calls.slice(start).map(({ operation, keyName }) => [operation, keyName].filter(Boolean).join(" "));
  }

  /** What the account answers to a real request with this key. */
  private async request(key: string): Promise<number> {
    const url = new URL("openai/models?api-version=2024-10-21", this.emulator.endpoint(resourceGroup, accountName));
    const response = await fetch(url, { headers: { "api-key": key } });
    await response.text();
    return response.status;
  }

  /** The files of the backend that hold a key. */
  private searchState(): string[] {
    const backend = join(this.folder, "backend");
    const files = readdirSync(backend, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const withKeys: string[] = [];
    let states = 0;
    for (const { parentPath, path, name } of files) {
      const text = readFileSync(join(parentPath ?? path, name), "utf8");
      if (text.includes("keyFingerprint")) states++;
      if ([...this.keys].some((key) => text.includes(key))) withKeys.push(name);
    }
    if (states === 0) throw new Error(`No state was found in ${backend}, so nothing can be said about keys in it.`);
    return withKeys;
  }

  private rememberKeys(): void {
    const { key1, key2 } = this.emulator.account(resourceGroup, accountName);
    this.keys.add(key1).add(key2);
  }

  private check(fact: string, expected: unknown, seen: unknown): void {
    this.facts.push({ fact, expected, seen });
  }

  private title(text: string): void {
    this.print(`\n${text}`);
  }

  private say(text: string): void {
    this.print(`   ${text}`);
  }

  print(text: string): void {
    this.printed += text;
    console.log(text);
  }
}

function fingerprint(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 12);
}

/** The engine counts a replacement as three steps. */
function summary({ steps }: Run): string {
  const { "create-replacement": created, replace, "delete-replaced": deleted, ...others } = steps;
  const words: Record<string, string> = { create: "created", same: "unchanged", update: "updated", delete: "deleted" };
  const parts = Object.entries(others).map(([op, count]) => `${count} ${words[op] ?? op}`);
  if (created !== undefined || replace !== undefined || deleted !== undefined) {
    parts.unshift(
      created === replace && replace === deleted
        ? `${replace} replaced`
        : `create-replacement ${created ?? 0}, replace ${replace ?? 0}, delete-replaced ${deleted ?? 0}`,
    );
  }
  return parts.join(", ") || "nothing";
}

async function main(folder: string): Promise<number> {
  const started = Date.now();
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const emulator = createEmulator({
    tls: { cert: read("cert.pem"), key: read("key.pem") },
    accounts: [{ resourceGroup, name: accountName, kind: "AIServices" }],
  });
  emulator.listen(0, "localhost");
  await once(emulator, "listening");
  const demo = new Demo(folder, emulator);
  const forgetInterrupt = onInterrupt(() => demo.stop());
  try {
    demo.print(`Azure is played by an emulator at ${emulator.url}, state is kept in ${folder}.`);
    demo.print("Keys are shown by their fingerprints: the first 12 hex digits of their SHA-256.");
    await demo.tell();
    const seconds = Math.round((Date.now() - started) / 1000);
    const wrong = demo.facts.filter((fact) => !holds(fact)).length;
    console.log(`\n${demo.redact(factTable(demo.facts))}`);
    console.log(`${demo.facts.length - wrong} of ${demo.facts.length} facts are as they should be, in ${seconds} s.`);
    return exitStatus(demo.facts);
  } catch (error) {
    console.error(`\n${demo.redact((error as Error).message)}`);
    return 1;
  } finally {
    await emulator.stop();
    forgetInterrupt();
  }
}

main(process.argv[2]).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
