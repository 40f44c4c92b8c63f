import assert from "node:assert/strict";
import type { ArmCall, Fault } from "../../emulator/emulator";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { EmulatedProvider } from "../support/emulatedProvider";

const count = 300;
const names = Array.from({ length: count }, (_, index) => `account-${index}`);
const where = (accountName: string) => ({ resourceGroupName: "rg", accountName });

/** Runs the tasks, so many at a time, as the engine does. */
async function atATime<T>(parallel: number, tasks: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const queue = tasks.entries();
  const worker = async () => {
    for (const [index, task] of queue) results[index] = await task();
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}

/** The calls of one operation for each account, in order. */
function byAccount(calls: readonly ArmCall[]): ArmCall[][] {
  return names.map((name) => calls.filter(({ accountName }) => accountName === name));
}

describe("300 pairs in a subscription that ARM throttles", () => {
  // The engine's own parallelism on two cores, and `--parallel`, up to as many as there are. ARM's bucket is 200 and 10 a
  // second.
  for (const [parallel, bucket] of [
    [8, { size: 20, refillPerSecond: 4 }],
    [64, { size: 200, refillPerSecond: 10 }],
    [count, { size: 100, refillPerSecond: 10 }],
  ] as const) {
    it(`are all rotated, ${parallel} at a time, in hardly more time than the bucket allows`, async function () {
      this.timeout(60_000);
      const provider = await EmulatedProvider.start({
        accounts: names.map((name) => ({ resourceGroup: "rg", name })),
        throttle: { writes: bucket },
        latency: { listKeys: 30, regenerateKey: 100 },
      });
      const { clock, emulator } = provider;
      const adopting = new KeyPairHandler(provider.process());
      const adopted = await atATime(
        parallel,
        names.map((name) => () => adopting.create(where(name))),
      );
      // The bucket fills again.
      await clock.sleep((bucket.size / bucket.refillPerSecond) * 1000);
      const first = emulator.calls.length;
      const start = clock.now();
      const rotating = new KeyPairHandler(provider.process());
      const rotated = await atATime(
        parallel,
        adopted.map(
          ({ id, outs }) =>
            () =>
              rotating.update(id, outs, { ...where(outs.accountName as string), rotationTrigger: "b" }),
        ),
      );
      const seconds = (clock.now() - start) / 1000;
      // A reading and a write for each: both are charged as writes.
      const allowed = (2 * count - bucket.size) / bucket.refillPerSecond;

      const calls = emulator.calls.slice(first);
      for (const { outs } of rotated) assertLive(emulator.account("rg", outs.accountName as string).keys, outs);
      for (const operation of ["listKeys", "regenerateKey"]) {
        const done = calls.filter((call) => call.operation === operation && call.status === 200);
        assert.equal(done.length, count, "one reading and one write for each, and nothing else");
      }
      const refused = calls.filter(({ status }) => status === 429);
      assert.equal(calls.length, 2 * count + refused.length);
      for (const own of byAccount(refused)) {
        for (const [index, { at }] of own.entries()) {
          assert.ok(index === 0 || at - own[index - 1].at >= 1_000, "a call is refused once in a waiting period");
        }
      }
      const periods = new Set(refused.map(({ at }) => Math.floor((at - start) / 1_000))).size;
      console.log(
        `      ${seconds.toFixed(1)} s, where the bucket allows ${allowed} s; ${refused.length} calls refused in ${periods} ` +
          `waiting periods, the same one at most ${Math.max(...byAccount(refused).map(({ length }) => length))} times`,
      );
      assert.ok(seconds <= 1.2 * allowed, `took ${seconds} s`);
    });
  }
});

describe("300 pairs in a subscription that stays throttled for nearly all the time there is", () => {
  it("are rotated or fail with the truth, all in time and never in a crowd", async function () {
    this.timeout(60_000);
    const provider = await EmulatedProvider.start({
      accounts: names.map((name) => ({ resourceGroup: "rg", name })),
      latency: { regenerateKey: 100 },
    });
    const { clock, emulator } = provider;
    const adopting = new KeyPairHandler(provider.process());
    const adopted = await Promise.all(names.map((name) => adopting.create(where(name))));
    const start = clock.now();
    let inFlight = 0;
    let most = 0;
    provider.fault = ({ operation }) => {
      if (operation !== "regenerateKey") return undefined;
      if (clock.now() - start < 284_000) return throttled;
      most = Math.max(most, ++inFlight);
      clock.after(100, () => void inFlight--);
      return undefined;
    };
    const rotating = new KeyPairHandler(provider.process());
    const results = await Promise.allSettled(
      adopted.map(({ id, outs }) =>
        rotating.update(id, outs, { ...where(outs.accountName as string), rotationTrigger: "b" }),
      ),
    );
    const seconds = (clock.now() - start) / 1000;
    const issued = emulator.calls.filter(({ operation, status }) => operation === "regenerateKey" && status === 200);
    const failed = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason.message)] : []));
    assert.equal(issued.length, count - failed.length, "no key was issued that nobody has");
    for (const message of failed) {
      assert.match(message, /^Not rotated: throttled\. The key was not changed\. .*429 TooManyRequests.*\[throttled\]/);
    }
    assert.ok(most <= 8, `${most} at once`);
    assert.ok(seconds <= 302, `took ${seconds} s`);
  });
});

const throttled: Fault = {
  strikes: "beforeEffect",
  outcome: { status: 429, headers: { "Retry-After": "9" }, body: { error: { code: "TooManyRequests", message: "" } } },
};

function assertLive(keys: { key1: string; key2: string }, { key, previousKey }: KeyPairOutputs): void {
  assert.deepEqual({ key, previousKey }, { key: keys.key2, previousKey: keys.key1 });
}
