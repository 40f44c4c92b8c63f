import assert from "node:assert/strict";
import { fingerprint } from "../../provider/fingerprint";
import type { Left, Stored } from "../../provider/issuance";
import {
  adoptAgainst,
  lookBeforeFinishing,
  readLiveKeys,
  readUnlessForbidden,
  waitWhileStale,
} from "../../provider/liveKeys";
import type { Keys } from "../../provider/rotation/accountKeys";
import { account, FakeAzure, http, list, type Turn } from "../support/fakeAzure";

const now = "2026-01-01T00:00:00.000Z";
const longAgo = "2025-12-01T00:00:00.000Z";
const live: Keys = { Key1: "old-1", Key2: "old-2" };
const lost = null as unknown as string;
const off = http(400, "BadRequest", { message: "disableLocalAuth is set to be true" });
const forbidden = http(403, "AuthorizationFailed");
const reading = (Key1: string) => list({ answer: { kind: "keys", keys: { ...live, Key1 } } });

/** What came of a reading, and the calls and lines on the way. */
async function run<T>(turns: Turn[], read: (context: ReturnType<FakeAzure["context"]>) => Promise<T>) {
  const azure = new FakeAzure([...turns]);
  const result = await read(azure.context()).catch((error: Error) => error.message);
  azure.assertDone();
  return { result, calls: azure.calls, lines: azure.lines.join("\n") };
}

describe("the live keys for a refresh", () => {
  const refresh = (turns: Turn[], stored: Stored = { keys: live }) =>
    run(turns, (context) => readLiveKeys(account, context, stored, "Key1"));

  for (const code of ["ResourceNotFound", "ResourceGroupNotFound"]) {
    const missing = list({ answer: http(404, code) });
    it(`are gone at 404 ${code} twice, ten seconds apart, and there at one that passes`, async () => {
      const { result, calls } = await refresh([missing, missing]);
      assert.deepEqual([result, calls], ["gone", ["listKeys@0", "listKeys@10"]]);
      assert.deepEqual((await refresh([missing, list()])).result, live);
    });
  }

  const unreadable: [what: string, answer: Turn["answer"], code: string][] = [
    ["forbidden", forbidden, "forbidden"],
    ["forbidden by a policy", http(403, "RequestDisallowedByPolicy"), "policy"],
    ["forbidden by somebody before Azure", http(403), "not-azure"],
    ["locked", http(409, "ScopeLocked"), "locked"],
    [
      "throttled for longer than a refresh may take",
      http(429, "TooManyRequests", { retryAfterMs: 60_000 }),
      "throttled",
    ],
    ["switched off", off, "local-auth-off"],
  ];
  for (const [what, answer, code] of unreadable) {
    it(`are not needed where they are ${what}, which is said`, async () => {
      const { result, lines } = await refresh([list({ answer })]);
      assert.equal(result, "unreadable");
      assert.match(lines, new RegExp(`^Not refreshed: state is kept as it was\\. .*listKeys Key1 of .*\\[${code}\\]$`));
    });
  }

  for (const answer of [
    http(404, "SubscriptionNotFound"),
    http(401, "Expired"),
    { kind: "login", message: "no" } as const,
  ]) {
    it(`fail the refresh at ${JSON.stringify(answer)}, as silence would hide a drift`, async () => {
      assert.match(String((await refresh([list({ answer })])).result), /^Keys not read: .*listKeys Key1 of account /);
    });
  }

  const ages: [what: string, stored: Stored, calls: string[]][] = [
    ["once where they are those in state", { keys: { Key1: "old-1" }, issuedAt: now }, ["listKeys@0"]],
    ["once where another one is long known", { keys: { Key1: "new" }, issuedAt: longAgo }, ["listKeys@0"]],
    [
      "once two minutes after it was issued",
      { keys: { Key1: "new" }, issuedAt: "2025-12-31T23:58:00.000Z" },
      ["listKeys@0"],
    ],
    ["once where nobody here has issued it", { keys: { Key1: "new" } }, ["listKeys@0"]],
    ["once where state has lost it", { keys: { Key1: lost }, issuedAt: now }, ["listKeys@0"]],
    [
      "again where it was issued a moment ago",
      { keys: { Key1: "new" }, issuedAt: "2025-12-31T23:58:00.001Z" },
      ["listKeys@0", "listKeys@30"],
    ],
  ];
  for (const [what, stored, calls] of ages) {
    it(`are read ${what}`, async () => {
      const ran = await refresh(calls.length === 1 ? [list()] : [list(), reading("new")], stored);
      assert.deepEqual(ran.calls, calls);
      assert.deepEqual(ran.result, calls.length === 1 ? live : { ...live, Key1: "new" });
      assert.equal(/^Reading again in 30 s: .*Key1 .*\[reading-lags\]$/.test(ran.lines), calls.length > 1);
    });
  }
});

