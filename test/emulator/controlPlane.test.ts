import assert from "node:assert/strict";
import { startEmulator } from "../support/emulator";
import { accounts, accountUrl, bearer, codeOf, listKeys, send } from "./request";

describe("the emulator's control plane", () => {
  it("takes names and paths in any case, and api-versions from 2017 to 2026", async () => {
    const emulator = await startEmulator({ accounts });
    const authorization = await bearer(emulator);
    for (const apiVersion of ["2017-04-18", "2023-05-01", "2025-04-01-preview", "2026-05-15-preview"]) {
      const url = accountUrl(emulator, "RG", "ACCT", "/LISTKEYS", apiVersion).replace(
        "resourceGroups",
        "resourcegroups",
      );
      assert.deepEqual((await send(url, { authorization })).body, emulator.account("rg", "acct").keys);
    }
  });

  it("wants an api-version that it knows", async () => {
    const emulator = await startEmulator({ accounts });
    const authorization = await bearer(emulator);
    const url = accountUrl(emulator, "rg", "acct", "/listKeys");
    assert.equal(codeOf(await send(url.split("?")[0], { authorization })), "400 MissingApiVersionParameter");
    const odd = url.replace("2023-05-01", "latest");
    assert.equal(codeOf(await send(odd, { authorization })), "400 InvalidApiVersionParameter");
  });

  it("regenerates nothing when the body does not name a slot", async () => {
    const emulator = await startEmulator({ accounts });
    const authorization = await bearer(emulator);
    const keys = { ...emulator.account("rg", "acct").keys };
    const url = accountUrl(emulator, "rg", "acct", "/regenerateKey");
    for (const body of ['{"keyName":"Key3"}', '{"keyName":"key1"}', "{}", "null", '"Key1"']) {
      assert.equal(codeOf(await send(url, { authorization, body })), "400 BadRequest", body);
    }
    for (const body of ["", "Key1", '{"keyName":"Key1"']) {
      assert.equal(codeOf(await send(url, { authorization, body })), "400 InvalidRequestContent", body);
    }
    assert.deepEqual(emulator.account("rg", "acct").keys, keys);
  });

  it("hands out the key that somebody else put into a slot, under another etag", async () => {
    const emulator = await startEmulator({ accounts });
    const authorization = await bearer(emulator);
    const { key1 } = emulator.account("rg", "acct");
    const read = async () => {
      const { body } = await send(accountUrl(emulator, "rg", "acct"), { method: "GET", authorization });
      return body as { etag: string; systemData: unknown };
    };
    const before = await read();

    emulator.account("rg", "acct").setKey("Key2", "made-elsewhere");

    const { body } = await listKeys(emulator, authorization);
    assert.deepEqual(body, { key1, key2: "made-elsewhere" });
    const after = await read();
    assert.notEqual(after.etag, before.etag);
    assert.deepEqual(after.systemData, before.systemData);
  });

  it("stops at once, whoever still waits or keeps a connection", async () => {
    const emulator = await startEmulator({
      accounts,
      fault: ({ operation }) =>
        operation === "listKeys" ? { strikes: "beforeEffect", outcome: "silence" } : undefined,
    });
    const authorization = await bearer(emulator);
    const waiting = listKeys(emulator, authorization);
    const closed = assert.rejects(waiting, { name: "TypeError" });
    while (emulator.calls.length === 0) await new Promise(setImmediate);

    await emulator.stop();

    await closed;
    await emulator.stop();
  });

  it("keeps accounts of the same name in two subscriptions apart, on the data plane too", async () => {
    const elsewhere = { ...accounts[0], subscriptionId: "second" };
    const emulator = await startEmulator({ subscriptions: ["first"], accounts: [...accounts, elsewhere] });
    const keys = await send(accountUrl(emulator, "rg", "acct", "/listKeys").replace("first", "second"), {
      authorization: await bearer(emulator),
    });

    assert.deepEqual(keys.body, emulator.account("rg", "acct", "second").keys);
    assert.notDeepEqual(keys.body, emulator.account("rg", "acct").keys);
    const { key1 } = emulator.account("rg", "acct", "second");
    const probe = async (subscription: string) => {
      const url = `${emulator.endpoint("rg", "acct", subscription)}openai/models`;
      return (await fetch(url, { headers: { "api-key": key1 } })).status;
    };
    assert.deepEqual([await probe("first"), await probe("second")], [401, 200]);
  });
});
