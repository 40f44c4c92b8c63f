import { localAuthDisabled } from "../armError";
import { type ArmOperation, accountPath } from "../armOperation";

/** *Accounts - List Keys*: https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/list-keys */
export const listKeys: ArmOperation = {
  name: "listKeys",
  method: "POST",
  path: accountPath("/listKeys"),
  action: "Microsoft.CognitiveServices/accounts/listKeys/action",
  bucket: "writes",
  answer(request, state) {
    const account = state.requireAccount(request);
    if (account.localAuthDisabled) throw localAuthDisabled("list");
    return { status: 200, body: account.keysAt(state.now() - state.readingLag) };
  },
};
