import { explainNetworkCode } from "./azure/networkError";
import type { AccountIdentity, AccountName, KeyName, NoKeys } from "./rotation/accountKeys";
import { classify, isLocalAuthOff } from "./rotation/verdict";

/** What is known of the slot after a call that brought no keys. */
export type Knowledge = "unchanged" | "unknown";

export type Operation = "listKeys" | "regenerateKey";

/** What was called, on which account, and on which of its slots when it is about one. */
export interface Call {
  operation: Operation;
  account: AccountIdentity;
  keyName?: KeyName;
  /** What else than to remove the cause would help when it fails. */
  alternative?: string;
}

/** The one error that ends a rotation, an adoption or a revocation. */
export function callFailed(call: Call, answer: NoKeys, knowledge: Knowledge): string {
  return [
    `${describeCall(call)}: ${describeAnswer(answer)}.`,
    known(call.operation, knowledge),
    answer.kind === "http" && answer.requestId ? `Request id ${answer.requestId}.` : undefined,
    remedy(call, answer, knowledge),
    call.alternative,
  ]
    .filter(Boolean)
    .join(" ");
}

/** The refusal to publish a key that another resource of the deployment would end, or has ended. */
export function taken(account: AccountIdentity, keyName: KeyName): string {
  return (
    `${describeAccount(account, keyName)} was not rotated: another resource of this deployment publishes a key of that ` +
    "account, and one of the two would end the other's. Declare one resource for the account. No call was made for this " +
    "resource and no key was changed."
  );
}

/** The refusal of a subscription that is only another default than the one in state. */
export function otherDefault(account: AccountIdentity, stored: string, keyName?: KeyName): string {
  return (
    `${describeAccount(account, keyName)} was not touched: the resource in state is in subscription ${stored}, and the ` +
    `default is now ${account.subscriptionId}. Set subscriptionId on the resource to the one that is meant. ` +
    "No call was made and no key was changed."
  );
}

/** Said while a key is tried that is to be adopted. @param waiting what the endpoint answered, and how long to wait */
export function tryingAdopted(account: AccountIdentity, keyName: KeyName, waiting: string): string {
  return `${describeAccount(account, keyName)} is to be adopted. ${waiting}`;
}

/** Said while a new key is tried. @param waiting as of {@link tryingAdopted} */
export function tryingNew(account: AccountIdentity, keyName: KeyName, waiting: string): string {
  return `${describeAccount(account, keyName)} was rotated. ${waiting} Do not interrupt this twice: the new key would be lost.`;
}

/** Said where a key is deleted and not revoked. */
export function notRevoked(account: AccountIdentity, keyName: KeyName, reason: string): string {
  return `${describeAccount(account, keyName)} was not revoked: ${reason}.`;
}

/** What else helps where a revocation fails. */
export const deleteWithoutRevoking =
  "Because of revokeOnDelete the key is read and renewed when it is deleted. To delete it without that, set revokeOnDelete to " +
  'false and run "pulumi up" first, or give the resource up with "pulumi state delete".';

/** Said where a rotation finds that somebody else has changed the key in use. */
export function inUseChanged(account: AccountIdentity, keyName: KeyName): string {
  return (
    `warning: ${describeAccount(account, keyName)}, the key in use until now, was changed outside Pulumi. Its live ` +
    "value is taken over; consumers that hold another one are refused until they deploy."
  );
}

/** The refusal of a rotation that comes too soon. @param last and `from` ISO 8601 */
export function tooSoon(
  account: AccountIdentity,
  keyName: KeyName,
  last: string,
  overlap: string,
  from: string,
): string {
  return (
    `${describeAccount(account, keyName)} was not rotated: what this pair publishes last changed at ${last}, ` +
    `and until minimumOverlap (${overlap}) has passed, at ${from}, consumers may still hold this ` +
    'one. Rotate then; or, if every consumer has deployed since that change, set minimumOverlap to "PT0S". ' +
    "No call was made and no key was changed."
  );
}

/** The refusal to adopt a key that the account's own endpoint refuses. */
export function notAdopted(account: AccountIdentity, keyName: KeyName, refusal: string, otherSlot?: KeyName): string {
  const other = otherSlot && `Where consumers hold ${otherSlot}, set initialKeyName to "${otherSlot}". `;
  return (
    `${describeAccount(account, keyName)} was not adopted, because waiting until it is accepted failed: ${refusal}. It is ` +
    `not published, and no key was changed. ${other ?? ""}Where the wait itself is wrong, correct or remove waitUntilAccepted.`
  );
}

/** The refusal to end a key that somebody else has issued, and may use. */
export function spareChanged(account: AccountIdentity, keyName: KeyName): string {
  return (
    `${describeAccount(account, keyName)} was not rotated: its key was changed outside Pulumi, so somebody may use it: a ` +
    'person, another stack, or consumers of a later state than a restored one. Run "pulumi refresh", which takes the live ' +
    'keys over. Or, where a "pulumi up" was interrupted while it rotated, nobody holds that key: set minimumOverlap to ' +
    '"PT0S" for one "pulumi up". No key was changed.'
  );
}

