import { type ArmOperation, accountPath } from "../armOperation";

/**
 * *Accounts - Delete*: https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/delete
 *
 * 200 when the account existed, 204 when not. Azure keeps a deleted account recoverable for 48 hours; here it is gone.
 */
export const deleteAccount: ArmOperation = {
  name: "deleteAccount",
  method: "DELETE",
  path: accountPath(),
  action: "Microsoft.CognitiveServices/accounts/delete",
  bucket: "deletes",
  answer({ subscriptionId, resourceGroup, accountName }, state) {
    state.requireGroup(subscriptionId, resourceGroup);
    const account = state.findAccount(subscriptionId, resourceGroup, accountName);
    if (account === undefined) return { status: 204 };
    state.removeAccount(account);
    return { status: 200 };
  },
};
