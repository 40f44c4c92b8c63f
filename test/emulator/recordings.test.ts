import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AccountKeys } from "../../emulator/account";
import { accountKeyPattern } from "../../emulator/accountKey";
import type { Emulator } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";
import { bearer, type Received, send } from "./request";

interface Exchange {
  request: {
    method: string;
    uri: string;
    headers?: Record<string, string>;
    body?: { keyName: "Key1" | "Key2" } | null;
  };
  response: {
    status: number;
    headers?: Record<string, string>;
    body?: AccountKeys | { error: { code: string; message: string } };
    excerpt_of_account?: { etag: string; "systemData.lastModifiedAt": string };
  };
}

const folder = join(__dirname, "recordings");
const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "reported-error-bodies.json");

/** Headers that came and went with the service's front ends between 2017 and 2026; no client may rely on them. */
const frontEndHeaders = new Set([
  "content-encoding",
  "content-length",
  "server",
  "transfer-encoding",
  "vary",
  "x-aspnet-version",
  "x-cache",
  "x-envoy-upstream-service-time",
  "x-ms-operation-identifier",
  "x-msedge-ref",
  "x-powered-by",
]);

const constantHeaders = new Set([
  "cache-control",
  "content-type",
  "expires",
  "pragma",
  "strict-transport-security",
  "x-content-type-options",
  "x-ms-failure-cause",
]);

describe("the emulator answers as Azure did in", () => {
  for (const file of files) {
    it(file, async () => {
      const { exchanges } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { exchanges: Exchange[] };
      const emulator = await startSeeded(exchanges);
      const authorization = await bearer(emulator);
      let recordedBefore: AccountKeys | undefined;
      let recordedAccount: Exchange["response"]["excerpt_of_account"];
      let accountBefore: Received | undefined;

      for (const { request, response } of exchanges) {
        const target = accountOf(request.uri);
        if (response.excerpt_of_account) {
          // The two Azure CLI files keep a PATCH and a GET of the list only for the account's etag; a GET reads it.
          const url = `${emulator.url}${target?.path ?? accountPathOf(exchanges)}?api-version=${apiVersionOf(request.uri)}`;
          const account = await send(url, { method: "GET", authorization });
          assert.equal(account.status, response.status);
          if (recordedAccount) {
            assertMovement(recordedAccount, response.excerpt_of_account, accountBefore, account);
          }
          recordedAccount = response.excerpt_of_account;
          accountBefore = account;
          continue;
        }
        const { pathname, search } = new URL(request.uri);
        const keysBefore = target && response.status === 200 ? liveKeys(emulator, target) : undefined;
        const received = await send(`${emulator.url}${pathname}${search}`, {
          method: request.method,
          authorization,
          body: bytesOf(file, request),
        });

        assert.equal(received.status, response.status);
        assert.deepEqual(shapeOf(received.body), shapeOf(response.body));
        assertHeaders(response.headers ?? {}, received.headers);
        if (response.body && "error" in response.body) {
          assert.deepEqual(received.body, { error: modern(response.body.error) });
        } else {
          const recorded = response.body as AccountKeys;
          const keys = received.body as AccountKeys;
          assert.ok(keysBefore && target);
          assertSlots(recordedBefore, recorded, keysBefore, keys, request.body?.keyName);
          assert.deepEqual(keys, liveKeys(emulator, target));
          recordedBefore = recorded;
        }
      }
    });
  }
});

/** An emulator in which the recorded names exist, or not, as when the recording began. */
function startSeeded(exchanges: Exchange[]): Promise<Emulator> {
  const keyed = exchanges.filter(({ response }) => !response.excerpt_of_account);
  const targets = keyed.map(({ request }) => accountOf(request.uri));
  const first = keyed[0];
  const keys = first.response.body as AccountKeys;
  const regenerated = first.request.body?.keyName;
  const succeeded = first.response.status === 200;
  return startEmulator({
    subscriptions: targets.map((target) => target?.subscriptionId ?? "").slice(0, 1),
    resourceGroups: keyed
      .filter(({ response }) => JSON.stringify(response.body).includes('"ResourceNotFound"'))
      .map(({ request }) => accountOf(request.uri)?.resourceGroup ?? ""),
    accounts: (succeeded && targets[0] ? [targets[0]] : []).map(({ resourceGroup, name }) => ({
      resourceGroup,
      name,
      key1: regenerated === "Key1" ? undefined : keys.key1,
      key2: regenerated === "Key2" ? undefined : keys.key2,
    })),
  });
}

