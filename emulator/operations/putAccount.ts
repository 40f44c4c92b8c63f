import type { WrittenAccount } from "../account";
import { ArmError, invalidRequestContent } from "../armError";
import { type ArmOperation, accountPath } from "../armOperation";
import { parseJson } from "../parseJson";

/**
 * *Accounts - Create*: https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/create
 *
 * 201 for a new account, 200 for one that exists; done at once, so a client that polls finds `Succeeded` in the first
 * answer. Keys outlive a second PUT.
 */
export const putAccount: ArmOperation = {
  name: "putAccount",
  method: "PUT",
  path: accountPath(),
  action: "Microsoft.CognitiveServices/accounts/write",
  bucket: "writes",
  answer({ subscriptionId, resourceGroup, accountName, body }, state) {
    state.requireGroup(subscriptionId, resourceGroup);
    const written = parseAccount(body);
    const present = state.findAccount(subscriptionId, resourceGroup, accountName);
    present?.write(written, new Date(state.now()));
    const account = present ?? state.addAccount({ ...written, subscriptionId, resourceGroup, name: accountName });
    return { status: present ? 200 : 201, body: account.describe(state.endpointOf(account)) };
  },
};

function parseAccount(body: string): WrittenAccount {
  const sent = parseJson(body);
  if (typeof sent !== "object" || sent === null) throw invalidRequestContent("an account is a JSON object");
  const { kind, location, sku, identity, tags, properties } = sent as WrittenAccount;
  if (typeof location !== "string") {
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  }
  // A property that was not sent must not come back as null or undefined.
  return JSON.parse(JSON.stringify({ kind, location, sku, identity, tags, properties }));
}
