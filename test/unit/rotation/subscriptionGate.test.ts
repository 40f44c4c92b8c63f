import assert from "node:assert/strict";
import { RequestBuckets } from "../../../emulator/requestBuckets";
import type { Answer } from "../../../provider/rotation/accountKeys";
import { SubscriptionGate } from "../../../provider/rotation/subscriptionGate";
import { http, network } from "../../support/fakeAzure";
import { VirtualClock } from "../../support/virtualClock";

const well: Answer = { kind: "keys", keys: { Key1: "1", Key2: "2" } };
const throttled = http(429, "TooManyRequests", { retryAfterMs: 5_000 });

/** A gate, and the seconds at which its calls were sent. Each takes 100 ms. */
function start(answer: (nth: number, seconds: number) => Answer) {
  const clock = new VirtualClock();
  const begin = clock.now();
  const holds: number[] = [];
  const ports = { ...clock, now: clock.now, sleep: clock.sleep, random: () => 1 };
  const gate = new SubscriptionGate(ports, (_, delayMs) => holds.push(delayMs));
  const sent: number[] = [];
  const pass = (deadline = begin + 300_000, entered?: () => void) =>
    gate.pass(deadline, async () => {
      entered?.();
      const seconds = (clock.now() - begin) / 1000;
      const nth = sent.push(seconds);
      await clock.sleep(100);
      return answer(nth, seconds);
    });
  return { gate, sent, holds, pass, begin, clock };
}

