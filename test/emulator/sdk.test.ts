import assert from "node:assert/strict";
import { CognitiveServicesManagementClient } from "@azure/arm-cognitiveservices";
import { ClientSecretCredential } from "@azure/identity";
import { accountKeyPattern } from "../../emulator/accountKey";
import type { Client, Emulator } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";

const accounts = [{ resourceGroup: "rg", name: "acct" }];

function connect(emulator: Emulator, client: Client = emulator.clients[0]) {
  const credential = new ClientSecretCredential(emulator.tenantId, client.clientId, client.clientSecret, {
    authorityHost: emulator.url,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
  });
  const options = { endpoint: emulator.url, apiVersion: "2023-05-01", retryOptions: { maxRetries: 0 } };
  return new CognitiveServicesManagementClient(credential, emulator.subscriptions[0], options).accounts;
}

function operationsOf(emulator: Emulator): string[] {
  return emulator.calls.map(({ operation, status }) => `${operation} ${status}`);
}

describe("the Azure SDK works against the emulator", () => {
  it("logs in once, lists the keys and regenerates one of them", async () => {
    const emulator = await startEmulator({ accounts });
    const client = connect(emulator);

    const before = await client.listKeys("rg", "acct");
    let requestId: string | undefined;
    const after = await client.regenerateKey("rg", "acct", "Key2", {
      onResponse: (raw) => {
        requestId = raw.headers.get("x-ms-request-id");
      },
    });

    assert.equal(after.key1, before.key1);
    assert.notEqual(after.key2, before.key2);
    assert.match(after.key2 ?? "", accountKeyPattern);
    assert.deepEqual({ ...(await client.listKeys("rg", "acct")) }, { ...after });
    assert.deepEqual(operationsOf(emulator), ["listKeys 200", "regenerateKey 200", "listKeys 200"]);
    const { keyName, apiVersion, attempt, requestId: logged } = emulator.calls[1];
    assert.deepEqual({ keyName, apiVersion, attempt }, { keyName: "Key2", apiVersion: "2023-05-01", attempt: 1 });
    assert.equal(requestId, logged);
    const { clientId } = emulator.clients[0];
    assert.deepEqual(emulator.logins, [{ tenant: emulator.tenantId, clientId, proof: "client secret", status: 200 }]);
  });

  it("creates an account, reads back what it wrote, updates it and deletes it", async () => {
    const emulator = await startEmulator({ resourceGroups: ["rg"] });
    const client = connect(emulator);
    const written = {
      kind: "OpenAI",
      location: "swedencentral",
      sku: { name: "S0" },
      tags: { Team: "search" },
      properties: { customSubDomainName: "acct-ai", publicNetworkAccess: "Disabled", disableLocalAuth: false },
    };

    const created = await client.beginCreateAndWait("rg", "acct", written);
    const keys = await client.listKeys("rg", "acct");
    const read = await client.get("RG", "ACCT");
    const updated = await client.beginCreateAndWait("rg", "acct", { ...written, tags: {} });

    assert.deepEqual(read, created);
    const { kind, location, sku, tags, properties } = read;
    const { customSubDomainName, publicNetworkAccess, disableLocalAuth } = properties ?? {};
    const readBack = { customSubDomainName, publicNetworkAccess, disableLocalAuth };
    assert.deepEqual({ kind, location, sku, tags, properties: readBack }, written);
    assert.equal(properties?.provisioningState, "Succeeded");
    assert.equal(properties?.endpoint, emulator.endpoint("rg", "acct"));
    assert.equal(
      read.id,
      `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct`,
    );
    assert.deepEqual(updated.tags, {});
    assert.notEqual(updated.etag, read.etag);
    assert.deepEqual(await client.listKeys("rg", "acct"), keys);

    await client.beginDeleteAndWait("rg", "acct");
    await client.beginDeleteAndWait("rg", "acct");
    await assert.rejects(client.get("rg", "acct"), { statusCode: 404, code: "ResourceNotFound" });
    assert.deepEqual(operationsOf(emulator), [
      "putAccount 201",
      "listKeys 200",
      "getAccount 200",
      "putAccount 200",
      "listKeys 200",
      "deleteAccount 200",
      "deleteAccount 204",
      "getAccount 404",
    ]);
  });

  it("is told when the client secret is wrong, and never reaches ARM", async () => {
    const emulator = await startEmulator({ accounts });

    await assert.rejects(connect(emulator, { ...emulator.clients[0], clientSecret: "wrong" }).listKeys("rg", "acct"), {
      message: /^invalid_client: .+AADSTS7000215: Invalid client secret provided/,
    });

    assert.deepEqual(emulator.calls, []);
  });

  it("is told which action the caller lacks, and the other one works", async () => {
    const denied = ["Microsoft.CognitiveServices/accounts/regenerateKey/action"];
    const emulator = await startEmulator({
      accounts,
      clients: [{ clientId: "synthetic", clientSecret: "synthetic", denied }],
    });
    const client = connect(emulator);

    await assert.rejects(client.regenerateKey("rg", "acct", "Key1"), {
      statusCode: 403,
      code: "AuthorizationFailed",
      message: /Microsoft\.CognitiveServices\/accounts\/regenerateKey\/action/,
    });

    assert.deepEqual({ ...(await client.listKeys("rg", "acct")) }, emulator.account("rg", "acct").keys);
  });

  it("is told that the group, the account or the subscription is missing", async () => {
    const emulator = await startEmulator({ resourceGroups: ["rg"] });
    const client = connect(emulator);

    await assert.rejects(client.regenerateKey("rg", "acct", "Key1"), { statusCode: 404, code: "ResourceNotFound" });
    await assert.rejects(client.listKeys("other", "acct"), { statusCode: 404, code: "ResourceGroupNotFound" });
    await assert.rejects(client.beginCreateAndWait("other", "acct", { location: "eastus" }), {
      code: "ResourceGroupNotFound",
    });
    const elsewhere = new CognitiveServicesManagementClient(
      { getToken: async () => ({ token: await tokenOf(emulator), expiresOnTimestamp: Date.now() + 3600_000 }) },
      "00000000-0000-4000-8000-000000000000",
      { endpoint: emulator.url },
    );
    await assert.rejects(elsewhere.accounts.listKeys("rg", "acct"), { statusCode: 404, code: "SubscriptionNotFound" });
  });
});

async function tokenOf(emulator: Emulator): Promise<string> {
  const { clientId, clientSecret } = emulator.clients[0];
  const credential = new ClientSecretCredential(emulator.tenantId, clientId, clientSecret, {
    authorityHost: emulator.url,
    disableInstanceDiscovery: true,
  });
  return (await credential.getToken(`${emulator.url}/.default`)).token;
}
