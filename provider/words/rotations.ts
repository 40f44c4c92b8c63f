import { type Account, describeAccount, message, sentence } from "./message";

const noCall = "No call was made and no key was changed.";
const noCallHere = "No call was made for this resource and no key was changed.";

/** The refusal to publish a key that another resource of the deployment would end, or has ended. */
export function taken(account: Account, keyName: string): string {
  return message(
    "two-resources",
    "Not rotated: two resources, one account.",
    `${describeAccount(account, keyName)}: another resource of this deployment publishes a key of that account, and one of ` +
      "the two would end the other's. Declare one resource for the account.",
    noCallHere,
  );
}

/** The refusal of an adoption whose keys may be ended while they are read. */
export function renewedElsewhere(account: Account, keyName?: string): string {
  return message(
    "two-resources",
    "Not adopted: two resources, one account.",
    `${describeAccount(account, keyName)}: a resource in a second provider process of this deployment renews a key of that ` +
      "account, and one of the two would publish a dead key. Declare one resource for the account.",
    noCallHere,
  );
}

/** The refusal of a subscription that is only another default than the one in state. */
export function otherDefault(account: Account, stored: string, keyName?: string): string {
  return message(
    "other-subscription",
    "Not touched: other default subscription.",
    `${describeAccount(account, keyName)}: the resource in state is in subscription ${stored}, and the default is now ` +
      `${account.subscriptionId}. Set subscriptionId on the resource to the one that is meant.`,
    noCall,
  );
}

/** What began the overlap of a pair: `created` also where it took over keys that were changed outside Pulumi since. */
const overlapBegan = {
  created: "was created with a trigger, or took over changed keys,",
  published: "published its key",
  rotated: "was rotated",
} as const;

export type OverlapBegin = keyof typeof overlapBegan;

/** The refusal of a rotation that comes too soon. @param from ISO 8601 @param now as well */
export function tooSoon(
  account: Account,
  keyName: string,
  begin: OverlapBegin,
  overlap: string,
  { from, now }: { from: string; now: string },
): string {
  return message(
    "too-soon",
    `Not rotated: too soon. Possible from ${minute(from, now)} UTC.`,
    `${describeAccount(account, keyName)}: consumers may still hold this key.`,
    `The pair ${overlapBegan[begin]} less than minimumOverlap (${overlap}) ago. Wait until then.`,
    'Or, if no consumer holds this key: set minimumOverlap to "PT0S" for this one "pulumi up", and take it out afterwards.',
    noCall,
  );
}

/** Rounded up, and with the day where that is not today. */
function minute(from: string, now: string): string {
  const rounded = new Date(Math.ceil(Date.parse(from) / 60_000) * 60_000).toISOString();
  const [day, time] = [rounded.slice(0, 10), rounded.slice(11, 16)];
  return day === now.slice(0, 10) ? time : `${day} ${time}`;
}

/** The refusal to end a key that somebody else has issued, and may use. */
export function spareChanged(account: Account, keyName: string): string {
  return message(
    "changed-outside",
    "Not rotated: somebody else's key.",
    `${describeAccount(account, keyName)}: its key was changed outside Pulumi. Somebody may use it: a person, another ` +
      'stack, or consumers, where this state is from a backup. Run "pulumi refresh": it takes the live keys over. Was a ' +
      '"pulumi up" interrupted while it rotated? Then nobody holds that key: set minimumOverlap to "PT0S" for one "pulumi up". ' +
      "No key was changed.",
  );
}

/** Said by a refresh that takes over keys which somebody else has issued. @param inUse the slot that is published */
export function changeFound(account: Account, changed: readonly string[], inUse: string): string {
  return message(
    "changed-outside-found",
    `warning: ${changed.join(" and ")} ${changed.length === 1 ? "was" : "were"} changed outside Pulumi.`,
    `The next "pulumi up" publishes the live keys of ${describeAccount(account)} and rotates nothing.`,
    changed.includes(inUse)
      ? `Deploy every consumer after it: ${inUse} is in use, and its old value is refused.`
      : `${inUse} is in use, and did not change.`,
  );
}

/** Said by a refresh that finds the keys which state does not hold. */
export function lostFound(account: Account): string {
  return message(
    "key-lost",
    "warning: State had lost a key: live keys taken over.",
    `The next "pulumi up" publishes the keys of ${describeAccount(account)} and rotates nothing.`,
  );
}

/** Said before an update that publishes what a refresh has found. */
export function publishesFound(account: Account): string {
  return message(
    "changed-outside-found",
    "Changed outside Pulumi: this publishes the live keys.",
    `It rotates nothing of ${describeAccount(account)}.`,
  );
}

