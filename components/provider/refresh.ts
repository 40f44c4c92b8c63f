import type { AccountIdentity, KeyName, Keys } from "./accountKeys";
import type { Context } from "./context";
import { failure, isGone, isLocalAuthOff } from "./failure";

/**
 * The live keys for a refresh; `gone` when there is no such account any more, and `unreadable`, after a line that says
 * why, when state is to be kept: a refresh does not fail a stack because of a right that it does not need.
 */
export async function readLiveKeys(
  account: AccountIdentity,
  { rotation, log }: Pick<Context, "rotation" | "log">,
  keyName?: KeyName,
): Promise<Keys | "gone" | "unreadable"> {
  const listing = await rotation.read(account, keyName);
  if ("keys" in listing) return listing.keys;
  const { answer } = listing;
  if (isGone(answer)) return "gone";
  const error = failure({ operation: "listKeys", account, keyName }, answer, "unchanged");
  // 409 is what a ReadOnly lock answers, as it forbids every POST.
  const mayBeIgnored = answer.kind === "http" && [403, 409, 429].includes(answer.status);
  if (!mayBeIgnored && !isLocalAuthOff(answer)) throw error;
  log(`The key was not refreshed, and state is kept as it was. ${error.message}`);
  return "unreadable";
}

/**
 * The live keys before an unfinished rotation is finished: somebody else may have changed them since. `undefined`, after a
 * line that says so, when they may not be read; what passes by itself is a failure, as the next `pulumi up` reads them.
 */
export async function readBeforeFinishing(
  account: AccountIdentity,
  { rotation, log }: Pick<Context, "rotation" | "log">,
  keyName?: KeyName,
): Promise<Keys | undefined> {
  const listing = await rotation.read(account, keyName);
  if ("keys" in listing) return listing.keys;
  const { answer } = listing;
  const error = failure({ operation: "listKeys", account, keyName }, answer, "unchanged");
  const forbidden = answer.kind === "http" && (answer.status === 403 || answer.code === "ScopeLocked");
  if (!forbidden && !isLocalAuthOff(answer)) throw error;
  log(`Whether the keys were changed outside Pulumi since the rotation is not known. ${error.message}`);
  return undefined;
}
