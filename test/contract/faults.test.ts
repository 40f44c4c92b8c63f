import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultCall } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";
import { accountUrl, bearer, send } from "./request";

const accounts = [{ resourceGroup: "rg", name: "acct" }];

/** Rotates Key1 once while `fault` strikes; says what the client saw and whether the key changed. */
async function rotateUnder(fault: Fault) {
  const emulator = await startEmulator({ accounts, fault: () => fault });
  const account = emulator.account("rg", "acct");
  const old = account.key1;
  const authorization = await bearer(emulator);
  const patience = new AbortController();
  const answer = fetch(accountUrl(emulator, "rg", "acct", "/regenerateKey"), {
    method: "POST",
    headers: { Authorization: authorization },
    body: JSON.stringify({ keyName: "Key1" }),
    signal: patience.signal,
  }).catch((error) => error.cause?.code ?? error.name);
  if (fault.outcome === "silence") {
    while (emulator.calls.length === 0) await new Promise(setImmediate);
    await sleep(50);
    patience.abort();
  }
  const seen = await answer;
  return { seen, changed: account.key1 !== old, logged: emulator.calls[0].status };
}

describe("a fault", () => {
  for (const [strikes, changed] of [
    ["beforeEffect", false],
    ["afterEffect", true],
  ] as const) {
    const effect = changed ? "after the key changed" : "before the key changed";

    it(`answers in place of ARM ${effect}`, async () => {
      const outcome = { status: 503, headers: { "Retry-After": "7" }, body: "<html>busy</html>" };
      const { seen, ...rest } = await rotateUnder({ strikes, outcome });
      assert.deepEqual(rest, { changed, logged: 503 });
      assert.equal(seen.status, 503);
      assert.equal(seen.headers.get("retry-after"), "7");
      assert.equal(await seen.text(), outcome.body);
    });

    it(`closes the connection ${effect}`, async () => {
      const { seen, ...rest } = await rotateUnder({ strikes, outcome: "reset" });
      assert.deepEqual(rest, { changed, logged: undefined });
      assert.match(seen, /^(UND_ERR_SOCKET|ECONNRESET)$/);
    });

    it(`leaves the client without an answer ${effect}`, async () => {
      const { seen, ...rest } = await rotateUnder({ strikes, outcome: "silence" });
      assert.deepEqual(rest, { changed, logged: undefined });
      assert.equal(seen, "AbortError");
    });
  }

  it("is asked for with the operation, the names, the slot and a count per account and slot", async () => {
    const asked: FaultCall[] = [];
    const emulator = await startEmulator({
      accounts: [...accounts, { resourceGroup: "rg", name: "other" }],
      fault: (call) => {
        asked.push(call);
        return undefined;
      },
    });
    const authorization = await bearer(emulator);
    const rotate = (name: string, keyName: string) =>
      send(accountUrl(emulator, "rg", name, "/regenerateKey"), { authorization, body: JSON.stringify({ keyName }) });
    await rotate("acct", "Key1");
    await rotate("ACCT", "Key1");
    await rotate("acct", "Key2");
    await rotate("other", "Key1");
    await send(accountUrl(emulator, "rg", "acct", "/listKeys"), { authorization });

    assert.deepEqual(
      asked.map(({ operation, resourceGroup, accountName, keyName, attempt }) =>
        [operation, resourceGroup, accountName, keyName, attempt].join(" "),
      ),
      [
        "regenerateKey rg acct Key1 1",
        "regenerateKey rg ACCT Key1 2",
        "regenerateKey rg acct Key2 1",
        "regenerateKey rg other Key1 1",
        "listKeys rg acct  1",
      ],
    );
  });

  it("can be replaced and taken away while the emulator runs", async () => {
    const emulator = await startEmulator({ accounts });
    const authorization = await bearer(emulator);
    const list = async () => (await send(accountUrl(emulator, "rg", "acct", "/listKeys"), { authorization })).status;

    assert.equal(await list(), 200);
    emulator.fault = () => ({ strikes: "beforeEffect", outcome: { status: 429, headers: { "Retry-After": "1" } } });
    assert.equal(await list(), 429);
    emulator.fault = () => ({ strikes: "afterEffect", outcome: { status: 502 } });
    assert.equal(await list(), 502);
    emulator.fault = undefined;
    assert.equal(await list(), 200);
    assert.deepEqual(
      emulator.calls.map(({ status }) => status),
      [200, 429, 502, 200],
    );
  });

  it("that is a promise holds the call back, and other calls overtake it", async () => {
    let release = (): void => assert.fail("the fault was not asked for");
    const emulator = await startEmulator({
      accounts,
      fault: ({ attempt }) =>
        attempt === 1
          ? new Promise((settle) => {
              release = () => settle(undefined);
            })
          : undefined,
    });
    const authorization = await bearer(emulator);
    const url = accountUrl(emulator, "rg", "acct", "/regenerateKey");
    const body = JSON.stringify({ keyName: "Key1" });
    const held = send(url, { authorization, body });
    while (emulator.calls.length === 0) await new Promise(setImmediate);
    const second = await send(url, { authorization, body });
    release();
    const first = await held;

    assert.notDeepEqual(first.body, second.body);
    assert.deepEqual(first.body, emulator.account("rg", "acct").keys);
  });

  it("can be told from a slow operation: latency only delays the effect", async () => {
    const emulator = await startEmulator({ accounts, latency: { regenerateKey: 60 } });
    const authorization = await bearer(emulator);
    const started = performance.now();
    const body = JSON.stringify({ keyName: "Key1" });
    await send(accountUrl(emulator, "rg", "acct", "/regenerateKey"), { authorization, body });

    assert.ok(performance.now() - started >= 59);
    assert.equal(emulator.calls[0].status, 200);
  });
});
