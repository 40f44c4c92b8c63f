import type { AccountIdentity, KeyName, Keys } from "./accountKeys";
import type { Context } from "./context";
import { failure, isGone, isLocalAuthOff, type NoKeys } from "./failure";

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
  if (!mayBeIgnored(answer)) throw error;
  log(`The key was not refreshed, and state is kept as it was. ${error.message}`);
  return "unreadable";
}

/**
 * The live keys before an unfinished rotation is finished: somebody else may have changed them since. `undefined` when the
 * right to read them is missing.
 */
export async function readBeforeFinishing(
  account: AccountIdentity,
  { rotation }: Pick<Context, "rotation">,
  keyName?: KeyName,
): Promise<Keys | undefined> {
  const listing = await rotation.read(account, keyName);
  if ("keys" in listing) return listing.keys;
  if (mayBeIgnored(listing.answer)) return undefined;
  throw failure({ operation: "listKeys", account, keyName }, listing.answer, "unchanged");
}

function mayBeIgnored(answer: NoKeys): boolean {
  // 409 is what a ReadOnly lock answers, as it forbids every POST.
  return (answer.kind === "http" && [403, 409, 429].includes(answer.status)) || isLocalAuthOff(answer);
}
