import assert from "node:assert/strict";
import type { Emulator } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";
import { bearer, type Received, requestToken, send } from "./request";

const vaults = [{ resourceGroup: "rg", name: "safe" }];

function codeOf({ status, body }: Received): string {
  return `${status} ${(body as { error: { code: string } }).error.code}`;
}

function secretUrl(emulator: Emulator, vault = "safe", resourceGroup = "rg"): string {
  const path = `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/${resourceGroup}`;
  return `${emulator.url}${path}/providers/Microsoft.KeyVault/vaults/${vault}/secrets/ai?api-version=2024-11-01`;
}

async function vaultBearer(emulator: Emulator): Promise<string> {
  const { body } = await requestToken(emulator, emulator.clients[0], { scope: "https://vault.azure.net/.default" });
  return `Bearer ${(body as { access_token: string }).access_token}`;
}

const secret = (value: string) =>
  JSON.stringify({ tags: { of: "acct" }, properties: { value, contentType: "text/plain" } });

describe("a key vault of the emulator", () => {
  it("describes a secret as the example of the specification does, and never by its value", async () => {
    const emulator = await startEmulator({ vaults, now: () => 1_514_938_738_000 });
    const authorization = await bearer(emulator);
    const url = secretUrl(emulator);
    const created = await send(url, { method: "PUT", authorization, body: secret("one") });
    const [{ version }] = emulator.vault("safe").versionsOf("ai");
    const secretUri = `${emulator.url}/vaults/safe/secrets/ai`;
    assert.equal(created.status, 201);
    assert.deepEqual(created.body, {
      id: new URL(url).pathname,
      name: "ai",
      type: "Microsoft.KeyVault/vaults/secrets",
      location: "eastus",
      tags: { of: "acct" },
      properties: {
        contentType: "text/plain",
        attributes: { enabled: true, created: 1514938738, updated: 1514938738 },
        secretUri,
        secretUriWithVersion: `${secretUri}/${version}`,
      },
    });
    assert.deepEqual((await send(url, { method: "GET", authorization })).body, created.body);
  });

  it("keeps every version, and makes none of a write that changes nothing", async () => {
    const emulator = await startEmulator({ vaults });
    const authorization = await bearer(emulator);
    for (const value of ["one", "one", "two", "one"]) {
      await send(secretUrl(emulator), { method: "PUT", authorization, body: secret(value) });
    }
    const versions = emulator.vault("safe").versionsOf("ai");
    assert.deepEqual(
      versions.map(({ value }) => value),
      ["one", "two", "one"],
    );
    assert.equal(new Set(versions.map(({ version }) => version)).size, 3);
  });

  it("gives the newest version, or the one that is named, to who has a token for vaults", async () => {
    const emulator = await startEmulator({ vaults });
    const authorization = await bearer(emulator);
    for (const value of ["one", "two"]) {
      await send(secretUrl(emulator), { method: "PUT", authorization, body: secret(value) });
    }
    const [{ version }] = emulator.vault("safe").versionsOf("ai");
    const uri = `${emulator.url}/vaults/safe/secrets/ai`;
    const ask = async (url: string, method = "GET", token?: string) =>
      send(url, { method, authorization: token ?? (await vaultBearer(emulator)) });
    const readValue = ({ body }: Received) => (body as { value: string }).value;
    assert.equal(readValue(await ask(`${uri}?api-version=7.4`)), "two");
    assert.equal(readValue(await ask(`${uri}/${version}?api-version=7.4`)), "one");
    for (const token of ["", authorization]) assert.equal(codeOf(await ask(uri, "GET", token)), "401 Unauthorized");
    assert.equal(codeOf(await ask(`${uri}-not`)), "404 SecretNotFound");

    const deleted = await ask(uri, "DELETE");
    assert.equal(deleted.status, 200);
    assert.equal(readValue(deleted), undefined);
    assert.equal(codeOf(await ask(uri)), "404 SecretNotFound");
    assert.equal(codeOf(await send(secretUrl(emulator), { method: "GET", authorization })), "404 ResourceNotFound");
  });

  it("refuses what is in no vault, what has no value, and who lacks the right, by its scope", async () => {
    const [allowed, denied] = ["Microsoft.KeyVault/vaults/secrets/read", "Microsoft.KeyVault/vaults/secrets/write"].map(
      (action) => ({ clientId: action, clientSecret: "synthetic", denied: [action] }),
    );
    const emulator = await startEmulator({ vaults, clients: [allowed, denied] });
    const put = async (url: string, body: string, client = allowed) =>
      send(url, { method: "PUT", authorization: await bearer(emulator, client), body });
    assert.equal(codeOf(await put(secretUrl(emulator, "other"), secret("one"))), "404 ParentResourceNotFound");
    assert.equal(codeOf(await put(secretUrl(emulator, "safe", "no"), secret("one"))), "404 ResourceGroupNotFound");
    assert.equal(codeOf(await put(secretUrl(emulator), '{"properties":{}}')), "400 InvalidRequestContent");
    const refused = await put(secretUrl(emulator), secret("one"), denied);
    assert.equal(codeOf(refused), "403 AuthorizationFailed");
    const { message } = (refused.body as { error: { message: string } }).error;
    assert.ok(message.includes(`over scope '${new URL(secretUrl(emulator)).pathname}'`), message);
    assert.deepEqual(emulator.vault("safe").versionsOf("ai"), []);
  });
});
