import assert from "node:assert/strict";
import { fingerprint, withFingerprint } from "../../../provider/fingerprint";
import { KeyHandler } from "../../../provider/key";
import { RotationInDoubt, UnfinishedRotation } from "../../../provider/keyError";
import type { KeyOutputs } from "../../../provider/keyOutcomes";
import { KeyPairHandler } from "../../../provider/keyPair";
import type { KeyPairOutputs } from "../../../provider/keyPairOutcomes";
import { type Code, codeOf } from "../../../provider/words";
import { account, FakeAzure, http, list, regenerate, type Turn } from "../../support/fakeAzure";

const now = "2026-01-01T00:00:00.000Z";
const where = { resourceGroupName: "rg", accountName: "acct" };
const { subscriptionId } = account;
const bumped = { ...where, rotationTrigger: "b" };
const waiting = { ...bumped, waitUntilAccepted: { url: "https://acct.cognitive.example/openai/models" } };
const single: KeyOutputs = {
  ...{ ...where, subscriptionId, keyName: "Key1", rotationTrigger: "a", rotatedAt: "2025-12-01T00:00:00.000Z" },
  ...withFingerprint("old-1"),
};
const pair: KeyPairOutputs = {
  ...{ ...where, subscriptionId, ...withFingerprint("old-2"), keyName: "Key2", previousKey: "old-1" },
  ...{ previousKeyName: "Key1", rotationTrigger: "a", rotationCount: 1, rotatedAt: "2025-12-01T00:00:00.000Z" },
};

type Work = (key: KeyHandler, pair: KeyPairHandler) => Promise<unknown>;

const rotating: Record<string, Work> = {
  key: (key) => key.create(bumped),
  pair: (_, handler) => handler.update("id", pair, { ...bumped, minimumOverlap: "PT0S" }),
};
const throttled = http(429, "TooManyRequests", { retryAfterMs: 20_000 });
const missing = http(404, "ResourceNotFound");

/** What came of the work, whose wait in the given second is interrupted. */
async function interrupted(turns: Turn[], second: number, work: Work, begin = (_: FakeAzure) => {}) {
  const azure = new FakeAzure(turns);
  begin(azure);
  azure.interruptedAt = second;
  const context = azure.context();
  const error = await work(new KeyHandler(context), new KeyPairHandler(context)).then(
    () => assert.fail("it went through"),
    (thrown: Error) => thrown,
  );
  azure.assertDone();
  return { azure, error, code: codeOf(error.message) };
}

