import assert from "node:assert/strict";
import { fingerprint, withFingerprint } from "../../provider/fingerprint";
import {
  adopted,
  follow,
  goesOn,
  heldBack,
  type KeyPairInputs,
  type KeyPairOutputs,
  published,
  storedKeys,
  unchanged,
} from "../../provider/keyPairOutcomes";
import type { Keys } from "../../provider/rotation/accountKeys";

const inputs: KeyPairInputs = { resourceGroupName: "rg", accountName: "acct", rotationTrigger: "b" };
const before = { rotatedAt: "2026-01-01T00:00:00.000Z", requestId: "request-1" };
const since = { rotatedAt: "2026-02-01T00:00:00.000Z", requestId: "request-2" };
const at = "2026-02-02T00:00:00.000Z";
/** Nobody has issued the key in use, as far as is known. */
const plain: KeyPairOutputs = {
  ...{ ...inputs, subscriptionId: "s", rotationCount: 1 },
  ...{ ...withFingerprint("two"), keyName: "Key2", previousKey: "one", previousKeyName: "Key1" },
};
const stored = { ...plain, ...before, publishedAt: "2026-01-02T00:00:00.000Z" };
const pending = { ...stored, unfinished: { ...since, superseded: ["f"], unconfirmed: true } } as const;
const live: Keys = { Key1: "new", Key2: "two" };
const swapped = { ...withFingerprint("new"), keyName: "Key1", previousKeyName: "Key2", rotationCount: 2 } as const;
const { unfinished: left } = pending;

describe("the outputs of a pair", () => {
  const cases: [what: string, outputs: object, expected: object][] = [
    [
      "adopted: the first slot is the one in use",
      adopted(inputs, "s", live, undefined),
      { ...plain, ...swapped, previousKey: "two", rotationCount: 0 },
    ],
    [
      "adopted with the slot that consumers hold, and a trigger",
      adopted({ ...inputs, initialKeyName: "Key2" }, "s", live, at),
      { ...plain, initialKeyName: "Key2", previousKey: "new", rotationCount: 0, publishedAt: at },
    ],
    [
      "unchanged: the inputs are the program's, and no mark is left",
      unchanged(
        { ...pending, changedOutsideAt: at, rotationInDoubt: at, triggerLost: true },
        { ...inputs, maxAge: "P1D" },
      ),
      { ...stored, maxAge: "P1D" },
    ],
    ["unchanged, the trigger taken out", unchanged(plain, { ...inputs, rotationTrigger: undefined }), plain],
    [
      "published: the new key is in use, the one before it is the next to be renewed",
      published(pending, live, undefined),
      { ...plain, ...swapped, previousKey: "two", ...since },
    ],
    [
      "published after a wait, from when on the overlap counts",
      published(pending, live, at),
      { ...plain, ...swapped, previousKey: "two", ...since, publishedAt: at },
    ],
    [
      "published with the live value of a key in use that somebody else has changed",
      published(pending, { ...live, Key2: "other" }, undefined),
      { ...plain, ...swapped, previousKey: "other", ...since },
    ],
    [
      "published where nobody knows who has issued the new key",
      published({ ...stored, unfinished: {} }, live, undefined),
      { ...plain, ...swapped, previousKey: "two" },
    ],
    [
      "held back: the key in use is as before",
      heldBack(pending, live),
      { ...stored, previousKey: "new", unfinished: left },
    ],
    [
      "held back with the live value of a key in use that somebody else has changed",
      heldBack(pending, { ...live, Key2: "other" }),
      { ...plain, publishedAt: stored.publishedAt, ...withFingerprint("other"), previousKey: "new", unfinished: left },
    ],
    ["followed", follow(stored, live), { ...withFingerprint("two"), previousKey: "new" }],
    [
      "followed while a rotation is unfinished",
      follow({ ...pending, previousKey: "new" }, live),
      { ...withFingerprint("two"), previousKey: "new" },
    ],
    [
      "followed where somebody else has renewed the new key: of that one nothing is known",
      follow(pending, live),
      { ...withFingerprint("two"), previousKey: "new", unfinished: {} },
    ],
  ];
  for (const [what, outputs, expected] of cases) {
    it(what, () => {
      assert.deepEqual(outputs, expected);
      assert.deepEqual(JSON.parse(JSON.stringify(outputs)), outputs, "pure JSON");
    });
  }

  const compared: [what: string, keys: Keys, goes: boolean, unfinished?: KeyPairOutputs["unfinished"]][] = [
    ["both keys", { Key1: "one", Key2: "two" }, true],
    ["another key in use", { Key1: "one", Key2: "other" }, false],
    ["another spare key", { Key1: "other", Key2: "two" }, false],
    [
      "the spare key from before a rotation, which a reading that lags gives",
      { Key1: "old", Key2: "two" },
      true,
      { superseded: [fingerprint("old")] },
    ],
  ];
  for (const [what, keys, goes, unfinished] of compared) {
    it(`${goes ? "go" : "do not go"} on with ${what}`, () =>
      assert.equal(goesOn({ ...stored, unfinished }, keys), goes));
  }

  it("say which keys are stored, and since when", () => {
    const keys = { Key1: "one", Key2: "two" };
    assert.deepEqual(storedKeys(plain), { keys, issuedAt: undefined });
    assert.deepEqual(storedKeys(stored), { keys, issuedAt: before.rotatedAt });
    assert.deepEqual(storedKeys(pending), { keys, issuedAt: since.rotatedAt });
  });
});
