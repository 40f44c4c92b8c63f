import assert from "node:assert/strict";
import { type AccountInputs, isAccountKnown, movedProperties, parseAccountId } from "../../provider/account";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const subscriptionId = "11111111-1111-4111-8111-111111111111";
const accountId = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct`;
const named = { resourceGroupName: "rg", accountName: "acct" };

describe("an account", () => {
  const stored = { ...named, subscriptionId };
  const cases: [what: string, wanted: AccountInputs, moved: string[], stored?: AccountInputs][] = [
    ["by the same names stays", named, []],
    ["by names in another case stays", { resourceGroupName: "RG", accountName: "Acct" }, []],
    ["by its id stays", { accountId }, []],
    ["by its id in another case stays", { accountId: accountId.toUpperCase() }, []],
    ["with its subscription said stays", { ...named, subscriptionId: subscriptionId.toUpperCase() }, []],
    [
      "in another subscription moves",
      { ...named, subscriptionId: subscriptionId.replace(/1/g, "2") },
      ["subscriptionId"],
    ],
    ["in another group moves", { ...named, resourceGroupName: "other" }, ["resourceGroupName"]],
    ["of another name moves", { ...named, accountName: "other" }, ["accountName"]],
    ["of another id moves", { accountId: `${accountId}-2` }, ["accountId"]],
    ["that is not known yet moves", { accountId: unknown }, ["accountId"]],
    ["whose name is not known yet moves", { ...named, accountName: unknown }, ["accountName"]],
    ["by names beside an id that is null stays", { ...named, accountId: null } as unknown as AccountInputs, []],
    ["stored by id and named stays", named, [], { accountId, subscriptionId }],
  ];
  for (const [what, wanted, moved, from = stored] of cases) {
    it(what, () => {
      assert.deepEqual(movedProperties(from, wanted), moved);
      assert.equal(isAccountKnown(wanted), !JSON.stringify(wanted).includes(unknown));
    });
  }

  it("is read from an id with a slash or blanks around, and from nothing that is longer", () => {
    const identity = { subscriptionId, ...named };
    for (const id of [accountId, ` ${accountId}/\n`]) assert.deepEqual(parseAccountId(id), identity);
    assert.equal(parseAccountId(`${accountId}/deployments/gpt`), undefined);
  });
});
