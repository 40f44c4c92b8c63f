import assert from "node:assert/strict";
import { carriedOver } from "../../provider/carriedOver";
import { asSecret } from "../../provider/secretMark";

describe("outputs that hold what the program does not say any more", () => {
  const place = { accountId: "/subscriptions/…", subscriptionId: "s", keyName: "Key2", previousKeyName: "Key1" };
  const issued = { key: "k", rotatedAt: "2026-01-01T00:00:00Z", rotationCount: 1, unfinished: {} };

  it("have it as a secret: the last trigger, and all inputs of a rotation that ended in doubt", () => {
    const last = { by: ["synthetic"] };
    const url = { url: "https://example" };
    const outputs = { ...place, ...issued, rotationTrigger: last, waitUntilAccepted: url, maxAge: "P9D" };
    for (const news of [{}, { rotationTrigger: null }, { rotationTrigger: { by: [] }, maxAge: "P8D" }]) {
      assert.deepEqual(carriedOver(outputs, { accountName: "a", ...news }), {
        ...outputs,
        rotationTrigger: asSecret(last),
        waitUntilAccepted: asSecret(url),
        maxAge: asSecret("P9D"),
      });
    }
  });

  it("and nothing else: Pulumi marks what the program says as the program marks it", () => {
    const inputs = { rotationTrigger: { by: ["a", 1] }, maxAge: null, revokeOnDelete: true, initialKeyName: "Key2" };
    const outputs = { ...place, ...issued, ...inputs, minimumOverlap: undefined };
    assert.deepEqual(carriedOver(outputs, structuredClone(inputs)), outputs);
  });
});
