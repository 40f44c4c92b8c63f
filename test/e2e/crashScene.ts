import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator, Fault, KeyName } from "../../emulator/emulator";
import { Deployment, type Program, type Run, type State } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { findLeaks } from "../support/leaks";
import { group } from "../support/scenario";
import { ProviderProcesses } from "./providerProcesses";

const accounts = ["single", "paired"].map((name) => ({ resourceGroup: group, name }));

interface ProgramOptions {
  /** The triggers of the key and of the pair. */
  single?: string;
  paired?: string;
  minimumOverlap?: string;
  /** The timeout of `waitUntilAccepted`. @default no waiting */
  wait?: string;
}

interface StoredKey {
  keyName: KeyName;
  keyFingerprint: string;
  unfinished?: unknown;
}

/** A key and a pair on an account each, both in one stack whose commands are cut off in the middle of a rotation. */
export class CrashScene {
  readonly providers = new ProviderProcesses();
  readonly stack: Deployment;
  /** All that was printed so far. */
  private shown = "";
  /** The key of the pair that consumers hold, and its slot. */
  private held = "";
  private heldIn: KeyName = "Key1";

  private constructor(
    private readonly form: Form,
    readonly emulator: Emulator,
  ) {
    this.stack = new Deployment(emulator, {
      environment: this.providers.environment,
      watch: (_, text) => {
        this.shown += text;
      },
    });
  }

  static async deploy(form: Form, options: ProgramOptions): Promise<CrashScene> {
    const scene = new CrashScene(form, await startEmulator({ accounts }));
    const { outputs } = await scene.stack.up(scene.program(options));
    scene.consume(outputs);
    return scene;
  }

  program({ minimumOverlap, wait, ...triggers }: ProgramOptions): Program {
    return () => {
      const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = this.form.classes();
      const args = (accountName: "single" | "paired") => ({
        resourceGroupName: group,
        accountName,
        rotationTrigger: triggers[accountName],
        waitUntilAccepted: wait
          ? { url: `${this.emulator.endpoint(group, accountName)}openai/models`, timeout: wait }
          : undefined,
      });
      const single = new RotatingCognitiveAccountKey("single", args("single"));
      const paired = new RotatingCognitiveAccountKeyPair("paired", { ...args("paired"), minimumOverlap });
      return { single: single.key, paired: paired.key, previous: paired.previousKey, slot: paired.keyName };
    };
  }

  /**
   * Lets the first two regenerateKey calls that follow meet, so that both resources are cut off at the same point, and
   * strikes both. Gives whether they have met.
   */
  strike(fault: Fault): () => boolean {
    let arrived = 0;
    let meet: () => void;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    this.emulator.fault = async ({ operation }) => {
      if (operation !== "regenerateKey" || ++arrived > 2) return undefined;
      if (arrived === 2) meet();
      await met;
      return fault;
    };
    return () => arrived >= 2;
  }

  /** Waits for the moment in a command at which it is to be cut off. */
  async reach(moment: () => boolean, command: Promise<Run>): Promise<void> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    command.then(end, end);
    while (!moment()) {
      if (ended) {
        await command;
        assert.fail("the command was over before it could be cut off");
      }
      await sleep(20);
    }
  }

  /** Sends a signal to the CLI, as Ctrl-C or `kill` does. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.stack.engine, signal);
  }

  /** Presses Ctrl-C, and waits until the CLI says that it has noticed. */
  async interrupt(command: Promise<Run>): Promise<void> {
    const before = this.shown.length;
    this.signal("SIGINT");
    await this.reach(() => this.shown.includes("press ^C again", before), command);
  }

  /** Gives whether the slots that a rotation renews have both changed since now. */
  renewal(): () => boolean {
    const renewable = () => [
      this.live("single", "Key1"),
      this.live("paired", this.heldIn === "Key1" ? "Key2" : "Key1"),
    ];
    const before = renewable();
    return () => renewable().every((key, slot) => key !== before[slot]);
  }

  /** Whether the key in state is the live one of its slot, of the single key and of the pair. */
  async liveInState(): Promise<{ single: boolean; paired: boolean }> {
    const state = await this.stack.state();
    const isLive = (resource: string) => {
      const { keyName, keyFingerprint } = stored(state, resource);
      return createHash("sha256").update(this.live(resource, keyName)).digest("hex").startsWith(keyFingerprint);
    };
    return { single: isLive("single"), paired: isLive("paired") };
  }

  async unfinished(): Promise<string[]> {
    const state = await this.stack.state();
    return ["single", "paired"].filter((resource) => stored(state, resource).unfinished !== undefined);
  }

  /** `type name` of each operation whose end the engine does not know. */
  async pending(): Promise<string[]> {
    const { pending_operations: operations = [] } = await this.stack.state();
    return operations.map(({ type, resource }) => `${type} ${resource.urn.split("::").pop()}`).sort();
  }

  /** What holds after a command that was cut off, wherever that was. */
  async assertNothingLost({ printed }: Run): Promise<void> {
    await this.assertNothingShown(printed);
    assert.equal(this.live("paired", this.heldIn), this.held, "the key of the pair that consumers hold is live");
    assert.deepEqual(
      await this.stack.maskedOutputs(),
      { single: "[secret]", paired: "[secret]", previous: "[secret]", slot: this.heldIn },
      "and what is published is as it was",
    );
  }

  /** What holds after the `up` that heals. */
  async assertHealed({ printed, outputs }: Run): Promise<void> {
    await this.assertNothingShown(printed);
    assert.deepEqual(await this.liveInState(), { single: true, paired: true });
    assert.deepEqual(await this.unfinished(), []);
    assert.deepEqual(outputs.single, { value: this.live("single", "Key1"), secret: true });
    assert.deepEqual(outputs.paired, { value: this.live("paired", outputs.slot.value as KeyName), secret: true });
    assert.notEqual(outputs.slot.value, this.heldIn, "the pair has rotated");
    assert.equal(outputs.previous.value, this.held, "what consumers hold is the previous key");
    assert.equal(this.live("paired", this.heldIn), this.held, "and is live until the next rotation");
    assert.equal(await this.stack.isLocked(), false);
    this.consume(outputs);
  }

  private consume(outputs: Run["outputs"]): void {
    this.held = String(outputs.paired.value);
    this.heldIn = outputs.slot.value as KeyName;
  }

  private live(accountName: string, keyName: KeyName): string {
    const { key1, key2 } = this.emulator.account(group, accountName);
    return keyName === "Key1" ? key1 : key2;
  }

  private async assertNothingShown(printed: string): Promise<void> {
    assert.deepEqual(findLeaks(printed, this.emulator.secrets), []);
    assert.deepEqual(findLeaks(await this.stack.stored(), this.emulator.secrets), []);
  }
}

function stored({ resources }: State, name: string): StoredKey {
  const found = resources.find(({ urn, delete: isLeftOver }) => urn.endsWith(`::${name}`) && !isLeftOver);
  assert.ok(found?.outputs, `${name} is not in state`);
  return found.outputs as unknown as StoredKey;
}
