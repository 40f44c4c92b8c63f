import type { Client, Emulator } from "../../emulator/emulator";

/** An answer as the wire carried it, with the body parsed when it is JSON. */
export interface Received {
  status: number;
  headers: Headers;
  // The suite looks into bodies of many shapes; each assertion says which one it expects.
  body: unknown;
}

/** Asks the token endpoint for a bearer token for ARM. */
export async function requestToken(
  emulator: Emulator,
  client: Client = emulator.clients[0],
  { tenant = emulator.tenantId, scope = `${emulator.url}/.default` } = {},
): Promise<Received> {
  const response = await fetch(`${emulator.url}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope,
    }),
  });
  return read(response);
}

/** The `Authorization` header of a client that has logged in. */
export async function bearer(emulator: Emulator, client?: Client): Promise<string> {
  const { body } = await requestToken(emulator, client);
  return `Bearer ${(body as { access_token: string }).access_token}`;
}

/** Sends one request over TLS and reads the answer to its end. */
export async function send(
  url: string,
  { method = "POST", authorization = "", body }: { method?: string; authorization?: string; body?: string },
): Promise<Received> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(authorization === "" ? {} : { Authorization: authorization }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body,
  });
  return read(response);
}

async function read(response: Response): Promise<Received> {
  const { status, headers } = response;
  const isJson = headers.get("content-type")?.startsWith("application/json");
  return { status, headers, body: isJson ? await response.json() : await response.text() };
}

/** The URL of an account in the emulator's first subscription, with `operation` below it. */
export function accountUrl(
  emulator: Emulator,
  resourceGroup: string,
  name: string,
  operation = "",
  apiVersion = "2023-05-01",
): string {
  const path = `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/${resourceGroup}`;
  return `${emulator.url}${path}/providers/Microsoft.CognitiveServices/accounts/${name}${operation}?api-version=${apiVersion}`;
}

/** What most of these tests are about. */
export const accounts = [{ resourceGroup: "rg", name: "acct" }];

/** Lists the keys of `accounts`. */
export function listKeys(emulator: Emulator, authorization: string): Promise<Received> {
  return send(accountUrl(emulator, "rg", "acct", "/listKeys"), { authorization });
}

/** Regenerates a key of `accounts`. */
export function regenerate(emulator: Emulator, authorization: string, keyName = "Key1"): Promise<Received> {
  return send(accountUrl(emulator, "rg", "acct", "/regenerateKey"), {
    authorization,
    body: JSON.stringify({ keyName }),
  });
}

/** Status and code of a refusal. */
export function codeOf({ status, body }: Received): string {
  return `${status} ${(body as { error: { code: string } }).error.code}`;
}
