import assert from "node:assert/strict";
import { ageOf } from "../../../plugin/ageOf";
import { unknown } from "../../../provider/unknown";
import { codeOf } from "../../../provider/words";

const at = "2026-01-31T12:00:00.000Z";
const day = 86_400_000;
const now = Date.parse(at) + 3 * day;
const account = { resourceGroupName: "rg", accountName: "acct", subscriptionId: "sub" };
const outputs = { ...account, keyName: "Key2", rotatedAt: at, rotationTrigger: "synthetic-trigger" };

describe("the age that the plugin warns of", () => {
  it("is that of a key that is too old, with its slot, and without inputs that may be secret", () => {
    const warning = String(ageOf({ maxAge: "P2D" }, outputs, now));
    assert.equal(codeOf(warning), "old-key");
    assert.match(warning, /3 days ago.*Key2 of account "acct" \(resource group "rg", subscription sub\)/);
    assert.doesNotMatch(warning, /synthetic-trigger|P2D/);
  });

  it("is unknown of a key that was found", () => {
    const { rotatedAt: _unknown, ...found } = outputs;
    assert.equal(codeOf(String(ageOf({ maxAge: "P2D" }, found, now))), "unknown-age");
  });

  for (const maxAge of [undefined, null, unknown, 7, "P9D"]) {
    it(`is none where maxAge is ${JSON.stringify(maxAge)}`, () => {
      const found = maxAge === "P9D" ? outputs : { ...outputs, rotatedAt: undefined };
      assert.equal(ageOf({ maxAge }, found, now), undefined);
    });
  }

  it("takes the account from the id as well", () => {
    const accountId = `/subscriptions/s/resourceGroups/other/providers/Microsoft.CognitiveServices/accounts/named`;
    const warning = ageOf({ maxAge: "P2D" }, { accountId, subscriptionId: "s", keyName: "Key1", rotatedAt: at }, now);
    assert.match(String(warning), /Key1 of account "named" \(resource group "other", subscription s\)/);
  });
});
