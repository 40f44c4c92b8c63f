import assert from "node:assert/strict";
import { importedAccount } from "../../../plugin/importedAccount";
import { codeOf } from "../../../provider/words";

const id =
  "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct";

function titleOf(given: string): string {
  return JSON.stringify(given.replaceAll(id, "ID"));
}

describe("what an id of an import names", () => {
  for (const [given, accountId, keyName] of [
    [id, id, undefined],
    [`${id}#Key1`, id, "Key1"],
    [`${id}#Key2`, id, "Key2"],
    [`\t${id} # Key2\n`, id, "Key2"],
    [`${id}/`, `${id}/`, undefined],
    [`${id.toUpperCase()}/#Key2`, `${id.toUpperCase()}/`, "Key2"],
    [id.toLowerCase(), id.toLowerCase(), undefined],
  ] as const) {
    it(titleOf(given), () => {
      assert.deepEqual(importedAccount(given), { accountId, ...(keyName !== undefined && { keyName }) });
    });
  }

  for (const given of [
    ...["", " ", "#", "#Key1", "acct", "acct/Key1", "rg/acct", "https://acct.cognitiveservices.azure.com/"],
    ...[`${id}#`, `${id}# `, `${id}#Key3`, `${id}#key2`, `${id}#Key1#Key2`, `${id}##Key2`, `#Key1${id}`],
    ...[`${id}//`, `${id}/deployments/x`, id.slice(1), `x${id}`, `${id} ${id}`],
    ...[
      id.replace("CognitiveServices", "Storage"),
      id.replace("accounts", "storageAccounts"),
      id.replace("11111111-", ""),
    ],
    ...[id.replace("/rg/", "/rg./"), id.replace("acct", "a"), id.replace("acct", "a b")],
  ]) {
    it(`nothing: ${titleOf(given)}`, () => {
      assert.throws(
        () => importedAccount(given),
        (error: Error) => codeOf(error.message) === "import-id",
      );
    });
  }
});
