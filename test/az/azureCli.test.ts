import assert from "node:assert/strict";
import { startEmulator } from "../support/emulator";
import { account, group, name, seeded } from "../support/scenario";
import { AzureCliUser } from "./azureCli";

const where = ["--resource-group", group, "--name", name];

describe("the real Azure CLI against the emulator", () => {
  it("logs in with the secret of a service principal, and fails in Entra's words with another", async () => {
    const emulator = await startEmulator(seeded);
    const user = await AzureCliUser.at(emulator);
    const [client] = emulator.clients;

    const refused = await user.login(emulator, { ...client, clientSecret: "synthetic" });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /AADSTS7000215: Invalid client secret provided\./);
    assert.match((await user.az("account", "show")).stderr, /Please run 'az login' to setup account\./);

    assert.equal((await user.login(emulator)).code, 0);
    const { environmentName, id, tenantId, user: who } = (await user.do("account", "show")) as Record<string, unknown>;
    assert.deepEqual(
      { environmentName, id, tenantId, who },
      {
        environmentName: "Emulator",
        id: emulator.subscriptions[0],
        tenantId: emulator.tenantId,
        who: { name: client.clientId, type: "servicePrincipal" },
      },
    );
    assert.deepEqual(
      emulator.logins.map(({ status }) => status),
      [401, 200],
    );
  });

  it("renews either key and lists both", async () => {
    const emulator = await startEmulator(seeded);
    const user = await AzureCliUser.at(emulator);
    await user.login(emulator);

    for (const [slot, other] of [
      ["key1", "key2"],
      ["key2", "key1"],
    ] as const) {
      const before = { ...account(emulator).keys };
      const answer = await user.do("cognitiveservices", "account", "keys", "regenerate", ...where, "--key-name", slot);
      assert.deepEqual(answer, account(emulator).keys);
      assert.notEqual(account(emulator)[slot], before[slot]);
      assert.equal(account(emulator)[other], before[other]);
    }
    assert.deepEqual(await user.do("cognitiveservices", "account", "keys", "list", ...where), account(emulator).keys);
    assert.deepEqual(
      emulator.calls.map(({ operation, keyName, status }) => [operation, keyName, status]),
      [
        ["listSubscriptions", undefined, 200],
        ["regenerateKey", "Key1", 200],
        ["regenerateKey", "Key2", 200],
        ["listKeys", undefined, 200],
      ],
    );
  });

  it("understands the refusals: no such account, no right, and throttled, after which it tries again", async () => {
    const action = "Microsoft.CognitiveServices/accounts/regenerateKey/action";
    const emulator = await startEmulator({
      ...seeded,
      clients: [{ clientId: "11111111-2222-4333-8444-555555555555", clientSecret: "synthetic", denied: [action] }],
    });
    const user = await AzureCliUser.at(emulator);
    await user.login(emulator);
    const keys = { ...account(emulator).keys };

    const list = ["cognitiveservices", "account", "keys", "list", "--resource-group", group, "--name"];
    const missing = await user.az(...list, "elsewhere");
    assert.equal(missing.code, 3);
    assert.match(
      missing.stderr,
      /\(ResourceNotFound\) The Resource 'Microsoft\.CognitiveServices\/accounts\/elsewhere'/,
    );
    const regenerate = ["cognitiveservices", "account", "keys", "regenerate", ...where, "--key-name", "key1"];
    const forbidden = await user.az(...regenerate);
    assert.equal(forbidden.code, 1);
    assert.match(forbidden.stderr, /\(AuthorizationFailed\) The client '11111111-.+ does not have authorization/);

    emulator.fault = ({ operation, attempt }) => {
      if (operation !== "listKeys" || attempt > 1) return undefined;
      const body = { error: { code: "SubscriptionRequestsThrottled", message: "Number of 'writes' exceeded." } };
      return { strikes: "beforeEffect", outcome: { status: 429, headers: { "Retry-After": "1" }, body } };
    };
    assert.deepEqual(await user.do(...list, name), keys);
    const listings = emulator.calls.filter((call) => call.operation === "listKeys" && call.accountName === name);
    assert.deepEqual(
      listings.map(({ status }) => status),
      [429, 200],
    );
  });
});
