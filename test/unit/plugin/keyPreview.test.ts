import assert from "node:assert/strict";
import { createdKey, updatedKey } from "../../../plugin/keyPreview";
import type { KeyInputs, KeyOutputs } from "../../../provider/keyOutcomes";
import { unknown } from "../../../provider/unknown";

const inputs: KeyInputs = { resourceGroupName: "rg", accountName: "acct" };
const at = "2026-01-01T00:00:00.000Z";
const issued = { rotatedAt: at, requestId: "r" };
const key = { key: "one", keyFingerprint: "f" };
const stored: KeyOutputs = { ...inputs, subscriptionId: "s", ...key, keyName: "Key2", rotationTrigger: "a" };
const noKey = { key: unknown, keyFingerprint: unknown };
const noIssuance = { rotatedAt: unknown, requestId: unknown };

describe("the preview of a key that is to be created", () => {
  for (const [what, news, before, expected] of [
    ["adopts the first slot", inputs, undefined, { ...inputs, subscriptionId: unknown, keyName: "Key1", ...noKey }],
    [
      "adopts the slot that is named, in the subscription that is named",
      { ...inputs, keyName: "Key2", subscriptionId: "S", rotationTrigger: null },
      undefined,
      { ...inputs, keyName: "Key2", subscriptionId: "S", rotationTrigger: null, ...noKey },
    ],
    [
      "does not know the slot",
      { ...inputs, keyName: unknown as never },
      undefined,
      { ...inputs, subscriptionId: unknown, keyName: unknown, ...noKey },
    ],
    [
      "issues one",
      { ...inputs, rotationTrigger: 1 },
      undefined,
      { ...inputs, subscriptionId: unknown, keyName: "Key1", rotationTrigger: 1, ...noKey, ...noIssuance },
    ],
    [
      "may issue one",
      { ...inputs, rotationTrigger: [unknown] },
      undefined,
      { ...inputs, subscriptionId: unknown, keyName: "Key1", rotationTrigger: [unknown], ...noKey, ...noIssuance },
    ],
    [
      "issues one in place of the one before",
      { ...inputs, keyName: "Key2", rotationTrigger: "b" },
      stored,
      { ...inputs, subscriptionId: "s", keyName: "Key2", rotationTrigger: "b", ...noKey, ...noIssuance },
    ],
    [
      "may go on with the one before, and its last trigger",
      { ...inputs, keyName: "Key2" },
      stored,
      { ...inputs, subscriptionId: "s", keyName: "Key2", rotationTrigger: unknown, ...noKey, ...noIssuance },
    ],
  ] as const satisfies [string, KeyInputs, KeyOutputs | undefined, object][]) {
    it(what, () => assert.deepEqual(createdKey(news, before), expected));
  }
});

describe("the preview of a key that is to be updated", () => {
  for (const [what, olds, news, expected] of [
    [
      "leaves the key, and takes inputs over",
      { ...stored, ...issued },
      { ...inputs, revokeOnDelete: true },
      { ...stored, ...issued, revokeOnDelete: true },
    ],
    ["publishes what a refresh has found", { ...stored, changedOutsideAt: at, triggerLost: true }, inputs, stored],
    [
      "finishes a rotation, whose key somebody else may have renewed",
      { ...stored, ...issued, unfinished: {} },
      { ...inputs, rotationTrigger: "b" },
      { ...stored, rotationTrigger: "b", ...noKey, ...noIssuance },
    ],
    [
      "finishes a rotation whose answer was lost",
      { ...stored, rotatedAt: at, unfinished: { unconfirmed: true } },
      inputs,
      { ...stored, ...noKey, rotatedAt: unknown },
    ],
    [
      "reads a key that state has lost, and nobody knows who has issued it",
      { ...stored, ...issued, key: null as never },
      inputs,
      { ...stored, ...noKey },
    ],
    [
      "reads a key that state has lost in the middle of a rotation",
      { ...stored, ...issued, key: "", unfinished: {} },
      inputs,
      { ...stored, ...noKey },
    ],
  ] as const satisfies [string, KeyOutputs, KeyInputs, object][]) {
    it(what, () => assert.deepEqual(updatedKey(olds, news), expected));
  }
});
