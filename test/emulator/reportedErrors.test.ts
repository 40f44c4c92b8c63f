import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEmulator } from "../support/emulator";
import { accounts, accountUrl, bearer, regenerate, requestToken, send } from "./request";

interface ReportedCase {
  id: string;
  status: number;
  body: { error: { code: string; message: string } };
}

const { cases } = JSON.parse(readFileSync(join(__dirname, "recordings", "reported-error-bodies.json"), "utf8")) as {
  cases: ReportedCase[];
};

function reported(id: string): ReportedCase {
  const found = cases.find((one) => one.id === id);
  assert.ok(found, `no reported case ${id}`);
  return found;
}

describe("the emulator refuses in the words that users reported", () => {
  it("when local authentication is off and keys are listed", async () => {
    const { status, body } = reported("listkeys-400-local-auth-disabled");
    const emulator = await startEmulator({
      accounts: [{ resourceGroup: "rg", name: "acct", properties: { disableLocalAuth: true } }],
    });

    const url = accountUrl(emulator, "rg", "acct", "/listKeys", "2025-06-01");
    const refused = await send(url, { authorization: await bearer(emulator) });

    assert.deepEqual({ status: refused.status, body: refused.body }, { status, body });
  });

  it("when local authentication is switched off after the account was made, and a key is regenerated", async () => {
    const { status, body } = reported("listkeys-400-local-auth-disabled");
    const emulator = await startEmulator({ accounts });
    const account = emulator.account("rg", "acct");
    const keys = { ...account.keys };
    account.properties.disableLocalAuth = true;

    const refused = await regenerate(emulator, await bearer(emulator));

    const message = body.error.message.replace("list", "regenerate");
    assert.deepEqual(
      { status: refused.status, body: refused.body },
      { status, body: { error: { ...body.error, message } } },
    );
    assert.deepEqual(account.keys, keys);
  });

  it("when the caller lacks the action", async () => {
    const { status, body } = reported("authorization-failed-403");
    const client = {
      clientId: "7d5f1f0a-0000-4000-8000-000000000001",
      clientSecret: "synthetic",
      denied: ["Microsoft.CognitiveServices/accounts/listKeys/action"],
    };
    const emulator = await startEmulator({ clients: [client], accounts });
    const { access_token } = (await requestToken(emulator)).body as { access_token: string };
    const { oid } = JSON.parse(Buffer.from(access_token.split(".")[1], "base64url").toString());

    const url = accountUrl(emulator, "rg", "acct", "/listKeys");
    const refused = await send(url, { authorization: `Bearer ${access_token}` });

    const zeros = "00000000-0000-0000-0000-000000000000";
    const message = body.error.message
      .replace("user@example.com", client.clientId)
      .replace(`object id '${zeros}'`, `object id '${oid}'`)
      .replace(`/subscriptions/${zeros}`, `/subscriptions/${emulator.subscriptions[0]}`);
    assert.deepEqual(
      { status: refused.status, body: refused.body },
      { status, body: { error: { ...body.error, message } } },
    );
    assert.equal(refused.headers.get("x-ms-failure-cause"), "gateway");
  });

  for (const id of ["account-not-terminal-409", "subscription-not-registered-409"]) {
    it(`when a fault asks for ${id}`, async () => {
      const { status, body } = reported(id);
      const emulator = await startEmulator({
        accounts,
        fault: ({ operation }) =>
          operation === "regenerateKey" ? { strikes: "beforeEffect", outcome: { status, body } } : undefined,
      });
      const keys = { ...emulator.account("rg", "acct").keys };

      const refused = await regenerate(emulator, await bearer(emulator));

      assert.deepEqual({ status: refused.status, body: refused.body }, { status, body });
      assert.deepEqual(emulator.account("rg", "acct").keys, keys);
    });
  }
});