/** The refusal to end a key that state does not hold. */
export function spareLost(account: AccountIdentity, keyName: KeyName): string {
  return (
    `${describeAccount(account, keyName)} was not rotated: state holds no key of it, as after the import of an export that ` +
    'was made with a wrong passphrase. Run "pulumi refresh", which takes the live keys over. No call was made and no key ' +
    "was changed."
  );
}

/** The refusal to end a key while what a refresh has found is not published. @param at ISO 8601 */
export function unpublished(account: AccountIdentity, keyName: KeyName, at: string, overlap: string): string {
  return (
    `${describeAccount(account, keyName)} was not rotated: a refresh found a key of the account changed outside Pulumi at ` +
    `${at}, and the live keys are not published yet. Take rotationTrigger out of the program and run "pulumi up", which ` +
    `publishes them; then deploy every consumer, and rotate when minimumOverlap (${overlap}) has passed. Or, if nobody ` +
    'holds this key, set minimumOverlap to "PT0S". No call was made and no key was changed.'
  );
}

/** Said where a rotation goes on without the reading before it. */
export function spareUnread(keyName: KeyName): string {
  return `Whether ${keyName}, which is renewed now, was changed outside Pulumi is not known.`;
}

/** Said where a rotation that ended in doubt is not looked into. */
export const renewalUnread = "Whether the last rotation has changed the key that is not in use is not known.";

/** Said when a pair has replaced one that published the other slot. */
export function madeAnew(account: AccountIdentity, published: KeyName, before: KeyName): string {
  return (
    `warning: the pair of ${describeAccount(account)} was made anew, and publishes ${published} in place of ${before}. Both keys ` +
    `are valid. The next rotation renews ${before}: let every consumer deploy before it.`
  );
}

/** Said by a refresh that takes a resource out of state. @param pair the slot it publishes, and the one it begins with */
export function dropped(account: AccountIdentity, pair?: { initial: KeyName; inUse: KeyName }): string {
  const again = `creates the resource again${pair ? ` with ${pair.initial} in use` : ""}`;
  const anew =
    pair === undefined || pair.initial === pair.inUse
      ? again
      : `${again}. Where consumers hold ${pair.inUse}, set initialKeyName to "${pair.inUse}" before that`;
  return (
    `warning: dropped from state: ${describeAccount(account)} was not found, twice and 10 s apart. The next "pulumi up" ` +
    `${anew}.`
  );
}

/** Why a new key is not confirmed where readings change. */
export const noAgreement = "two readings that agree could not be had in time";

/** Why an unfinished rotation stays unfinished when readings lag. */
export const stillFormer = "listKeys still gives the key from before";

export function stillUnfinished(account: AccountIdentity, keyName: KeyName): string {
  return (
    `${describeAccount(account, keyName)} was not refreshed, and state is kept as it was: its rotation is not finished, and ` +
    'listKeys gave another key. The next "pulumi up" looks again.'
  );
}

/** Said where an unfinished rotation is finished without a reading. */
export const finishedUnread = "Whether the keys were changed outside Pulumi since the rotation is not known.";

/** What is left to do for a key that was obtained, and why it was not done. */
export type Unfinished = { doubt: string } | { refusal: string };

/** The failure behind a key that was obtained; `properties` keep it. */
export function unfinished(account: AccountIdentity, keyName: KeyName, left: Unfinished, meanwhile: string): string {
  const what =
    "doubt" in left
      ? `was not confirmed, although an earlier attempt was answered ambiguously, because ${left.doubt}`
      : `waiting until it is accepted failed: ${left.refusal}`;
  const wait = "doubt" in left ? "" : " Where the wait itself is wrong, correct or remove waitUntilAccepted first.";
  return (
    `${describeAccount(account, keyName)} was rotated, and the new key is kept in state, but ${what}. ${meanwhile} Run "pulumi up" again: that checks ` +
    `again and does not rotate.${wait}`
  );
}

export function describeCall({ operation, account, keyName }: Call): string {
  return `${operation} ${keyName === undefined ? "of " : ""}${describeAccount(account, keyName)}`;
}

/** The account, or one slot of it; without a subscription where that is not known yet. */
export function describeAccount(account: AccountName & Partial<AccountIdentity>, keyName?: KeyName): string {
  const { accountName, resourceGroupName, subscriptionId } = account;
  const subscription = subscriptionId === undefined ? "" : `, subscription ${subscriptionId}`;
  return `${keyName === undefined ? "" : `${keyName} of `}account "${accountName}" (resource group "${resourceGroupName}"${subscription})`;
}

export function describeAnswer(answer: NoKeys): string {
  if (answer.kind === "login") return answer.message;
  if (answer.kind === "network") return explainNetworkCode(answer.code);
  const { status, code, message } = answer;
  if (answer.notRenewed) return `${status} with the key that the slot had before`;
  if (status < 300) return `${status} without two keys in the answer`;
  return `${[status, code].filter(Boolean).join(" ")}${message ? `: ${message.replace(/\.$/, "")}` : ""}`;
}

