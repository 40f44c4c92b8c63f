import { type ArmOperation, accountPath } from "../armOperation";

/** *Accounts - Get*: https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/get */
export const getAccount: ArmOperation = {
  name: "getAccount",
  method: "GET",
  path: accountPath(),
  action: "Microsoft.CognitiveServices/accounts/read",
  bucket: "reads",
  answer(request, state) {
    const account = state.requireAccount(request);
    return { status: 200, body: account.describe(state.endpointOf(account)) };
  },
};
