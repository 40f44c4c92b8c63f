import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Emulator, Outcome } from "../../emulator/emulator";
import { ArmAccountKeys } from "../../provider/azure/armAccountKeys";
import { azureLogin } from "../../provider/login/azureLogin";
import { settingReader } from "../../provider/login/settings";
import type { AccountIdentity, Answer } from "../../provider/rotation/accountKeys";
import { startEmulator } from "../support/emulator";
import { dynamicWay } from "../support/waysIn";

const seeded = { accounts: [{ resourceGroup: "rg", name: "acct" }] };

/** The package's own adapter, logged in to the emulator as a stack would be. */
function connect(emulator: Emulator, overrides: Record<string, string> = {}) {
  const login = azureLogin(settingReader(dynamicWay, () => undefined, { ...emulator.environment(), ...overrides }));
  const identity: AccountIdentity = {
    subscriptionId: emulator.subscriptions[0],
    resourceGroupName: "rg",
    accountName: "acct",
  };
  const keys = new ArmAccountKeys(
    () => login.cloud(),
    () => login.credential(),
  );
  return { keys, identity };
}

const limitMs = 5_000;

describe("the adapter to Azure", () => {
  it("brings both keys and the request id of a regenerateKey, and of a listKeys", async () => {
    const emulator = await startEmulator(seeded);
    const { keys, identity } = connect(emulator);
    const before = emulator.account("rg", "acct").key2;
    const issued = await keys.regenerateKey(identity, "Key1", limitMs);
    const { key1, key2 } = emulator.account("rg", "acct");
    assert.equal(key2, before);
    const { requestId, apiVersion } = emulator.calls[0];
    assert.deepEqual(issued, { kind: "keys", keys: { Key1: key1, Key2: key2 }, requestId });
    assert.equal(apiVersion, "2023-05-01");
    const listed = await keys.listKeys(identity, limitMs);
    assert.deepEqual(listed.kind === "keys" && listed.keys, { Key1: key1, Key2: key2 });
  });

  it("logs in once for 64 calls at a time, and uses their connections again", async () => {
    const emulator = await startEmulator(seeded);
    const { keys, identity } = connect(emulator);
    let connections = 0;
    emulator.on("connection", () => connections++);
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 64 }, () => keys.listKeys(identity, limitMs)));
      await setImmediate();
    }
    assert.equal(emulator.logins.length, 1);
    assert.equal(emulator.calls.length, 5 * 64);
    assert.ok(connections <= 64 + 1, `${connections} connections, one of them for the login`);
  });

  it("tells a login that fails from a call that does, and tries again with the next call", async () => {
    const emulator = await startEmulator(seeded);
    const { keys, identity } = connect(emulator, { ARM_CLIENT_SECRET: "wrong" });
    for (let call = 0; call < 2; call++) {
      const answer = await keys.regenerateKey(identity, "Key1", limitMs);
      assert.equal(answer.kind, "login");
      assert.match(answer.kind === "login" ? answer.message : "", /AADSTS7000215/);
    }
    assert.equal(emulator.calls.length, 0);
  });

  const cases: [what: string, outcome: Outcome, expected: Partial<Answer>][] = [
    ["a 404", envelope(404, "ResourceNotFound"), { kind: "http", status: 404, code: "ResourceNotFound" }],
    ["a 409", envelope(409, "RequestConflict"), { kind: "http", status: 409, code: "RequestConflict" }],
    ["a 500", envelope(500, "InternalServerError"), { kind: "http", status: 500 }],
    ["a 503", envelope(503, "ServerBusy"), { kind: "http", status: 503 }],
    ["a 408", envelope(408, "RequestTimeout"), { kind: "http", status: 408 }],
    [
      "a 429 with Retry-After in seconds",
      { ...envelope(429, "TooManyRequests"), headers: { "Retry-After": "17" } },
      { kind: "http", status: 429, retryAfterMs: 17_000 },
    ],
    [
      "a 429 with Retry-After in milliseconds",
      { ...envelope(429, "TooManyRequests"), headers: { "x-ms-retry-after-ms": "250" } },
      { kind: "http", status: 429, retryAfterMs: 250 },
    ],
    [
      "a 429 with a fraction of a second",
      { ...envelope(429, "TooManyRequests"), headers: { "Retry-After": "1.5" } },
      { kind: "http", status: 429, retryAfterMs: 1_500 },
    ],
    ["a 429 without", envelope(429, "TooManyRequests"), { kind: "http", status: 429, retryAfterMs: undefined }],
    ["a 200 with {}", { status: 200, body: {} }, { kind: "http", status: 200 }],
    ["a 200 without a body", { status: 200 }, { kind: "http", status: 200 }],
    ["a 200 with one key", { status: 200, body: { key1: "synthetic" } }, { kind: "http", status: 200 }],
    ["a 200 with empty keys", { status: 200, body: { key1: "", key2: "" } }, { kind: "http", status: 200 }],
    ["a 200 with HTML", { status: 200, body: "<html>synthetic</html>" }, { kind: "http", status: 200 }],
    ["a 202", { status: 202, body: { key1: "synthetic", key2: "synthetic" } }, { kind: "http", status: 202 }],
    ["a closed connection", "reset", { kind: "network", code: "ECONNRESET" }],
  ];
  for (const [what, outcome, expected] of cases) {
    it(`sends once and says what came back at ${what}, quoting no body`, async () => {
      const emulator = await startEmulator(seeded);
      emulator.fault = ({ operation }) =>
        operation === "regenerateKey" ? { strikes: "beforeEffect", outcome } : undefined;
      const { keys, identity } = connect(emulator);
      const answer = await keys.regenerateKey(identity, "Key1", limitMs);
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((k) => [k, answer[k as keyof Answer]])), expected);
      assert.equal(emulator.calls.length, 1, "the SDK must not resend a POST that issues keys");
      assert.doesNotMatch(JSON.stringify(answer), /synthetic/);
    });
  }

  it("gives up a call that is not answered in time", async () => {
    const emulator = await startEmulator(seeded);
    emulator.fault = ({ operation }) =>
      operation === "regenerateKey" ? { strikes: "afterEffect", outcome: "silence" } : undefined;
    const { keys, identity } = connect(emulator);
    assert.deepEqual(await keys.regenerateKey(identity, "Key1", 200), { kind: "network", code: "ETIMEDOUT" });
    assert.equal(emulator.calls.length, 1);
  });

  it("says that a server cannot be reached", async () => {
    const emulator = await startEmulator(seeded);
    const { keys, identity } = connect(emulator);
    await keys.listKeys(identity, limitMs);
    await emulator.stop();
    // The connection that was kept alive is reset; only a new one is refused.
    await keys.listKeys(identity, limitMs);
    assert.deepEqual(await keys.listKeys(identity, limitMs), { kind: "network", code: "ECONNREFUSED" });
  });
});

function envelope(status: number, code: string): Exclude<Outcome, string> {
  return { status, body: { error: { code, message: "The service's own words." } } };
}