describe("a wait that is interrupted", () => {
  const busy: [what: string, answer: Turn["answer"]][] = [
    ["of a throttled subscription", throttled],
    ["for a busy account", http(409, "RequestConflict")],
    ["for a server that cannot be reached", { kind: "network", code: "ECONNREFUSED" }],
    ["for an account that is not there yet", missing],
  ];
  for (const [what, answer] of busy) {
    for (const [name, work] of Object.entries(rotating)) {
      it(`${what} ends the rotation of a ${name} with the key unchanged`, async () => {
        const { azure, error, code } = await interrupted([regenerate({ answer })], 0, work);
        assert.match(error.message, /^Not rotated: interrupted\. The key was not changed\. .*Key1 of account "acct"/);
        assert.equal(code, "interrupted");
        assert.ok(!("properties" in error), "state stays as it was");
        assert.equal(azure.keys.Key1, "old-1");
      });
    }
  }

  it("behind an ambiguous answer leaves the rotation in doubt, and a pair says so in state", async () => {
    for (const turns of [[list()], [list({ answer: 503 })], [list({ answer: throttled })]]) {
      for (const [name, work] of Object.entries(rotating)) {
        const { error, code } = await interrupted([regenerate({ answer: 503 }), ...turns], 0, work);
        assert.match(error.message, /^Maybe rotated: interrupted\. It is not known whether the key was changed\. /);
        assert.equal(code, "in-doubt");
        assert.equal(error instanceof RotationInDoubt, name === "pair");
        if (error instanceof RotationInDoubt) assert.deepEqual(error.properties, { ...pair, rotationInDoubt: now });
      }
    }
  });

  const confirming: [what: string, last: Turn][] = [
    ["between the readings that confirm", list()],
    ["for a reading that confirms", list({ answer: 503 })],
    ["for a reading of a throttled subscription", list({ answer: throttled })],
  ];
  for (const [what, last] of confirming) {
    for (const [name, work] of Object.entries(rotating)) {
      it(`${what} keeps the new key of a ${name}, unfinished`, async () => {
        const turns = [regenerate({ answer: 503 }), list(), regenerate(), last];
        const { error, code } = await interrupted(turns, 1, work);
        assert.match(error.message, /^Not published: new key not confirmed\. .*it was interrupted while it waited/);
        assert.equal(code, "not-confirmed");
        assertKept(error, { superseded: [fingerprint("old-1")], unconfirmed: true });
      });
    }
  }

  it("until a new key is accepted keeps it, unfinished", async () => {
    for (const work of [
      (key: KeyHandler) => key.create(waiting),
      (_: KeyHandler, handler: KeyPairHandler) => handler.update("id", pair, { ...waiting, minimumOverlap: "PT0S" }),
    ]) {
      const { azure, error, code } = await interrupted([regenerate()], 3, work, (one) => {
        one.dataPlane = () => ({ status: 401 });
      });
      assert.match(error.message, /^Not published: new key not accepted yet\. .*interrupted/);
      assert.equal(code, "not-accepted");
      assert.deepEqual(azure.tried, ["new-1@0", "new-1@1", "new-1@3"]);
      assertKept(error);
    }
  });

  /** The key that Azure has issued is in the error's properties, encrypted there by the engine. */
  function assertKept(error: Error, left: object = {}): void {
    assert.ok(error instanceof UnfinishedRotation);
    const { key, previousKey, unfinished } = error.properties as KeyPairOutputs;
    assert.equal(previousKey ?? key, "new-1");
    const { rotatedAt: _r, requestId: _i, superseded, ...others } = unfinished ?? {};
    assert.deepEqual({ ...others, ...("superseded" in left && { superseded }) }, left);
  }

  const young = { rotatedAt: "2025-12-31T23:59:50.000Z" };
  const left = { unfinished: { unconfirmed: true, superseded: [fingerprint("older")] } } as const;
  const changed = (one: FakeAzure) => {
    one.keys = { Key1: "other", Key2: "another" };
  };
  const others: [
    what: string,
    turns: Turn[],
    second: number,
    work: Work,
    code: Code,
    begin?: (one: FakeAzure) => void,
  ][] = [
    ["of a refresh, of a key", [list({ answer: 503 })], 0, (key) => key.read("id", single), "interrupted"],
    ["of a refresh, of a pair", [list({ answer: throttled })], 0, (_, both) => both.read("id", pair), "interrupted"],
    [
      "of a refresh, for a missing account",
      [list({ answer: missing })],
      5,
      (key) => key.read("id", single),
      "interrupted",
    ],
    [
      "of a refresh, for a reading that lags",
      [list()],
      9,
      (key) => key.read("id", { ...single, ...young }),
      "interrupted",
      changed,
    ],
    ["of an adoption, of a key", [list({ answer: 503 })], 0, (key) => key.create(where), "interrupted"],
    ["of an adoption, of a pair", [list({ answer: missing })], 0, (_, both) => both.create(where), "interrupted"],
    [
      "of an adoption, until its key is accepted",
      [list()],
      3,
      (key) => key.create({ ...waiting, rotationTrigger: undefined }),
      "adopted-key-not-accepted",
      (one) => {
        one.dataPlane = () => ({ status: 401 });
      },
    ],
    [
      "before a rotation, for the endpoint to refuse a made-up key",
      [],
      0,
      (key) => key.create(waiting),
      "interrupted",
      (one) => {
        one.madeUp = { code: "ECONNRESET" };
      },
    ],
    [
      "before a rotation, for the reading of a pair",
      [list({ answer: 503 })],
      0,
      (_, both) => both.update("id", pair, bumped),
      "interrupted",
    ],
    [
      "before an update looks into a doubt",
      [],
      0,
      (_, both) => both.update("id", { ...pair, rotationInDoubt: now }, where),
      "interrupted",
    ],
    [
      "before a rotation is finished",
      [],
      9,
      (key) => key.update("id", { ...single, ...young, ...left }, where),
      "interrupted",
    ],
    [
      "between the readings that finish a rotation",
      [list()],
      9,
      (_, both) => both.update("id", { ...pair, ...left }, where),
      "interrupted",
    ],
    [
      "of a revocation",
      [list({ answer: 503 })],
      0,
      (key) => key.delete("id", { ...single, revokeOnDelete: true }),
      "interrupted",
    ],
  ];
  for (const [what, turns, second, work, code, begin] of others) {
    it(`${what} changes nothing, and says so`, async () => {
      const { azure, error, code: said } = await interrupted([...turns], second, work, begin);
      assert.equal(said, code, error.message);
      assert.match(error.message, /No (new )?key was (changed|sent or issued)|The key was not changed/);
      assert.match(error.message, /[Ii]nterrupted/);
      assert.ok(!("properties" in error), "state stays as it was");
      assert.deepEqual(azure.regenerated, []);
    });
  }
});
