/** The story that `demo.ts` starts: `demoStory.ts FOLDER`, with `cert.pem` and `key.pem` in that folder. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createEmulator, type Emulator } from "../emulator/emulator";
import { ExampleStack, type Run, RunFailure } from "./exampleStack";
import { AtLeast, exitStatus, type Fact, factTable, holds } from "./factTable";
import { isInterrupted, onInterrupt } from "./interrupt";
import { type Progress, startProgress } from "./progress";
import { obtainPulumiCli } from "./pulumiCli";
import { failuresOf, SteadyClient } from "./steadyClient";

const resourceGroup = "rg-demo";
const pairAccount = "demo-pair";
const singleAccount = "demo-single";
const intervalMs = 50;
const millisecondsForTheEngineToStop = 15_000;

class Demo {
  readonly facts: Fact[] = [];
  /** Every key that the account has had. */
  readonly keys = new Set<string>();
  /** All that the CLI and this process have printed. */
  printed = "";
  private running: Promise<unknown> = Promise.resolve();
  private progress: Progress | undefined;
  private client: SteadyClient | undefined;

  constructor(
    private readonly folder: string,
    private readonly emulator: Emulator,
  ) {
    this.rememberKeys();
  }

  async tell(): Promise<void> {
    const { producer, consumer, single, consumerOfSingle } = await this.createStacks();

    this.title("1  First deployment of a key pair, rotationTrigger 2026-10");
    const firstCalls = this.countCalls();
    const first = await this.command("pulumi up", producer, () => producer.up());
    let held = String(first.outputs.key.value);
    this.say(`Azure was called: ${firstCalls().join(", ")}. Key1, ${fingerprint(held)}…, is in use as before.`);
    this.check("first up of the producer", "1 created", summary(first));
    this.check("   ARM calls", ["listKeys"], firstCalls());
    this.check("   the output `key` is a secret", true, first.outputs.key.secret);
    const firstUse = await this.command("pulumi up", consumer, () => consumer.up());
    this.check("consumer's request with the key", 200, firstUse.outputs.status.value);
    this.say("From now on a client of the consumer calls the account 20 times a second with the key it holds.");
    this.client = new SteadyClient({ url: this.models(pairAccount), intervalMs });
    this.client.start(held);

    this.title("2  Preview of a rotation, rotationTrigger 2026-11");
    await producer.configure({ rotationTrigger: "2026-11", minimumOverlap: "PT0S" });
    const previewCalls = this.countCalls();
    const previewed = await this.command("pulumi preview", producer, () => producer.preview());
    this.say(`Pulumi will do: ${summary(previewed)}. ${previewCalls().length} calls to Azure.`);
    this.check("preview of a rotation", "1 updated", summary(previewed));
    this.check("   ARM calls", [], previewCalls());

    for (const [index, trigger] of ["2026-11", "2026-12", "2027-01"].entries()) {
      const slot = index % 2 === 0 ? "Key2" : "Key1";
      this.title(`${index + 3}  Rotation ${index + 1}, rotationTrigger ${trigger}`);
      await producer.configure({ rotationTrigger: trigger });
      const calls = this.countCalls();
      const rotated = await this.command("pulumi up", producer, () => producer.up());
      const next = String(rotated.outputs.key.value);
      const oldStatus = await this.request(pairAccount, held);
      this.say(
        `Azure was called: ${calls().join(", ")}. The consumer still holds ${fingerprint(held)}…: ${oldStatus}.`,
      );
      this.check(`rotation ${index + 1}, ARM calls`, [`regenerateKey ${slot}`], calls());
      this.check("   the key that the consumer still holds", 200, oldStatus);
      const moved = await this.command("pulumi up", consumer, () => consumer.up());
      this.say(`Now the consumer holds ${fingerprint(next)}…, and its request: ${moved.outputs.status.value}.`);
      this.check("   the key that its own up has given it", 200, moved.outputs.status.value);
      this.check("   fingerprint of that key", fingerprint(next), moved.outputs.keyFingerprint.value);
      this.client.hold(next);
      held = next;
    }

    this.title("6  A fourth rotation at once, with the default minimumOverlap of an hour");
    await producer.configure({ rotationTrigger: "2027-02", minimumOverlap: undefined });
    const refusedCalls = this.countCalls();
    const refusal = await this.refusal("pulumi up", producer, () => producer.up());
    this.say(refusal);
    const refused = /^Key1 of account "demo-pair" .* was not rotated: .*minimumOverlap \(PT1H\)/.test(refusal);
    this.check("a fourth rotation within the overlap", "refused", refused ? "refused" : refusal);
    this.check("   ARM calls", [], refusedCalls());
    const onPair = await this.stopClient();

    this.title("7  For contrast: the single slot of another account");
    const published = await this.command("pulumi up", single, () => single.up());
    const singleKey = String(published.outputs.key.value);
    await this.command("pulumi up", consumerOfSingle, () => consumerOfSingle.up());
    this.client = new SteadyClient({ url: this.models(singleAccount), intervalMs });
    this.client.start(singleKey);
    await single.configure({ rotationTrigger: "2026-11" });
    const bumpCalls = this.countCalls();
    const bumped = await this.command("pulumi up", single, () => single.up());
    const newKey = String(bumped.outputs.key.value);
    const deadStatus = await this.request(singleAccount, singleKey);
    this.say(
      `Azure was called: ${bumpCalls().join(", ")}. The consumer still holds ${fingerprint(singleKey)}…: ${deadStatus}.`,
    );
    this.check("rotation of the single slot", "1 replaced", summary(bumped));
    this.check("   ARM calls", ["regenerateKey Key1"], bumpCalls());
    this.check("   the key that the consumer still holds", 401, deadStatus);
    const healed = await this.command("pulumi up", consumerOfSingle, () => consumerOfSingle.up());
    this.check("   the key that its own up has given it", 200, healed.outputs.status.value);
    this.client.hold(newKey);
    const onSingle = await this.stopClient();
    const stateWithKeys = this.searchState();

    this.title("8  Everything is destroyed");
    const lastCalls = this.countCalls();
    for (const stack of [consumer, consumerOfSingle])
      await this.command("pulumi destroy", stack, () => stack.destroy());
    for (const stack of [producer, single]) {
      const destroyed = await this.command("pulumi destroy", stack, () => stack.destroy());
      this.check(`destroy of ${stack.project}`, "1 deleted", summary(destroyed));
    }
    this.say(`${lastCalls().length} calls to Azure: the keys stay as they are.`);
    this.check("   ARM calls", [], lastCalls());
    this.check("   the key last published", 200, await this.request(pairAccount, held));

    this.rememberKeys();
    const stateAfter = this.searchState();
    this.check("state files with a key in plaintext", [], [...new Set([...stateWithKeys, ...stateAfter])]);
    this.check("client on the pair, through 3 rotations: requests", new AtLeast(100), onPair.requests);
    this.check("   of them refused", 0, onPair.failures);
    this.check("client on the single slot, through 1 rotation: requests", new AtLeast(50), onSingle.requests);
    this.check("   of them refused", new AtLeast(1), onSingle.failures);
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
    await this.client?.stop();
    await Promise.race([this.running, sleep(millisecondsForTheEngineToStop, undefined, { ref: false })]);
  }

  private async createStacks(): Promise<Record<"producer" | "consumer" | "single" | "consumerOfSingle", ExampleStack>> {
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
      const publisher = (project: string, accountName: string, config: Record<string, string> = {}) =>
        ExampleStack.create(project, {
          ...options,
          config: { resourceGroupName: resourceGroup, accountName, ...config },
        });
      const producer = await publisher("producer", pairAccount, { rotationTrigger: "2026-10" });
      const single = await publisher("single-key", singleAccount);
      const consumerOf = (stack: ExampleStack, account: string, stackName: string) =>
        ExampleStack.create("consumer", {
          ...options,
          stackName,
          config: { producer: stack.reference, endpoint: this.emulator.endpoint(resourceGroup, account) },
        });
      return {
        producer,
        single,
        consumer: await consumerOf(producer, pairAccount, "dev"),
        consumerOfSingle: await consumerOf(single, singleAccount, "single"),
      };
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

  /** What the engine says of a command that must fail. */
  private async refusal(name: string, stack: ExampleStack, run: () => Promise<Run>): Promise<string> {
    const command = `$ ${name}  (examples/${stack.project})`;
    try {
      await this.wait(command, run);
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      this.say(`${command}  fails`);
      return error.errors.join("\n");
    }
    throw new Error(`${name} in examples/${stack.project} was expected to fail.`);
  }

  /** What the client has lived through; it goes on for a moment with the key that it was given last. */
  private async stopClient(): Promise<{ requests: number; failures: number }> {
    await sleep(10 * intervalMs);
    await this.client?.stop();
    const requests = this.client?.requests ?? [];
    return { requests: requests.length, failures: failuresOf(requests).length };
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

  private models(accountName: string): URL {
    return new URL("openai/models?api-version=2024-10-21", this.emulator.endpoint(resourceGroup, accountName));
  }

  /** What the account answers to a real request with this key. */
  private async request(accountName: string, key: string): Promise<number> {
    const response = await fetch(this.models(accountName), { headers: { "api-key": key } });
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
    for (const name of [pairAccount, singleAccount]) {
      const { key1, key2 } = this.emulator.account(resourceGroup, name);
      this.keys.add(key1).add(key2);
    }
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
    accounts: [pairAccount, singleAccount].map((name) => ({ resourceGroup, name, kind: "AIServices" })),
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
