import assert from "node:assert/strict";
import { createdPair, updatedPair } from "../../../plugin/keyPairPreview";
import type { KeyPairInputs, KeyPairOutputs } from "../../../provider/keyPairOutcomes";
import { unknown } from "../../../provider/unknown";

const inputs: KeyPairInputs = { resourceGroupName: "rg", accountName: "acct" };
const at = "2026-01-01T00:00:00.000Z";
const keys = { key: "one", keyFingerprint: "f", keyName: "Key1", previousKey: "two", previousKeyName: "Key2" } as const;
const stored: KeyPairOutputs = { ...inputs, subscriptionId: "s", ...keys, rotationCount: 3, rotationTrigger: "a" };
const issued = { rotatedAt: at, requestId: "r" };
/** Nothing but the slots is known, which a rotation has exchanged. */
const rotated = {
  ...{ ...inputs, subscriptionId: "s", rotationTrigger: "b" },
  ...{ key: unknown, keyFingerprint: unknown, previousKey: unknown, rotatedAt: unknown, requestId: unknown },
  ...{ keyName: "Key2", previousKeyName: "Key1", rotationCount: 4 },
};
const noKeys = { key: unknown, keyFingerprint: unknown, previousKey: unknown };
const noIssuance = { rotatedAt: unknown, requestId: unknown };
const nothing = { ...noKeys, ...noIssuance, keyName: unknown, previousKeyName: unknown, publishedAt: unknown };
const wait = { url: "https://acct.example", timeout: "PT1M" };

describe("the preview of a pair that is to be created", () => {
  const adopted = { ...noKeys, rotationCount: 0, keyName: "Key1", previousKeyName: "Key2" };
  const accountId = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct";

  for (const [what, news, before, expected] of [
    ["adopts the first slot", inputs, undefined, { ...inputs, ...adopted, subscriptionId: unknown }],
    [
      "adopts the slot that is named, in the subscription that is named",
      { ...inputs, subscriptionId: " S ", initialKeyName: "Key2" },
      undefined,
      {
        ...{ ...inputs, ...adopted, initialKeyName: "Key2" },
        ...{ subscriptionId: "S", keyName: "Key2", previousKeyName: "Key1" },
      },
    ],
    ["takes the subscription from the id", { accountId }, undefined, { accountId, ...adopted, subscriptionId: "S" }],
    [
      "does not know the slot",
      { accountId: unknown, initialKeyName: unknown as never },
      undefined,
      {
        ...{ accountId: unknown, initialKeyName: unknown, subscriptionId: unknown },
        ...{ ...adopted, keyName: unknown, previousKeyName: unknown },
      },
    ],
    [
      "says when one with a trigger is published",
      { ...inputs, rotationTrigger: 1 },
      undefined,
      { ...inputs, rotationTrigger: 1, ...adopted, subscriptionId: unknown, publishedAt: unknown },
    ],
    [
      "and not when one without is",
      { ...inputs, rotationTrigger: null },
      undefined,
      { ...inputs, rotationTrigger: null, ...adopted, subscriptionId: unknown },
    ],
    [
      "may go on with the one before, and its last trigger",
      inputs,
      stored,
      { ...inputs, ...nothing, rotationCount: unknown, subscriptionId: "s", rotationTrigger: unknown },
    ],
    [
      "may go on and rotate",
      { ...inputs, rotationTrigger: "b" },
      stored,
      { ...inputs, ...nothing, rotationCount: unknown, subscriptionId: "s", rotationTrigger: "b" },
    ],
  ] as const satisfies [string, KeyPairInputs, KeyPairOutputs | undefined, object][]) {
    it(what, () => assert.deepEqual(createdPair(news, before), expected));
  }
});

describe("the preview of a pair that is to be updated", () => {
  const changed = { ...stored, ...issued, changedOutsideAt: at };

  for (const [what, olds, news, expected] of [
    [
      "leaves the keys, and takes inputs over",
      { ...stored, ...issued },
      { ...inputs, maxAge: "P1D" },
      { ...stored, ...issued, maxAge: "P1D" },
    ],
    ["rotates", { ...stored, ...issued, publishedAt: at }, { ...inputs, rotationTrigger: "b" }, rotated],
    [
      "rotates for the first time",
      { ...stored, rotationTrigger: undefined },
      { ...inputs, rotationTrigger: "b" },
      rotated,
    ],
    [
      "rotates and waits",
      stored,
      { ...inputs, rotationTrigger: "b", waitUntilAccepted: wait },
      { ...rotated, waitUntilAccepted: wait, publishedAt: unknown },
    ],
    [
      "rotates, whatever else is to be done",
      { ...changed, rotationInDoubt: at },
      { ...inputs, rotationTrigger: "b" },
      rotated,
    ],
    [
      "may rotate",
      { ...stored, ...issued },
      { ...inputs, rotationTrigger: unknown },
      { ...inputs, subscriptionId: "s", rotationTrigger: unknown, ...nothing, rotationCount: unknown },
    ],
    [
      "finishes a rotation, whatever the trigger",
      { ...stored, unfinished: issued },
      { ...inputs, rotationTrigger: "b" },
      { ...rotated, publishedAt: unknown },
    ],
    [
      "finishes a rotation, also when the trigger is unknown",
      { ...stored, unfinished: {} },
      { ...inputs, rotationTrigger: unknown },
      { ...rotated, rotationTrigger: unknown, publishedAt: unknown },
    ],
    ["publishes what a refresh has found", changed, inputs, { ...stored, ...issued, publishedAt: unknown }],
    [
      "publishes what a refresh has found, where nobody knows who has issued it",
      { ...stored, changedOutsideAt: at },
      inputs,
      { ...stored, publishedAt: unknown },
    ],
    [
      "looks what a rotation in doubt has left behind",
      { ...stored, ...issued, rotationInDoubt: at },
      inputs,
      { ...stored, ...noKeys, ...noIssuance, publishedAt: unknown },
    ],
    [
      "reads a key that state has lost",
      { ...stored, previousKey: "" },
      inputs,
      { ...stored, ...noKeys, publishedAt: unknown },
    ],
  ] as const satisfies [string, KeyPairOutputs, KeyPairInputs, object][]) {
    it(what, () => assert.deepEqual(updatedPair(olds, news), expected));
  }
});