describe("the live keys for an adoption", () => {
  it("are read again where a reading that lags differs from what was issued a moment ago", async () => {
    const adopt = (turns: Turn[], before?: Stored) => run(turns, (context) => adoptAgainst(account, context, before));
    assert.deepEqual((await adopt([list()])).result, live);
    assert.deepEqual((await adopt([list()], { keys: { Key1: "new" }, issuedAt: longAgo })).result, live);
    const young = await adopt([list(), reading("new")], { keys: { Key1: "new" }, issuedAt: now });
    assert.deepEqual([young.result, young.calls], [{ ...live, Key1: "new" }, ["listKeys@0", "listKeys@30"]]);
  });
});

describe("the live keys before something is published or renewed", () => {
  const unless = (answer: Turn["answer"]) =>
    run([list({ answer })], (context) => readUnlessForbidden(account, context, "Not known."));

  it("are not needed where they may not be read, which is said", async () => {
    for (const [answer, code] of [
      [forbidden, "forbidden"],
      [http(409, "ScopeLocked"), "locked"],
    ] as const) {
      const { result, lines } = await unless(answer);
      assert.equal(result, undefined);
      assert.match(lines, new RegExp(`^warning: Not known\\. The command goes on\\. Keys not read: .*\\[${code}\\]$`));
    }
  });

  for (const answer of [
    http(401, "ExpiredAuthenticationToken"),
    http(403, "RequestDisallowedByPolicy"),
    http(403),
    http(404, "SubscriptionNotFound"),
    http(409, "Conflict"),
    off,
  ]) {
    it(`are needed at ${JSON.stringify(answer)}`, async () => {
      assert.match(
        String((await unless(answer)).result),
        /^Keys not read: .*No key was changed\. listKeys of account /,
      );
    });
  }

  it("are read no sooner than half a minute after a doubt", async () => {
    for (const [at, seconds] of [
      [undefined, 0],
      [longAgo, 0],
      ["2025-12-31T23:59:40.000Z", 10],
      [now, 30],
      // The clock of another machine.
      ["2026-01-01T01:00:00.000Z", 30],
    ] as const) {
      const azure = new FakeAzure([]);
      await waitWhileStale(account, azure.context(), at);
      assert.equal(azure.time - Date.parse(now), seconds * 1000);
      assert.equal(azure.lines.length, seconds === 0 ? 0 : 1);
    }
  });
});

describe("the live keys before an unfinished rotation is finished", () => {
  const stored: Stored = { keys: { Key1: "new" }, issuedAt: now };
  const left: Left = { superseded: [fingerprint("old-1")] };
  const unconfirmed: Left = { ...left, unconfirmed: true };
  const news = { ...live, Key1: "new" };
  const stillFormer = "listKeys still gives the old key";
  const cases: [what: string, left: Left, turns: Turn[], found: unknown, seconds: number[], stored?: Stored][] = [
    ["read once where nothing is open", {}, [reading("new")], { live: news }, [0]],
    ["read again where a reading may lag", left, [list(), reading("new")], { live: news }, [0, 30]],
    [
      "doubted where readings still give the value from before",
      left,
      [list(), list()],
      { live, doubt: stillFormer },
      [0, 30],
    ],
    [
      "read twice, half a minute after a key that is not confirmed",
      unconfirmed,
      [reading("new"), reading("new")],
      { live: news },
      [30, 40],
    ],
    [
      "doubted where two readings do not agree",
      unconfirmed,
      [reading("between"), reading("new")],
      { live: news, doubt: "no two readings in a row agreed in time" },
      [30, 40],
    ],
    [
      "doubted where both readings give the value from before",
      unconfirmed,
      [list(), list()],
      { live, doubt: stillFormer },
      [30, 40],
    ],
    ["not known where they may not be read", left, [list({ answer: forbidden })], {}, [0]],
    ["not known where they may not be read again", unconfirmed, [list(), list({ answer: forbidden })], {}, [30, 40]],
    ["taken as they are where state has lost them", unconfirmed, [list()], { live }, [0], { keys: { Key1: lost } }],
  ];
  for (const [what, open, turns, found, seconds, before = stored] of cases) {
    it(`are ${what}`, async () => {
      const ran = await run(turns, (context) => lookBeforeFinishing(account, context, before, open, "Key1", "Key1"));
      assert.deepEqual(ran.result, found);
      assert.deepEqual(
        ran.calls,
        seconds.map((second) => `listKeys@${second}`),
      );
    });
  }

  it("must be read where state has lost them", async () => {
    const { result } = await run([list({ answer: forbidden })], (context) =>
      lookBeforeFinishing(account, context, { keys: { Key1: lost } }, left, "Key1", "Key1"),
    );
    assert.match(String(result), /^Keys not read: .*\[forbidden\]$/);
  });
});
