import { parseAccountId } from "../provider/account";
import { checkAccount, checkKeyName } from "../provider/inputs";
import { KeyError } from "../provider/keyError";
import type { KeyName } from "../provider/rotation/accountKeys";
import { notImportId } from "../provider/words";

/** The account and the slot that `pulumi import` and `.get` name: an ARM id, with `#Key2` behind it for the second slot. */
export function importedAccount(id: string): { accountId: string; keyName?: KeyName } {
  const [accountId, keyName, ...more] = id.split("#").map((part) => part.trim());
  const isSlot = keyName === undefined || checkKeyName("keyName", keyName).length === 0;
  if (parseAccountId(accountId) === undefined || checkAccount({ accountId }).length > 0 || !isSlot || more.length > 0) {
    throw new KeyError(notImportId);
  }
  return { accountId, ...(keyName !== undefined && { keyName: keyName as KeyName }) };
}
