import assert from "node:assert/strict";
import { startEmulator } from "../support/emulator";
import { accounts, bearer, listKeys } from "./request";

describe("the settings of a running emulator", () => {
  const adminToken = "synthetic-admin-token";
  const patch = (url: string, body: object, token = adminToken) =>
    fetch(`${url}/emulator`, {
      method: "PATCH",
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });

  it("can be changed from another process: faults, latency, throttling, key lag, and accounts", async () => {
    const slept: number[] = [];
    const emulator = await startEmulator({ accounts, adminToken, sleep: async (ms) => slept.push(ms) });
    const account = emulator.account("rg", "acct");
    const { key1 } = account;
    const authorization = await bearer(emulator);
    const list = async () => (await listKeys(emulator, authorization)).status;
    const gone = { operation: "listKeys", attempts: [1], fault: { strikes: "beforeEffect", outcome: { status: 503 } } };

    assert.equal((await patch(emulator.url, { faults: [gone], keyLag: 60_000, latency: { listKeys: 5 } })).status, 204);
    assert.deepEqual([await list(), await list()], [503, 200]);
    assert.deepEqual(slept, [5, 5]);
    await patch(emulator.url, { accounts: [{ resourceGroup: "rg", name: "acct", regenerate: "Key1" }] });
    assert.notEqual(account.key1, key1);
    const headers = { "api-key": account.key1 };
    assert.equal((await fetch(`${emulator.endpoint("rg", "acct")}openai/models`, { headers })).status, 401);
    await patch(emulator.url, { throttle: { writes: { size: 1, refillPerSecond: 0.001 } } });
    assert.deepEqual([await list(), await list()], [200, 429]);
    await patch(emulator.url, {
      throttle: null,
      accounts: [{ resourceGroup: "rg", name: "acct", disableLocalAuth: true }],
    });
    assert.equal(await list(), 400);
  });

  it("refuse who does not have the token, and what is no setting", async () => {
    const open = await startEmulator({ accounts, adminToken });
    assert.equal((await patch(open.url, {}, "wrong")).status, 401);
    assert.equal((await fetch(`${open.url}/emulator`)).status, 405);
    for (const wrong of [
      [],
      { fault: [] },
      { faults: [{ operation: "listKeys" }] },
      { accounts: [{ name: "none" }] },
    ]) {
      assert.equal((await patch(open.url, wrong)).status, 400, JSON.stringify(wrong));
    }
  });
});
