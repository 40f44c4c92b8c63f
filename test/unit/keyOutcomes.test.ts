import assert from "node:assert/strict";
import { withFingerprint } from "../../provider/fingerprint";
import {
  followed,
  heldBack,
  type KeyInputs,
  type KeyOutputs,
  obtained,
  storedKeys,
  unchanged,
} from "../../provider/keyOutcomes";

const inputs: KeyInputs = { resourceGroupName: "rg", accountName: "acct", rotationTrigger: "b" };
const place = { subscriptionId: "s", keyName: "Key2" } as const;
const issued = { rotatedAt: "2026-01-01T00:00:00.000Z", requestId: "request-1" };
const stored: KeyOutputs = { ...inputs, ...place, ...withFingerprint("key"), rotationTrigger: "a", ...issued };
const marks = { changedOutsideAt: "2026-01-02T00:00:00.000Z", unfinished: {}, triggerLost: true } as const;
const { rotatedAt: _r, requestId: _i, ...adopted } = stored;

describe("the outputs of a key", () => {
  const cases: [what: string, outputs: object, expected: object][] = [
    ["adopted: nobody is said to have issued it", obtained(inputs, place, "key"), { ...adopted, rotationTrigger: "b" }],
    ["issued", obtained(inputs, place, "key", issued), { ...stored, rotationTrigger: "b" }],
    [
      "issued by a request without an id",
      obtained(inputs, place, "key", { ...issued, requestId: undefined }),
      { ...adopted, rotationTrigger: "b", rotatedAt: issued.rotatedAt },
    ],
    [
      "unchanged: the inputs are the program's, and no mark is left",
      unchanged({ ...stored, ...marks }, { ...inputs, revokeOnDelete: true }),
      { ...stored, rotationTrigger: "b", revokeOnDelete: true },
    ],
    ["unchanged, the trigger taken out", unchanged(stored, { ...inputs, rotationTrigger: undefined }), stored],
    ["followed: somebody else has issued it", followed(stored, "other"), { ...adopted, ...withFingerprint("other") }],
    ["held back", heldBack(stored, { unconfirmed: true }), { ...stored, unfinished: { unconfirmed: true } }],
  ];
  for (const [what, outputs, expected] of cases) {
    it(what, () => {
      assert.deepEqual(outputs, expected);
      assert.deepEqual(JSON.parse(JSON.stringify(outputs)), outputs, "pure JSON");
    });
  }

  it("say which key is stored, and since when", () => {
    assert.deepEqual(storedKeys(stored), { keys: { Key2: "key" }, issuedAt: issued.rotatedAt });
    assert.deepEqual(storedKeys(adopted as KeyOutputs), { keys: { Key2: "key" }, issuedAt: undefined });
  });
});