function known(operation: Operation, knowledge: Knowledge): string {
  if (knowledge === "unchanged") return operation === "listKeys" ? "No key was changed." : "The key was not changed.";
  return "It is not known whether the key was changed.";
}

const action = (operation: Operation): string => `Microsoft.CognitiveServices/accounts/${operation}/action`;

function remedy({ operation, alternative }: Call, answer: NoKeys, knowledge: Knowledge): string {
  const cause = answer.kind === "http" ? remedyOfCause(operation, answer) : undefined;
  if (knowledge !== "unchanged") {
    // A revocation issues nothing when it is repeated and finds another key.
    const result = alternative === undefined ? ": it issues another key" : "";
    const again = `Wait a minute, then run the same command again${result}.`;
    return cause === undefined ? again : `${cause} ${again}`;
  }
  if (cause !== undefined) return `${cause} Then run the same command again.`;
  if (answer.kind === "http" && classify(answer) === "busy") {
    return "The service stayed busy: run the same command again later.";
  }
  return "When the cause is removed, run the same command again.";
}

/** What to do about an answer of which the cause is known. */
function remedyOfCause(operation: Operation, answer: NoKeys & { kind: "http" }): string | undefined {
  if (isLocalAuthOff(answer)) {
    return "Local authentication is off, and such an account has no usable keys: set disableLocalAuth to false on the account, or remove this resource.";
  }
  if (answer.status === 407) return "Give the proxy what it asks for: HTTPS_PROXY can hold a user and a password.";
  if (answer.code === undefined && [401, 403, 404].includes(answer.status)) {
    return "That was not Azure, whose answers have a code, but something before it: look at the proxy, the firewall and metadataHost.";
  }
  switch (answer.status) {
    case 401:
      return "The login was not accepted by this cloud: check tenant, environment and metadataHost of azure-native.";
    case 403:
      if (answer.code?.startsWith("RequestDisallowedBy")) {
        return "A policy forbids the call, and a role does not help: do what the policy asks for, such as a login with multifactor authentication, or ask its owner for an exemption.";
      }
      if (answer.code !== "AuthorizationFailed") return undefined;
      return `Grant the identity that runs Pulumi a role with ${action(operation)} on the account; a new grant takes some minutes to work.`;
    case 404:
      return "Check account, resource group and subscription; a soft-deleted account must be recovered first.";
  }
  if (answer.code === "ScopeLocked") return "Remove the ReadOnly lock named above.";
  if (answer.code === "MissingSubscriptionRegistration") {
    return 'Run "az provider register --namespace Microsoft.CognitiveServices".';
  }
  return undefined;
}

/** Said where a reading may lag. */
export function readingAgain(account: AccountIdentity, keyName: KeyName | undefined, delayMs: number): string {
  return (
    `${describeAccount(account, keyName)}: listKeys gave another key than the one that was issued a moment ago. Reading again ` +
    `in ${delayMs / 1000} s.`
  );
}

/** Said where a reading would lag. */
export function readingLater(account: AccountIdentity, delayMs: number): string {
  return (
    `${describeAccount(account)}: a rotation ended in doubt a moment ago. Reading the keys in ` +
    `${Math.ceil(delayMs / 1000)} s.`
  );
}

/** Said by a refresh that keeps state as it is. */
export function notRefreshed(reason: string): string {
  return `The key was not refreshed, and state is kept as it was. ${reason}`;
}

/** Said where something goes on without a reading. @param notKnown what is not known then */
export function unread(notKnown: string, reason: string): string {
  return `warning: ${notKnown} ${reason}`;
}

/** The failure to find the subscription of a resource that names none. */
export function noSubscription(account: AccountName, keyName: KeyName | undefined, reason: string): string {
  const what = describeAccount(account, keyName);
  return `finding the subscription of ${what}: ${reason.replace(/\.$/, "")}. No key was changed.`;
}

/** The refusal of a reading of what is not in state. */
export function readById(): string {
  return (
    "a key or a pair that is not in state cannot be read by an id or imported. Declare it without the options id and import: " +
    "a key without a rotationTrigger and every pair adopt the present keys when they are created. No call was made and no " +
    "key was changed."
  );
}

/** The refusal of a revocation while it cannot be seen what the deployment's other provider processes do. */
export function unseenProcesses(account: AccountIdentity, keyName: KeyName, problem: string): string {
  return (
    `${describeAccount(account, keyName)} was not revoked: a second provider process of this deployment may use it, and the ` +
    `folder in which they would tell each other, ${problem}. Let TMPDIR name a folder in which only you can write, and ` +
    "run the same command again; or set revokeOnDelete to false. No call was made and the key was not changed."
  );
}

/** The refusal of an adoption whose keys may be ended while they are read. */
export function renewedElsewhere(account: AccountIdentity, keyName?: KeyName): string {
  return (
    `${describeAccount(account, keyName)} was not adopted: a resource in a second provider process of this deployment renews ` +
    "a key of that account, and one of the two would publish a dead key. Declare one resource for the account. No call was " +
    "made for this resource and no key was changed."
  );
}
