import assert from "node:assert/strict";
import type { AccountInputs } from "../../provider/account";
import {
  checkAcceptance,
  checkAccount,
  checkBoolean,
  checkCommon,
  checkDuration,
  checkKeyName,
} from "../../provider/inputs";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const subscription = "11111111-1111-4111-8111-111111111111";
const id = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct`;
const named = { resourceGroupName: "rg", accountName: "acct" };

describe("check", () => {
  const accepted: [what: string, inputs: AccountInputs][] = [
    ["names", named],
    ["names and a subscription", { ...named, subscriptionId: subscription }],
    ["an id", { accountId: id }],
    ["an id in lower case", { accountId: id.toLowerCase() }],
    ["an account of 2 characters", { ...named, accountName: "a1" }],
    ["an account of 64 characters", { ...named, accountName: "a".repeat(64) }],
    ["an account with _ . -", { ...named, accountName: "a_.-" }],
    ["a group of 90 characters", { ...named, resourceGroupName: "g".repeat(90) }],
    ["a group with _ - . ( )", { ...named, resourceGroupName: "_-.(x)" }],
    ["an unknown id", { accountId: unknown }],
    ["unknown names", { resourceGroupName: unknown, accountName: unknown, subscriptionId: unknown }],
  ];
  for (const [what, inputs] of accepted) {
    it(`accepts ${what}`, () => assert.deepEqual(checkAccount(inputs), []));
  }

  const refused: [what: string, inputs: object, property: string, reason: RegExp][] = [
    ["an account of 1 character", { ...named, accountName: "a" }, "accountName", /2 to 64/],
    ["an account of 65 characters", { ...named, accountName: "a".repeat(65) }, "accountName", /2 to 64/],
    ["an account that begins with -", { ...named, accountName: "-bad" }, "accountName", /the first a letter/],
    ["an account with a space", { ...named, accountName: "a b" }, "accountName", /2 to 64/],
    ["an account that is a number", { ...named, accountName: 7 }, "accountName", /must be a string, but is a number/],
    ["an empty group", { ...named, resourceGroupName: "" }, "resourceGroupName", /1 to 90/],
    ["a group of 91 characters", { ...named, resourceGroupName: "g".repeat(91) }, "resourceGroupName", /1 to 90/],
    ["a group that ends in a dot", { ...named, resourceGroupName: "rg." }, "resourceGroupName", /not end in/],
    ["a group with a slash", { ...named, resourceGroupName: "a/b" }, "resourceGroupName", /1 to 90/],
    ["a subscription that is no GUID", { ...named, subscriptionId: "prod" }, "subscriptionId", /GUID/],
    ["neither way to name the account", {}, "accountId", /give either accountId, or/],
    ["a group without an account", { resourceGroupName: "rg" }, "accountName", /is missing/],
    ["an account without a group", { accountName: "acct" }, "resourceGroupName", /is missing/],
    ["both ways", { ...named, accountId: id }, "resourceGroupName", /together with accountId/],
    [
      "an id with a subscription beside",
      { accountId: id, subscriptionId: subscription },
      "subscriptionId",
      /together with accountId/,
    ],
    [
      "an id of another type",
      { accountId: id.replace("CognitiveServices/accounts", "Storage/storageAccounts") },
      "accountId",
      /must be the id of a Cognitive Services account/,
    ],
    ["an id of a child", { accountId: `${id}/deployments/gpt` }, "accountId", /must be the id/],
    ["an id with a bad subscription", { accountId: id.replace(subscription, "prod") }, "accountId", /GUID/],
  ];
  for (const [what, inputs, property, reason] of refused) {
    it(`refuses ${what}`, () => {
      const failures = checkAccount(inputs);
      const failure = failures.find((candidate) => candidate.property === property);
      assert.ok(failure, `no failure for ${property} in ${JSON.stringify(failures)}`);
      assert.match(failure.reason, reason);
    });
  }

  it("repeats no value in a reason: it may be a secret, which Pulumi shows once already", () => {
    const secret = "S3CRET";
    const bad = {
      accountId: [secret, id.replace("rg", `${secret}.`)],
      resourceGroupName: [`${secret}/`],
      accountName: [`-${secret}`],
      subscriptionId: [secret],
    };
    const reasons = Object.entries(bad).flatMap(([property, values]) =>
      values.flatMap((value) => checkAccount({ ...named, [property]: value })),
    );
    const others = [
      checkKeyName("keyName", secret),
      checkBoolean("revokeOnDelete", secret),
      checkDuration("minimumOverlap", secret, undefined),
      checkCommon({}, { maxAge: secret } as never),
      checkAcceptance(secret as never, undefined),
      checkAcceptance({ url: secret }, undefined),
      checkAcceptance({ url: `https://user:${secret}@host.example`, timeout: secret }, undefined),
    ].flat();
    const all = [...reasons, ...others].map(({ reason }) => reason);
    assert.ok(all.length >= 13);
    assert.deepEqual(
      all.filter((reason) => reason.toLowerCase().includes(secret.toLowerCase())),
      [],
    );
  });

  it("takes exactly Key1 and Key2, or what is not known yet", () => {
    for (const good of [undefined, null, "Key1", "Key2", unknown]) assert.deepEqual(checkKeyName("keyName", good), []);
    for (const bad of ["key1", "KEY2", "Key3", "", 1, true, ["Key1"]]) {
      const [{ property, reason }] = checkKeyName("keyName", bad);
      assert.equal(property, "keyName");
      assert.match(reason, /^must be "Key1" or "Key2" \[key-name\]$/);
    }
  });

  it("takes booleans where a boolean is meant", () => {
    for (const good of [undefined, null, true, false, unknown]) {
      assert.deepEqual(checkBoolean("revokeOnDelete", good), []);
    }
    assert.match(checkBoolean("revokeOnDelete", "true")[0].reason, /must be true or false, but is a string/);
  });
});
