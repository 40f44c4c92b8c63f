import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { sign } from "jsonwebtoken";
import type { Emulator } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";
import { accounts, accountUrl, bearer, requestToken, send } from "./request";

const get = { method: "GET" };

describe("the emulator's login endpoint", () => {
  it("is found through the metadata: an object since 2022-09-01, a list of clouds before", async () => {
    const emulator = await startEmulator();
    const now = await send(`${emulator.url}/metadata/endpoints?api-version=2022-09-01`, get);
    const before = await send(`${emulator.url}//metadata/endpoints/?api-version=2019-05-01`, get);

    const cloud = now.body as {
      resourceManager: string;
      authentication: { loginEndpoint: string; audiences: string[] };
    };
    assert.equal(cloud.resourceManager, emulator.url);
    assert.equal(cloud.authentication.loginEndpoint, emulator.url);
    assert.equal(cloud.authentication.audiences[0], emulator.url);
    assert.deepEqual(before.body, [cloud]);
    assert.equal((await send(`${emulator.url}/metadata/endpoints`, get)).status, 400);
  });

  it("describes itself for the tenant and for nobody in particular", async () => {
    const emulator = await startEmulator();
    for (const tenant of [emulator.tenantId, "common", "organizations"]) {
      const found = await send(`${emulator.url}/${tenant}/v2.0/.well-known/openid-configuration`, get);
      const { token_endpoint } = found.body as { token_endpoint: string };
      assert.equal(token_endpoint, `${emulator.url}/${tenant}/oauth2/v2.0/token`);
    }
    const foreign = await send(`${emulator.url}/elsewhere/v2.0/.well-known/openid-configuration`, get);
    assert.equal(foreign.status, 400);
    assert.deepEqual((foreign.body as { error_codes: number[] }).error_codes, [90002]);
    const instance = await send(`${emulator.url}/common/discovery/instance?api-version=1.1`, get);
    assert.deepEqual((instance.body as { metadata: { aliases: string[] }[] }).metadata[0].aliases, [
      new URL(emulator.url).host,
    ]);
  });

  const refusals = [
    { what: "a wrong secret", change: { clientSecret: "wrong" }, status: 401, error: "invalid_client", code: 7000215 },
    {
      what: "an unknown client",
      change: { clientId: "nobody" },
      status: 400,
      error: "unauthorized_client",
      code: 700016,
    },
    { what: "an unknown tenant", tenant: "elsewhere", status: 400, error: "invalid_request", code: 90002 },
    { what: "a scope without /.default", scope: "https://x/read", status: 400, error: "invalid_scope", code: 1002012 },
  ];
  for (const { what, change, status, error, code, ...place } of refusals) {
    it(`refuses ${what} as Entra does`, async () => {
      const emulator = await startEmulator();
      const refused = await requestToken(emulator, { ...emulator.clients[0], ...change }, place);

      const body = refused.body as Record<string, unknown>;
      assert.equal(refused.status, status);
      assert.equal(body.error, error);
      assert.deepEqual(body.error_codes, [code]);
      assert.match(
        String(body.error_description),
        new RegExp(`^AADSTS${code}: .+ Trace ID: ${body.trace_id} Correlation ID: ${body.correlation_id} `),
      );
      assert.equal(emulator.logins[0].status, status);
    });
  }

  const assertions: { what: string; change: object; key?: string; code: number }[] = [
    { what: "of another workflow", change: { sub: "repo:synthetic/fork:pull_request" }, code: 700213 },
    { what: "of another issuer", change: { iss: "https://issuer.example" }, code: 700211 },
    { what: "for another audience", change: { aud: "api://another" }, code: 700212 },
    { what: "that somebody else has signed", change: {}, key: "another", code: 700027 },
    { what: "that is none", change: {}, key: "", code: 50027 },
  ];
  for (const { what, change, key, code } of assertions) {
    it(`refuses a federated token ${what} as Entra does`, async () => {
      const emulator = await startEmulator({
        clients: [{ clientId: "client", clientSecret: "synthetic", federated: { subject: "repo:synthetic/infra" } }],
      });
      const pem = { type: "pkcs8", format: "pem" } as const;
      const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem);
      const claims = {
        iss: `${emulator.url}/workflows`,
        sub: "repo:synthetic/infra",
        aud: "api://AzureADTokenExchange",
      };
      const assertion = key === "" ? "synthetic" : sign({ ...claims, ...change }, other, { algorithm: "RS256" });
      const refused = await assertClient(emulator, assertion);
      assert.equal(refused.status, 401);
      assert.deepEqual(((await refused.json()) as { error_codes: number[] }).error_codes, [code]);
    });
  }

  it("takes the token of a workflow as long as it lasts", async () => {
    let now = Date.now();
    const emulator = await startEmulator({
      now: () => now,
      workflowSubject: "repo:synthetic/infra",
      clients: [{ clientId: "client", clientSecret: "synthetic", federated: { subject: "repo:synthetic/infra" } }],
    });
    const { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN } = emulator.workflowEnvironment();
    const authorization = `Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}`;
    const given = await send(ACTIONS_ID_TOKEN_REQUEST_URL, { method: "GET", authorization });
    const { value } = given.body as { value: string };

    assert.equal((await assertClient(emulator, value)).status, 200);
    // Five minutes, and as much again for clocks that differ.
    now += 601_000;
    const late = await assertClient(emulator, value);
    assert.deepEqual(((await late.json()) as { error_codes: number[] }).error_codes, [700024]);
  });

  it("wants a secret or an assertion", async () => {
    const emulator = await startEmulator();
    const refused = await requestToken(emulator, { ...emulator.clients[0], clientSecret: "" });
    assert.deepEqual((refused.body as { error_codes: number[] }).error_codes, [7000218]);
  });

  it("gives the token of a managed identity to nobody without the machine's header", async () => {
    const emulator = await startEmulator({
      clients: [{ clientId: "system", clientSecret: "synthetic", managedIdentity: "system" }],
    });
    const query = `?api-version=2018-02-01&resource=${emulator.url}`;
    assert.equal((await send(`${emulator.url}/metadata/identity/oauth2/token${query}`, get)).status, 400);
    assert.equal((await send(`${emulator.url}/msi/token${query}`, get)).status, 403);
    assert.equal((await send(`${emulator.url}/idtoken?audience=synthetic`, get)).status, 401);
  });

  it("issues tokens that ARM takes only while they last, and only for itself", async () => {
    let now = Date.parse("2026-01-01T00:00:00Z");
    const emulator = await startEmulator({ now: () => now, accounts });
    const url = accountUrl(emulator, "rg", "acct", "/listKeys");
    const authorization = await bearer(emulator);
    const foreign = await requestToken(emulator, undefined, { scope: "https://management.azure.com/.default" });
    const codeOf = async (sent?: string) => {
      const { status, headers, body } = await send(url, { authorization: sent });
      if (status === 200) return status;
      assert.equal(status, 401);
      assert.match(headers.get("www-authenticate") ?? "", /^Bearer authorization_uri=".+", error="invalid_token"/);
      return (body as { error: { code: string } }).error.code;
    };

    assert.equal(await codeOf(authorization), 200);
    assert.equal(await codeOf(), "AuthenticationFailed");
    assert.equal(await codeOf("Bearer made-up"), "InvalidAuthenticationToken");
    const { access_token } = foreign.body as { access_token: string };
    assert.equal(await codeOf(`Bearer ${access_token}`), "InvalidAuthenticationTokenAudience");
    now += 3599_000;
    assert.equal(await codeOf(authorization), "ExpiredAuthenticationToken");
  });

  it("shows the caller its subscriptions", async () => {
    const emulator = await startEmulator({ subscriptions: ["first", "second"] });
    const authorization = await bearer(emulator);
    const list = await send(`${emulator.url}/subscriptions?api-version=2022-12-01`, { method: "GET", authorization });
    const one = await send(`${emulator.url}/subscriptions/SECOND?api-version=2022-12-01`, {
      method: "GET",
      authorization,
    });

    const { value } = list.body as { value: { subscriptionId: string }[] };
    assert.deepEqual(
      value.map(({ subscriptionId }) => subscriptionId),
      ["first", "second"],
    );
    assert.deepEqual(one.body, value[1]);
  });
});

/** Asks for a token as the client "client", which shows this assertion. */
function assertClient(emulator: Emulator, assertion: string): Promise<Response> {
  return fetch(`${emulator.url}/${emulator.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "client",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
      scope: `${emulator.url}/.default`,
    }),
  });
}
