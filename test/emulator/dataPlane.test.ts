import assert from "node:assert/strict";
import { startEmulator } from "../support/emulator";
import { accounts, bearer, regenerate } from "./request";

const deadKey = {
  error: {
    code: "401",
    message:
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an " +
      "active subscription and use a correct regional API endpoint for your resource.",
  },
};

describe("the emulator's data plane", () => {
  it("takes both live keys in either header, and the old key no longer once a slot is regenerated", async () => {
    const emulator = await startEmulator({ accounts });
    const account = emulator.account("rg", "acct");
    const models = `${emulator.endpoint("rg", "acct")}openai/models`;
    const statusWith = async (headers: Record<string, string>) => (await fetch(models, { headers })).status;
    const old = account.key1;

    assert.equal(await statusWith({ "Ocp-Apim-Subscription-Key": old }), 200);
    assert.equal(await statusWith({ "api-key": account.key2 }), 200);
    const replaced = account.regenerate("Key1");
    assert.equal(await statusWith({ "api-key": old }), 401);
    assert.equal(await statusWith({ "api-key": replaced }), 200);
    assert.equal(await statusWith({ "api-key": account.key2 }), 200);
    assert.deepEqual(
      emulator.dataPlaneCalls.map(({ keyName, status }) => [keyName, status]),
      [
        ["Key1", 200],
        ["Key2", 200],
        [undefined, 401],
        ["Key1", 200],
        ["Key2", 200],
      ],
    );
  });

  it("refuses a regenerated key for as long as it is told to lag, and the other one not at all", async () => {
    let time = Date.now();
    const emulator = await startEmulator({ accounts, keyLag: 60_000, now: () => time });
    const statusWith = async (key: string) =>
      (await fetch(`${emulator.endpoint("rg", "acct")}openai/models`, { headers: { "api-key": key } })).status;
    const authorization = await bearer(emulator);
    await regenerate(emulator, authorization);
    const { key1, key2 } = emulator.account("rg", "acct");
    assert.deepEqual([await statusWith(key1), await statusWith(key2)], [401, 200]);
    time += 59_999;
    assert.equal(await statusWith(key1), 401);
    time += 1;
    assert.equal(await statusWith(key1), 200);
  });

  it("answers a dead or missing key in the service's words, whatever is asked for", async () => {
    const emulator = await startEmulator({ accounts });
    for (const headers of [[], [["api-key", ""]], [["api-key", "dead"]]] as [string, string][][]) {
      for (const path of ["openai/models", "nothing/here"]) {
        const refused = await fetch(emulator.endpoint("rg", "acct") + path, { headers });
        assert.deepEqual([refused.status, await refused.json()], [401, deadKey]);
      }
    }
  });

  it("serves a list of models and a token, and a 404 for the rest", async () => {
    const emulator = await startEmulator({ accounts });
    const endpoint = emulator.endpoint("rg", "acct");
    const headers = { "api-key": emulator.account("rg", "acct").key1 };
    const models = await fetch(`${endpoint}openai/models?api-version=2024-10-21`, { headers });
    const token = await fetch(`${endpoint}sts/v1.0/issueToken`, { method: "POST", headers });
    const rest = await fetch(`${endpoint}nothing/here`, { headers });

    assert.deepEqual(await models.json(), { object: "list", data: [] });
    assert.equal(token.status, 200);
    assert.match(await token.text(), /^\w+$/);
    assert.equal(rest.status, 404);
    assert.deepEqual(await rest.json(), { error: { code: "404", message: "Resource not found" } });
  });

  it("survives a path that is no account, or no path at all", async () => {
    const emulator = await startEmulator({ accounts });
    for (const path of ["/accounts/rg/other/openai/models", "/accounts/%zz/acct/openai/models", "/accounts/rg"]) {
      assert.equal((await fetch(emulator.url + path)).status, 404, path);
    }
    assert.deepEqual(
      emulator.dataPlaneCalls.map(({ resourceGroup, accountName, status }) => [resourceGroup, accountName, status]),
      [
        ["rg", "other", 404],
        ["%zz", "acct", 404],
        ["rg", "", 404],
      ],
    );
  });

  it("refuses every key once local authentication is off", async () => {
    const emulator = await startEmulator({ accounts });
    const account = emulator.account("rg", "acct");
    account.properties.disableLocalAuth = true;
    const url = `${emulator.endpoint("rg", "acct")}openai/models`;
    const refused = await fetch(url, { headers: { "api-key": account.key1 } });

    assert.equal(refused.status, 403);
    const message = "Key based authentication is disabled for this resource.";
    assert.deepEqual(await refused.json(), { error: { code: "AuthenticationTypeDisabled", message } });
  });
});
