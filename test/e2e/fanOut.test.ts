import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ArmCall, Emulator } from "../../emulator/emulator";
import { needsFailedUpdates } from "../support/backends";
import { Deployment, failing, type Run } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { inBothForms } from "../support/scenario";

const parallel = 64;
const count = 2 * parallel;
const group = "rg";
const names = Array.from({ length: count }, (_, index) => `account-${index}`);

/** Many pairs in one stack, of which the engine works on 64 at a time. */
class FanOut {
  private inFlight = 0;
  private most = 0;
  private before = 0;

  private constructor(
    private readonly form: Form,
    readonly emulator: Emulator,
    readonly stack: Deployment,
  ) {
    emulator.on("request", (_, response) => {
      this.most = Math.max(this.most, ++this.inFlight);
      response.on("close", () => this.inFlight--);
    });
  }

  /** Adopts the keys, and then lets ARM throttle. */
  static async deploy(form: Form): Promise<FanOut> {
    const subscriptionId = randomUUID();
    const emulator = await startEmulator({
      subscriptions: [subscriptionId],
      accounts: names.map((name) => ({ resourceGroup: group, name, subscriptionId })),
    });
    const stack = new Deployment(emulator, { environment: { PULUMI_PARALLEL: String(parallel) } });
    const fanOut = new FanOut(form, emulator, stack);
    await fanOut.up();
    fanOut.before = emulator.calls.length;
    assert.equal(fanOut.before, count, "one listKeys for each when it was created");
    emulator.apply({ throttle: { writes: { size: parallel, refillPerSecond: 30 } } });
    fanOut.meet();
    return fanOut;
  }

  up(rotationTrigger?: string, signal?: AbortSignal): Promise<Run> {
    const { RotatingCognitiveAccountKeyPair } = this.form.classes();
    const program = () => {
      const pairs = names.map((accountName) => {
        const args = { resourceGroupName: group, accountName, rotationTrigger };
        const { key, previousKey } = new RotatingCognitiveAccountKeyPair(accountName, args);
        return [accountName, { key, previousKey }];
      });
      return Object.fromEntries(pairs);
    };
    return this.stack.up(program, { signal });
  }

  /** The calls of the rotations. */
  get calls(): readonly ArmCall[] {
    return this.emulator.calls.slice(this.before);
  }

  /** How often each account's keys were renewed. */
  get renewals(): number[] {
    const renewed = this.calls.filter(({ operation, status }) => operation === "regenerateKey" && status === 200);
    return names.map((name) => renewed.filter(({ accountName }) => accountName === name).length);
  }

  /** Waits until so many pairs are rotated, or the command is over. */
  async reach(rotated: number, command: Promise<Run>): Promise<void> {
    const over = command.then(() => true);
    const soon = () => sleep(20, false);
    while (this.renewals.filter(Boolean).length < rotated) if (await Promise.race([over, soon()])) return;
  }

  /** That so many calls were in flight at once, and never more. */
  assertParallel(): void {
    assert.equal(this.most, parallel);
  }

  /** That what is published is what is live. */
  assertPublished({ outputs }: Run): void {
    for (const name of names) {
      const { key1, key2 } = this.emulator.account(group, name);
      assert.deepEqual(outputs[name].value, { key: key2, previousKey: key1 });
    }
  }

  /** Answers none of the next calls before as many are there as there are to be at a time. */
  private meet(): void {
    let arrived = 0;
    let open: () => void;
    const met = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.emulator.fault = async ({ operation }) => {
      if (operation !== "listKeys") return undefined;
      if (++arrived === parallel) open();
      await met;
      return undefined;
    };
  }
}

inBothForms(`${count} pairs, ${parallel} at a time, while ARM throttles`, (form) => {
  it("are each rotated once, with one reading and one write, and published", async () => {
    const fanOut = await FanOut.deploy(form);
    const rotated = await fanOut.up("b");
    assert.deepEqual(rotated.steps, { update: count });
    fanOut.assertParallel();
    fanOut.assertPublished(rotated);
    const [done, refused] = [200, 429].map((code) => fanOut.calls.filter(({ status }) => status === code));
    assert.equal(done.length + refused.length, fanOut.calls.length);
    for (const operation of ["listKeys", "regenerateKey"]) {
      const accounts = done.filter((call) => call.operation === operation).map(({ accountName }) => accountName);
      assert.deepEqual(accounts.sort(), [...names].sort(), `one ${operation} for each`);
    }
    console.log(`      ${refused.length} calls were refused, and ${done.length} were not`);
    assert.ok(refused.length > 0, "the bucket was not what held it up");
    assert.ok(refused.length <= count, "more than one for each pair");
  });

  it("are each rotated once, when Ctrl-C comes in between and the next up does the rest", async function () {
    await needsFailedUpdates(this);
    const fanOut = await FanOut.deploy(form);
    const interrupt = new AbortController();
    const command = failing(fanOut.up("b", interrupt.signal));
    await fanOut.reach(parallel / 2, command);
    interrupt.abort();
    const cut = await command;
    const soFar = fanOut.renewals.filter(Boolean).length;
    console.log(`      ${soFar} pairs were rotated before`);
    assert.match(cut.printed, /press \^C again/);
    assert.ok(soFar < count, "it was over before it could be cut off");

    const healed = await fanOut.up("b");
    assert.deepEqual(healed.steps, { same: soFar, update: count - soFar });
    assert.deepEqual(new Set(fanOut.renewals), new Set([1]));
    fanOut.assertParallel();
    fanOut.assertPublished(healed);
  });
});