/** The refusal to end a key that state does not hold. */
export function spareLost(account: Account, keyName: string): string {
  return message(
    "key-lost",
    "Not rotated: state has lost the key.",
    `${describeAccount(account, keyName)}: state holds no key of it, as after the import of an export that was made with a ` +
      'wrong passphrase. Run "pulumi refresh", which takes the live keys over.',
    noCall,
  );
}

/** The refusal to end a key while what a refresh has found is not published. @param at ISO 8601 */
export function unpublished(account: Account, keyName: string, at: string, overlap: string): string {
  return message(
    "unpublished-change",
    "Not rotated: live keys not published.",
    `${describeAccount(account, keyName)}: a refresh found a key of the account changed outside Pulumi at ${at}, and the ` +
      'live keys are not published yet. Take rotationTrigger out of the program and run "pulumi up", which publishes them. ' +
      `Then deploy every consumer, and rotate when minimumOverlap (${overlap}) has passed. Or, if nobody holds this key, ` +
      'set minimumOverlap to "PT0S".',
    noCall,
  );
}

/** Said where a rotation finds that somebody else has changed the key in use. */
export function inUseChanged(account: Account, keyName: string): string {
  return message(
    "in-use-changed",
    "warning: Key in use was changed outside Pulumi.",
    `${describeAccount(account, keyName)} was the key in use until now. Its live value is taken over. Consumers that hold ` +
      "another one are refused until they deploy.",
  );
}

/** Said when a pair has replaced one that published the other slot. */
export function madeAnew(account: Account, published: string, before: string): string {
  return message(
    "made-anew",
    `warning: Pair made anew: ${published} in place of ${before}.`,
    `The pair of ${describeAccount(account)} publishes ${published} now. Both keys are valid. The next rotation renews ` +
      `${before}: let every consumer deploy before it.`,
  );
}

/** Said by a refresh that takes a resource out of state. @param pair the slot it publishes, and the one it begins with */
export function dropped(account: Account, pair?: { initial: string; inUse: string }): string {
  return message(
    "dropped",
    "warning: Dropped from state: account not found.",
    `${describeAccount(account)} was not found, twice and 10 s apart.`,
    `The next "pulumi up" creates the resource again${pair ? ` with ${pair.initial} in use` : ""}.`,
    pair && pair.initial !== pair.inUse
      ? `Where consumers hold ${pair.inUse}, set initialKeyName to "${pair.inUse}" before that.`
      : undefined,
  );
}

/** Said by a refresh that keeps state as it is. @param reason a message */
export function notRefreshed(reason: string): string {
  return `Not refreshed: state is kept as it was. ${reason}`;
}

/** Said by a refresh of a key whose rotation is not finished, where a reading gave another one. */
export function stillUnfinished(account: Account, keyName: string): string {
  return message(
    "still-unfinished",
    "Not refreshed: its rotation is not finished.",
    `${describeAccount(account, keyName)}: listKeys gave another key, and state is kept as it was. The next "pulumi up" ` +
      "looks again.",
  );
}

/** Said where a reading may lag. */
export function readingAgain(account: Account, keyName: string | undefined, delayMs: number): string {
  return message(
    "reading-lags",
    `Reading again in ${delayMs / 1000} s, as a reading may lag.`,
    `${describeAccount(account, keyName)}: listKeys gave another key than the one that was issued a moment ago.`,
  );
}

/** Said where a reading would lag. */
export function readingLater(account: Account, delayMs: number): string {
  return message(
    "reading-lags",
    `Reading the keys in ${Math.ceil(delayMs / 1000)} s, as a reading may lag.`,
    `${describeAccount(account)}: a rotation ended in doubt a moment ago.`,
  );
}

/** Said where something goes on without a reading. @param notKnown what is not known then @param reason a message */
export function unread(notKnown: string, reason: string): string {
  return `warning: ${notKnown} ${reason}`;
}

/** What is not known where a rotation goes on without the reading before it. */
export function spareUnread(keyName: string): string {
  return `Rotating unseen: whether ${keyName} was changed outside Pulumi is not known.`;
}

/** What is not known where a rotation that ended in doubt is not looked into. */
export const renewalUnread =
  "Doubt stays: whether the last rotation has changed the key that is not in use is not known.";

/** What is not known where an unfinished rotation is finished without a reading. */
export const finishedUnread =
  "Finishing unseen: whether the keys were changed outside Pulumi since the rotation is not known.";

/** Why a key is deleted and not revoked. */
const notRevokedBecause = {
  "not-revoked-in-use": ["slot in use", "a resource of this deployment uses it"],
  "not-revoked-renewed": ["renewed by somebody else", "the live key is another one than this resource issued"],
  "not-revoked-lost": [
    "state has lost the key",
    "state does not hold it, so whether the live key is the one that this resource issued is not known",
  ],
  "not-revoked-gone": ["account gone", "the account is gone, and its keys with it"],
  "not-revoked-local-auth": [
    "keys are switched off",
    "local authentication is off, so the key is of no use while that lasts",
  ],
} as const;

