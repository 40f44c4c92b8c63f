import assert from "node:assert/strict";
import { startEmulator } from "../support/emulator";
import { accounts, accountUrl, bearer, codeOf, listKeys, regenerate, send } from "./request";

describe("ARM's throttling", () => {
  const limit = { writes: { size: 3, refillPerSecond: 0.5 } };

  it("refuses what goes beyond the bucket, says when the next is free, and charges nothing for it", async () => {
    let time = Date.now();
    const emulator = await startEmulator({
      accounts,
      subscriptions: ["first", "second"],
      throttle: limit,
      now: () => time,
    });
    const authorization = await bearer(emulator);
    const account = emulator.account("rg", "acct");
    const rotate = () => regenerate(emulator, authorization);
    for (let call = 0; call < 3; call++) assert.equal((await rotate()).status, 200);
    const { key1 } = account;
    for (let call = 0; call < 4; call++) {
      const refused = await rotate();
      assert.equal(codeOf(refused), "429 SubscriptionRequestsThrottled");
      assert.equal(refused.headers.get("retry-after"), "2");
    }
    assert.equal(account.key1, key1, "a refused call has no effect");
    time += 2_000;
    assert.deepEqual([(await rotate()).status, (await rotate()).status], [200, 429]);
    const elsewhere = accountUrl(emulator, "rg", "acct", "/listKeys").replace("first", "second");
    assert.equal((await send(elsewhere, { authorization })).status, 404, "it has a bucket of its own");
  });

  it("counts each caller, and all callers together fifteen times", async () => {
    const clients = Array.from({ length: 20 }, (_, index) => ({ clientId: `${index}`, clientSecret: "synthetic" }));
    const emulator = await startEmulator({ accounts, clients, throttle: limit, now: () => 0 });
    const statuses: number[] = [];
    for (const client of clients) {
      const authorization = await bearer(emulator, client);
      for (let call = 0; call < 4; call++) statuses.push((await listKeys(emulator, authorization)).status);
    }
    assert.equal(statuses.filter((status) => status === 200).length, 45);
    assert.equal(statuses[3], 429);
  });

  it("charges listKeys and regenerateKey as writes of one caller, refilled at 10 a second", async () => {
    let now = Date.parse("2026-01-01T00:00:00Z");
    const emulator = await startEmulator({ accounts, now: () => now });
    const authorization = await bearer(emulator);
    const charge = async () => {
      const { headers } = await listKeys(emulator, authorization);
      return ["", "-global"].map((scope) => headers.get(`x-ms-ratelimit-remaining-subscription${scope}-writes`));
    };

    assert.deepEqual(await charge(), ["199", "2999"]);
    assert.deepEqual(await charge(), ["198", "2998"]);
    now += 1000;
    assert.deepEqual(await charge(), ["199", "2999"]);
    const read = await send(accountUrl(emulator, "rg", "acct"), { method: "GET", authorization });
    assert.equal(read.headers.get("x-ms-ratelimit-remaining-subscription-reads"), "249");
  });
});
