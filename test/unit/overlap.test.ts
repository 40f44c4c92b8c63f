import assert from "node:assert/strict";
import type { KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { isWithoutOverlap, requireOverlap } from "../../provider/overlap";
import { codeOf } from "../../provider/words";

const now = "2026-01-01T00:00:00.000Z";
const stored: KeyPairOutputs = {
  ...{ resourceGroupName: "rg", accountName: "acct", subscriptionId: "11111111-1111-4111-8111-111111111111" },
  ...{ key: "old-2", keyName: "Key2", keyFingerprint: "", previousKey: "old-1", previousKeyName: "Key1" },
  rotationCount: 1,
};
const lost = null as unknown as string;

describe("the minimum overlap", () => {
  /** From when on it may rotate, as a refusal says, or the refusal's code. */
  const cases: [what: string, olds: Partial<KeyPairOutputs>, minimumOverlap?: string | null, refused?: string][] = [
    ["is an hour by default", { rotatedAt: "2025-12-31T23:00:00.001Z" }, undefined, "00:01"],
    ["is an hour also for null", { rotatedAt: "2025-12-31T23:00:00.001Z" }, null, "00:01"],
    ["is over after an hour", { rotatedAt: "2025-12-31T23:00:00.000Z" }],
    ["counts days", { rotatedAt: "2025-12-26T00:00:00.000Z" }, "P7D", "2026-01-02 00:00"],
    ["counts months of the calendar", { rotatedAt: "2025-12-02T12:00:00.000Z" }, "P1M", "2026-01-02 12:00"],
    ["is turned off by PT0S", { rotatedAt: now }, "PT0S"],
    ["is turned off by PT0S, however far ahead the clock was", { rotatedAt: "2036-01-01T00:00:00.000Z" }, "PT0S"],
    ["lets pass what has never rotated", {}],
    [
      "counts from the last publication",
      { rotatedAt: "2025-12-01T00:00:00.000Z", publishedAt: "2025-12-31T23:30:00.000Z" },
      undefined,
      "00:30",
    ],
    [
      "counts from a rotation after the last publication",
      { rotatedAt: "2025-12-31T23:30:00.000Z", publishedAt: "2025-12-01T00:00:00.000Z" },
      undefined,
      "00:30",
    ],
    // Nobody could deploy yet.
    [
      "ends no key while a change is not published",
      { changedOutsideAt: "2025-06-01T00:00:00.000Z" },
      "PT1S",
      "unpublished-change",
    ],
    ["may be off while a change is not published", { changedOutsideAt: "2025-06-01T00:00:00.000Z" }, "PT0S"],
    ["ends no key that state has lost", { previousKey: lost }, undefined, "key-lost"],
    ["may be off where state has lost the key", { previousKey: lost }, "PT0S"],
  ];
  for (const [what, olds, minimumOverlap, refused] of cases) {
    it(what, () => {
      const rotating = () => requireOverlap({ ...stored, ...olds }, { minimumOverlap }, Date.parse(now));
      assert.equal(isWithoutOverlap({ minimumOverlap }), minimumOverlap === "PT0S");
      if (refused === undefined) return assert.doesNotThrow(rotating);
      assert.throws(rotating, ({ message }: Error) => {
        assert.match(message, /^Not rotated: .*Key1 of account "acct" .*No call was made/);
        assert.equal(
          /^Not rotated: too soon\. Possible from (.*) UTC\. /.exec(message)?.[1] ?? codeOf(message),
          refused,
        );
        return true;
      });
    });
  }

  it("says what began it: the creation of the pair, a rotation, or a publication without one", () => {
    const at = "2025-12-31T23:30:00.000Z";
    for (const [olds, begin] of [
      [{ rotatedAt: at }, "was rotated"],
      [{ rotatedAt: "2025-12-01T00:00:00.000Z", publishedAt: at }, "published its key"],
      [{ rotationCount: 0, publishedAt: at }, "was created with a trigger, or published keys changed outside Pulumi,"],
    ] as const) {
      const rotating = () => requireOverlap({ ...stored, ...olds }, {}, Date.parse(now));
      const message = new RegExp(`\\. The pair ${begin} less than minimumOverlap \\(PT1H\\) ago\\. `);
      assert.throws(rotating, { message });
    }
  });

  it("is said in one sentence after another, without a stack, and names the time once", () => {
    const rotating = () => requireOverlap({ ...stored, rotatedAt: now }, {}, Date.parse(now));
    assert.throws(rotating, (error: Error) => {
      assert.equal(
        `${error}: ${error.stack}`,
        'CognitiveAccountKeyError: Not rotated: too soon. Possible from 01:00 UTC. Wait until then. Key1 of account "acct" (resource ' +
          `group "rg", subscription ${stored.subscriptionId}) is the slot to renew: consumers may still hold its key. The pair was rotated ` +
          'less than minimumOverlap (PT1H) ago. If no consumer holds Key1 (compare keyFingerprint), set minimumOverlap to "PT0S" for ' +
          'this one "pulumi up", and take it out afterwards. No call was made and no key was changed. [too-soon]',
      );
      return true;
    });
  });
});