describe("the way to ARM of one subscription", () => {
  it("is open for any number of calls while nobody is refused", async () => {
    const { sent, pass } = start(() => well);
    await Promise.all(Array.from({ length: 50 }, () => pass()));
    assert.deepEqual(new Set(sent), new Set([0]));
  });

  it("is closed to all by one 429, and then lets in one, two, four, and eight at a time", async () => {
    const { sent, pass } = start((_, seconds) => (seconds === 0 ? throttled : well));
    await Promise.all([pass(), pass()]);
    await Promise.all(Array.from({ length: 23 }, () => pass()));
    assert.deepEqual(sent.slice(2, 9), [5.1, 5.35, 5.35, 5.6, 5.6, 5.6, 5.6]);
    assert.deepEqual(new Set(sent.slice(9, 17)), new Set([5.85]));
    assert.deepEqual(new Set(sent.slice(17)), new Set([6.1]));
  });

  it("then lets in first whose time is up first, however late they came", async () => {
    const { pass, begin, clock } = start((_, seconds) => (seconds === 0 ? throttled : well));
    await pass();
    const entered: number[] = [];
    const waiting = [70, 30, 60, 50, 20, 40].map((seconds) =>
      pass(begin + seconds * 1_000, () => entered.push(seconds)),
    );
    await clock.sleep(2_000);
    await Promise.all([...waiting, pass(begin + 10_000, () => entered.push(10))]);
    const together = [entered.slice(0, 1), entered.slice(1, 3), entered.slice(3)].map((crowd) => crowd.sort());
    assert.deepEqual(together, [[10], [20, 30], [40, 50, 60, 70]]);
  });

  it("lets nobody be overtaken by more than the eight at a time, with 300 keys and 64 of them at once", async () => {
    // As ARM does it, and as a rotation with an overlap asks: a reading and a write.
    const [keys, parallel, budgetMs] = [300, 64, 285_000];
    const buckets = new RequestBuckets({});
    const { pass, clock } = start(() => {
      try {
        buckets.charge("writes", "client", "subscription", clock.now());
        return well;
      } catch {
        return http(429, "SubscriptionRequestsThrottled", { retryAfterMs: 1_000 });
      }
    });
    const ended: number[] = [];
    const numbers = Array.from({ length: keys }, (_, index) => index).values();
    const worker = async () => {
      for (const key of numbers) {
        const deadline = clock.now() + budgetMs;
        for (let done = 0; done < 2; ) if ((await pass(deadline)).kind === "keys") done++;
        ended.push(key);
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    assert.equal(ended.length, keys);
    for (const [place, key] of ended.entries()) {
      assert.ok(place - key <= 8, `${place - key} keys have overtaken key ${key}`);
    }
  });

  it("waits longer from time to time without a Retry-After, and no longer than one of 60 s", async () => {
    for (const [answer, waits] of [
      [http(429, "TooManyRequests"), [1, 2, 4, 8, 16, 30, 30]],
      [http(429, "TooManyRequests", { retryAfterMs: 0 }), [1, 2, 4, 8, 16, 30, 30]],
      [http(429, "TooManyRequests", { retryAfterMs: 250 }), [1, 1, 1]],
      [http(429, "TooManyRequests", { retryAfterMs: 3_600_000 }), [60, 60]],
    ] as const) {
      const { gate, pass, sent } = start(() => answer);
      for (const wait of waits) {
        await pass();
        assert.equal(Math.round(gate.heldFor / 1000), wait);
      }
      assert.equal(sent.length, waits.length);
    }
  });

  it("takes refusals of calls that were in flight together for one", async () => {
    const { gate, pass } = start(() => http(429, "TooManyRequests"));
    await Promise.all(Array.from({ length: 8 }, () => pass()));
    assert.equal(gate.heldFor, 1_000);
  });

  it("is not kept closed by a call that fails, whatever it fails with", async () => {
    const { sent, pass } = start((nth) => (nth === 1 ? throttled : nth === 2 ? network("ECONNRESET") : well));
    for (let call = 0; call < 4; call++) await pass();
    assert.equal(sent.length, 4);
  });

  it("gives who cannot pass before the deadline the refusal that has closed it, without a call", async () => {
    const { sent, pass, begin, clock } = start(() =>
      http(429, "TooManyRequests", { retryAfterMs: 60_000, requestId: "1" }),
    );
    await pass();
    const late = await Promise.all(Array.from({ length: 300 }, () => pass(begin + 30_000)));
    assert.deepEqual(sent, [0], "a crowd at the deadline would be cut off before it is answered");
    for (const answer of late) {
      assert.deepEqual(answer, http(429, "TooManyRequests", { retryAfterMs: 60_000, requestId: undefined }));
    }
    assert.ok(clock.now() < begin + 30_000);
  });

  it("tells of waits in a row once, however many calls wait, and of none where no call does", async () => {
    const { pass, holds, clock, begin } = start((_, seconds) => ([0, 5, 30].includes(seconds) ? throttled : well));
    await Promise.all([pass(), pass()]);
    assert.deepEqual(holds, []);
    await pass(begin + 1_000);
    assert.deepEqual(holds, [], "who gives up does not wait");
    await Promise.all(Array.from({ length: 23 }, () => pass()));
    await clock.sleep(begin + 30_000 - clock.now());
    await pass();
    await Promise.all([pass(), pass()]);
    assert.deepEqual(holds, [5_000]);
  });

  it("tells of a wait again when it has become much longer, and when there was none for a minute", async () => {
    const { pass, holds, clock } = start((nth) => {
      const seconds = [1, 4, 5, 20, 25, 60, 1, 1][nth - 1];
      return seconds === undefined ? well : http(429, "TooManyRequests", { retryAfterMs: seconds * 1_000 });
    });
    for (let wait = 0; wait < 7; wait++) await pass();
    assert.deepEqual(holds, [1_000, 5_000, 25_000]);
    await clock.sleep(62_000);
    for (let wait = 0; wait < 2; wait++) await pass();
    assert.deepEqual(holds, [1_000, 5_000, 25_000, 1_000]);
  });

  it("forgets about it a minute after the last wait", async () => {
    const { sent, pass, clock } = start((nth) => (nth === 1 ? throttled : well));
    await pass();
    await clock.sleep(66_000);
    await Promise.all(Array.from({ length: 50 }, () => pass()));
    assert.equal(new Set(sent.slice(1)).size, 1);
  });

  it("lets no crowd in after a wait of a minute", async () => {
    const { sent, pass } = start((nth) => (nth === 1 ? http(429, "TooManyRequests", { retryAfterMs: 60_000 }) : well));
    await pass();
    await Promise.all(Array.from({ length: 50 }, () => pass()));
    assert.equal(sent.filter((at) => at === sent[1]).length, 1);
  });

  it("is left by a call that throws", async () => {
    const { gate, pass, sent } = start((nth) => (nth === 1 ? throttled : well));
    await pass();
    await assert.rejects(
      gate.pass(Number.POSITIVE_INFINITY, async () => {
        throw new Error("unforeseen");
      }),
    );
    await pass();
    assert.equal(sent.length, 2);
  });
});