function accountOf(uri: string) {
  const path = new URL(uri).pathname;
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/[^/]+\/accounts\/([^/]+)/.exec(path);
  return match ? { path: match[0], subscriptionId: match[1], resourceGroup: match[2], name: match[3] } : undefined;
}

function accountPathOf(exchanges: Exchange[]): string {
  return exchanges.flatMap(({ request }) => accountOf(request.uri)?.path ?? [])[0];
}

function apiVersionOf(uri: string): string | null {
  return new URL(uri).searchParams.get("api-version");
}

function liveKeys(emulator: Emulator, { resourceGroup, name }: { resourceGroup: string; name: string }): AccountKeys {
  return { ...emulator.account(resourceGroup, name).keys };
}

/** The request body in the bytes of the client that was recorded. */
function bytesOf(file: string, { headers, body }: Exchange["request"]): string | undefined {
  if (!body) return undefined;
  const bytes = /^(net|powershell)-/.test(file)
    ? JSON.stringify(body, null, 2).replace(/\n/g, "\r\n")
    : /^(python|azure-cli)-/.test(file)
      ? JSON.stringify(body).replace(":", ": ")
      : JSON.stringify(body);
  const recorded = headers?.["Content-Length"];
  if (recorded) assert.equal(bytes.length, Number(recorded), "the test sends as many bytes as the recorded client");
  return bytes;
}

/** Property names and types, without values. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}

function assertHeaders(recorded: Record<string, string>, received: Headers): void {
  for (const [name, value] of Object.entries(recorded)) {
    const lower = name.toLowerCase();
    if (frontEndHeaders.has(lower)) continue;
    assert.ok(received.has(name), `header ${name} is missing`);
    if (constantHeaders.has(lower)) assert.equal(received.get(name), value, name);
    if (lower.startsWith("x-ms-ratelimit-")) assert.match(received.get(name) ?? "", /^\d+$/, name);
  }
  assert.equal(received.has("x-ms-failure-cause"), "x-ms-failure-cause" in recorded);
  const correlationId = received.get("x-ms-correlation-request-id") ?? "";
  assert.ok(received.get("x-ms-routing-request-id")?.endsWith(`:${correlationId}`));
}

/** Each slot changes where, and only where, the recorded one did. */
function assertSlots(
  recordedBefore: AccountKeys | undefined,
  recorded: AccountKeys,
  before: AccountKeys,
  after: AccountKeys,
  regenerated: "Key1" | "Key2" | undefined,
): void {
  for (const slot of ["key1", "key2"] as const) {
    const changed = recordedBefore ? recordedBefore[slot] !== recorded[slot] : slot === regenerated?.toLowerCase();
    if (!changed) {
      assert.equal(after[slot], before[slot], `${slot} must stay`);
      continue;
    }
    assert.notEqual(after[slot], before[slot], `${slot} must change`);
    assert.match(after[slot], accountKeyPattern);
    if (recorded[slot].length === 84) assert.match(recorded[slot], accountKeyPattern);
  }
}

/** The account's version and date move where, and only where, the recorded ones did. */
function assertMovement(
  recordedBefore: NonNullable<Exchange["response"]["excerpt_of_account"]>,
  recorded: NonNullable<Exchange["response"]["excerpt_of_account"]>,
  before: Received | undefined,
  after: Received,
): void {
  const [then, now] = [before?.body, after.body] as { etag: string; systemData: { lastModifiedAt: string } }[];
  assert.equal(now.etag !== then.etag, recorded.etag !== recordedBefore.etag, "etag");
  assert.equal(now.etag.length, recorded.etag.length);
  const date = "systemData.lastModifiedAt";
  if (Number.isNaN(Date.parse(recorded[date]))) return;
  assert.equal(
    now.systemData.lastModifiedAt !== then.systemData.lastModifiedAt,
    recorded[date] !== recordedBefore[date],
    date,
  );
}

/** ARM's text got its last sentence between 2017 and 2022; the emulator speaks as ARM does today. */
function modern(error: { code: string; message: string }): { code: string; message: string } {
  const tail = " For more details please go to https://aka.ms/ARMResourceNotFoundFix";
  const { code, message } = error;
  return { code, message: code === "ResourceNotFound" && !message.endsWith(tail) ? message + tail : message };
}
