import type { KeyName } from "../account";
import { ArmError, localAuthDisabled } from "../armError";
import { type ArmOperation, accountPath } from "../armOperation";
import { parseJson } from "../parseJson";

/**
 * *Accounts - Regenerate Key*: https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/regenerate-key
 *
 * Exactly one slot gets a new key, both are in the answer, and the old key is dead from then on. Each success is
 * another key: the operation has no idempotency token.
 */
export const regenerateKey: ArmOperation = {
  name: "regenerateKey",
  method: "POST",
  path: accountPath("/regenerateKey"),
  action: "Microsoft.CognitiveServices/accounts/regenerateKey/action",
  bucket: "writes",
  answer(request, state) {
    const account = state.requireAccount(request);
    const keyName = parseKeyName(request.body);
    if (account.localAuthDisabled) throw localAuthDisabled("regenerate");
    account.regenerate(keyName, state.now());
    return { status: 200, body: account.keys };
  },
};

/** No source quotes Azure's answer to a slot it does not know; only status and shape are meant to be relied on. */
function parseKeyName(body: string): KeyName {
  const sent = parseJson(body);
  const keyName = typeof sent === "object" && sent !== null ? (sent as { keyName?: unknown }).keyName : undefined;
  if (keyName === "Key1" || keyName === "Key2") return keyName;
  throw new ArmError(400, "BadRequest", "keyName must be 'Key1' or 'Key2'.");
}