/** Said where a key is deleted and not revoked. */
export function notRevoked(account: Account, keyName: string, code: keyof typeof notRevokedBecause): string {
  const [lead, reason] = notRevokedBecause[code];
  return message(code, `Not revoked: ${lead}.`, `${describeAccount(account, keyName)}: ${reason}.`);
}

/** What else helps where a revocation fails. */
export const deleteWithoutRevoking =
  "Because of revokeOnDelete the key is read and renewed when it is deleted. To delete it without that, set revokeOnDelete to " +
  'false and run "pulumi up" first, or give the resource up with "pulumi state delete".';

/** The refusal of a revocation while it cannot be seen what the deployment's other provider processes do. */
export function unseenProcesses(account: Account, keyName: string, problem: string): string {
  return message(
    "unseen-processes",
    "Not revoked: another process may use it.",
    `${describeAccount(account, keyName)}: a second provider process of this deployment may use it, and the folder in which ` +
      `they would tell each other, ${problem}. Let TMPDIR name a folder in which only you can write, and run the same ` +
      "command again; or set revokeOnDelete to false. No call was made and the key was not changed.",
  );
}

/** Why the provider processes of a deployment cannot see each other. */
export function unusableFolder(folder: string, reason: string): string {
  return `${folder} cannot be used (${reason})`;
}

/** Why a folder is not one of this user alone. */
export const othersCanWrite = "others can write to it";

/** What is left to do for a key that was obtained, and why it was not done. */
export type Unfinished = { doubt: string } | { refusal: string };

/** The failure behind a key that was obtained. @param meanwhile what consumers live through */
export function unfinished(account: Account, keyName: string, left: Unfinished, meanwhile: string): string {
  const kept = `${describeAccount(account, keyName)} was rotated. The new key is kept in state.`;
  const again = 'Run "pulumi up" again: that checks again and does not rotate.';
  if ("doubt" in left) {
    return message(
      "not-confirmed",
      "Not published: new key not confirmed.",
      `${kept} It was not confirmed: an earlier attempt had no clear answer. ${meanwhile}`,
      again,
      sentence(`The reason: ${left.doubt}`),
    );
  }
  return message(
    "not-accepted",
    "Not published: new key not accepted yet.",
    `${kept} Waiting until it is accepted failed. ${meanwhile}`,
    again,
    "Where the wait itself is wrong, correct or remove waitUntilAccepted first.",
    sentence(`The reason: ${left.refusal}`),
  );
}

/** What consumers of a single key live through while its rotation is not finished. */
export const keyBeforeIsDead = "The key before it is dead.";

/** What consumers of a pair live through meanwhile. @param changedOutside whether somebody else has renewed what they hold */
export function keyInUseMeanwhile(keyName: string, changedOutside: boolean): string {
  return `${keyName} ${changedOutside ? "is kept with its live value" : "stays valid and published"}.`;
}

/** The refusal to adopt a key that the account's own endpoint refuses. */
export function notAdopted(account: Account, keyName: string, refusal: string, otherSlot?: string): string {
  return message(
    "adopted-key-not-accepted",
    "Not adopted: key not accepted.",
    `${describeAccount(account, keyName)} is not published, because waiting until it is accepted failed. No key was changed.`,
    otherSlot && `Where consumers hold ${otherSlot}, set initialKeyName to "${otherSlot}".`,
    "Where the wait itself is wrong, correct or remove waitUntilAccepted.",
    sentence(`The reason: ${refusal}`),
  );
}

/** The failure to find the subscription of a resource that names none. @param reason a message */
export function noSubscription(account: Account, keyName: string | undefined, reason: string): string {
  const what = describeAccount(account, keyName);
  return `No subscription: none is set, and no default found. No key was changed. It is needed for ${what}. ${reason}`;
}

/** The refusal of a reading of what is not in state. */
export const readById = message(
  "no-import",
  "Not imported: Pulumi cannot read what is not in state.",
  "Declare the key or the pair without the options id and import: a key without a rotationTrigger and every pair adopt the " +
    "present keys when they are created.",
  noCall,
);

/** The refusal to replace what the provider for every language has written, before it is taken over from there. */
export const replacedBeforeUpdate = message(
  "moved-back",
  "Not touched: not moved back yet.",
  "The provider for every language has written the state of this resource, and Pulumi could not delete what is replaced. " +
    'Take the change back, run "pulumi up", and make the change then.',
  noCall,
);

/** What is thrown without being foreseen. @param kind its class, and its code where it has one: its text may quote a key */
export function unexpected(kind: string): string {
  return message(
    "unexpected",
    `Unexpected failure inside pulumi-cognitive-key-rotation (${kind}).`,
    "Run the same command again, and report it if it stays.",
  );
}
