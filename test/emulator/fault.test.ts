import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultCall } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";
import { accounts, accountUrl, bearer, listKeys, regenerate, requestToken, send } from "./request";

/** Rotates Key1 once while `fault` strikes; says what the client saw and whether the key changed. */
async function rotateUnder(fault: Fault) {
  const emulator = await startEmulator({ accounts });
  emulator.fault = ({ operation }) => (operation === "regenerateKey" ? fault : undefined);
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
    const emulator = await startEmulator({ accounts: [...accounts, { resourceGroup: "rg", name: "other" }] });
    const authorization = await bearer(emulator);
    emulator.fault = (call) => {
      asked.push(call);
      return undefined;
    };
    const rotate = (name: string, keyName: string) =>
      send(accountUrl(emulator, "rg", name, "/regenerateKey"), { authorization, body: JSON.stringify({ keyName }) });
    await rotate("acct", "Key1");
    await rotate("ACCT", "Key1");
    await rotate("acct", "Key2");
    await rotate("other", "Key1");
    await listKeys(emulator, authorization);

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
    const list = async () => (await listKeys(emulator, authorization)).status;

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
      fault: ({ operation, attempt }) =>
        operation === "regenerateKey" && attempt === 1
          ? new Promise((settle) => {
              release = () => settle(undefined);
            })
          : undefined,
    });
    const authorization = await bearer(emulator);
    const held = regenerate(emulator, authorization);
    while (emulator.calls.length === 0) await new Promise(setImmediate);
    const second = await regenerate(emulator, authorization);
    release();
    const first = await held;

    assert.notDeepEqual(first.body, second.body);
    assert.deepEqual(first.body, emulator.account("rg", "acct").keys);
  });

  it("can be told from a slow operation: latency only delays the effect", async () => {
    const emulator = await startEmulator({ accounts, latency: { regenerateKey: 60 } });
    const authorization = await bearer(emulator);
    const started = performance.now();
    await regenerate(emulator, authorization);

    assert.ok(performance.now() - started >= 59);
    assert.equal(emulator.calls[0].status, 200);
  });

  it("can let the operation land after its client was cut off, also after a second one", async () => {
    const effects: (() => void)[] = [];
    const emulator = await startEmulator({
      accounts,
      after: (ms, effect) => {
        assert.equal(ms, 5_000);
        effects.push(effect);
      },
      fault: ({ operation, attempt }) =>
        operation === "regenerateKey" && attempt === 1
          ? { strikes: "late", afterMs: 5_000, outcome: "reset" }
          : undefined,
    });
    const account = emulator.account("rg", "acct");
    const { key1: old } = account;
    const authorization = await bearer(emulator);
    const rotate = () => regenerate(emulator, authorization);
    await assert.rejects(rotate());
    assert.equal(account.key1, old);
    const { key1: second } = (await rotate()).body as { key1: string };
    assert.equal(account.key1, second);
    effects.forEach((land) => void land());
    assert.equal(effects.length, 1);
    assert.notEqual(account.key1, second);
  });

  it("can cut an answer in the middle", async () => {
    const { seen, changed } = await rotateUnder({ strikes: "afterEffect", outcome: "truncated" });
    assert.equal(changed, true);
    assert.equal(seen.status, 200);
    await assert.rejects(seen.text(), { name: "TypeError" });
  });

  it("can strike what is around ARM: the login, the cloud's metadata, and an account's own endpoint", async () => {
    const emulator = await startEmulator({ accounts });
    const { key1 } = emulator.account("rg", "acct");
    const ask = async (operation: string): Promise<number> => {
      const answers: Record<string, { status: number }> = {
        metadata: await fetch(`${emulator.url}/metadata/endpoints?api-version=2022-09-01`),
        token: await requestToken(emulator),
        dataPlane: await fetch(`${emulator.endpoint("rg", "acct")}openai/models`, { headers: { "api-key": key1 } }),
      };
      const { [operation]: struck, ...others } = answers;
      for (const [name, { status }] of Object.entries(others)) assert.equal(status, 200, name);
      return struck.status;
    };
    for (const struck of ["metadata", "token", "dataPlane"] as const) {
      emulator.fault = ({ operation }) =>
        operation === struck ? { strikes: "beforeEffect", outcome: { status: 503 } } : undefined;
      assert.equal(await ask(struck), 503);
    }
    assert.deepEqual(
      emulator.logins.map(({ status }) => status),
      [200, 503, 200],
    );
    assert.deepEqual(
      emulator.dataPlaneCalls.map(({ status }) => status),
      [200, 200, 503],
    );
  });

  it("is no business of a slow emulator, in which everything takes its time", async () => {
    const slept: number[] = [];
    const emulator = await startEmulator({ accounts, latency: 700, sleep: async (ms) => slept.push(ms) });
    await listKeys(emulator, await bearer(emulator));
    await fetch(`${emulator.endpoint("rg", "acct")}openai/models`);
    assert.deepEqual(slept, [700, 700, 700], "login, ARM and data plane");
  });
});
