import {
  type Account,
  adoptedByCreation,
  codeOf,
  describeAccount,
  message,
  runAgain,
  sentence,
  withoutCode,
} from "./message";

const noCall = "No call was made and no key was changed.";
const noCallHere = "No call was made for this resource and no key was changed.";

/** The refusal to publish a key that another resource of the deployment ends, or has ended. */
export function taken(account: Account, keyName: string): string {
  return message(
    "two-resources",
    "Not rotated: two resources, one account.",
    `${describeAccount(account, keyName)}: another resource of this deployment publishes a key of this account. One would end ` +
      "the other's key. Keep one of them.",
    noCallHere,
  );
}

/** The refusal to adopt keys that another process may end meanwhile. */
export function renewedElsewhere(account: Account, keyName?: string): string {
  return message(
    "two-resources",
    "Not adopted: two resources, one account.",
    `This resource adopts ${describeAccount(account, keyName)}. Another resource of this deployment rotates a key of this ` +
      "account, in a second provider process. One of the two would publish a dead key. Keep one of them.",
    noCallHere,
  );
}

/** The refusal of a default subscription that is not the one in state. */
export function otherDefault(account: Account, stored: string, keyName?: string): string {
  const { subscriptionId, ...named } = account;
  return message(
    "other-subscription",
    "Not touched: other default subscription.",
    `State has ${describeAccount(named, keyName)} in subscription ${stored}, but the default is now ${subscriptionId}. Set ` +
      "subscriptionId on the resource to the one you mean.",
    noCall,
  );
}

/** What began the overlap of a pair: `created` also where it published keys that were changed outside Pulumi since. */
const overlapBegan = {
  created: "was created with a trigger, or published keys changed outside Pulumi,",
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
    `Not rotated: too soon. Possible from ${minute(from, now)} UTC. Wait until then.`,
    `${describeAccount(account, keyName)} is the slot to renew: consumers may still hold its key.`,
    `The pair ${overlapBegan[begin]} less than minimumOverlap (${overlap}) ago.`,
    `If no consumer holds ${keyName} (compare keyFingerprint), set minimumOverlap to "PT0S" for this one "pulumi up", and ` +
      "take it out afterwards.",
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
    "Not rotated: key changed outside Pulumi.",
    `${describeAccount(account, keyName)}: the live key is not the one in state. Somebody may use it: a person, another ` +
      'stack, or consumers if this state is from a backup. Run "pulumi refresh": it puts the live keys into state. If a ' +
      '"pulumi up" was interrupted while it rotated, nobody holds that key: set minimumOverlap to "PT0S" for one "pulumi up". ' +
      "No key was changed.",
  );
}

/** Said by a refresh that takes over keys which somebody else has issued. @param inUse the slot that is published */
export function changeFound(account: Account, changed: readonly string[], inUse: string): string {
  return message(
    "changed-outside-found",
    `warning: ${changed.join(" and ")} ${changed.length === 1 ? "was" : "were"} changed outside Pulumi, or this state is from a backup.`,
    publishedNext(account),
    changed.includes(inUse)
      ? `Deploy every consumer after it: ${inUse} is in use, and its old value is refused.`
      : `${inUse} is in use, and did not change.`,
  );
}

/** Said by a refresh that finds the keys which state does not hold. */
export function lostFound(account: Account): string {
  return message("key-lost", "warning: State had lost a key, and has the live keys now.", publishedNext(account));
}

/** A refresh does not know the program's trigger, which may have changed. */
function publishedNext(account: Account): string {
  return (
    `The next "pulumi up" publishes the live keys of ${describeAccount(account)}. It rotates only if rotationTrigger has ` +
    "changed."
  );
}

/** Said before an update that publishes what a refresh has found. */
export function publishesFound(account: Account): string {
  return message(
    "changed-outside-found",
    "A refresh found other keys: this publishes them.",
    `No key of ${describeAccount(account)} is rotated.`,
  );
}

/** The refusal to end a key that state does not hold. */
export function spareLost(account: Account, keyName: string): string {
  return message(
    "key-lost",
    "Not rotated: state has lost the key.",
    `${describeAccount(account, keyName)}: state holds no key for this slot. An export with a wrong passphrase does that. Run ` +
      '"pulumi refresh": it puts the live keys into state.',
    noCall,
  );
}

/** The refusal to end a key before what a refresh found is published. @param at ISO 8601 */
export function unpublished(account: Account, keyName: string, at: string, overlap: string): string {
  return message(
    "unpublished-change",
    "Not rotated: live keys not published.",
    `${describeAccount(account, keyName)}: at ${at} a refresh found a key of this account that was changed outside Pulumi. ` +
      'Take rotationTrigger out of the program and run "pulumi up": it publishes the live keys. Then deploy every consumer, ' +
      `and rotate after minimumOverlap (${overlap}). To rotate earlier, set minimumOverlap to "PT0S" when every consumer has ` +
      "deployed.",
    noCall,
  );
}

/** Said where a rotation finds that somebody else has changed the key in use. */
export function inUseChanged(account: Account, keyName: string): string {
  return message(
    "in-use-changed",
    "warning: Key in use was changed outside Pulumi.",
    `${describeAccount(account, keyName)} was in use until now. Its live value is in state now. Consumers with the old ` +
      "value are refused until they deploy.",
  );
}

/** Said when a pair has replaced one that published the other slot. */
export function createdAgain(account: Account, published: string, before: string): string {
  return message(
    "created-again",
    `warning: Pair created again: now ${published}, not ${before}.`,
    `The pair of ${describeAccount(account)} publishes ${published} now. Both keys are valid. The next rotation renews ` +
      `${before}: deploy every consumer before it.`,
  );
}

/** Said by a refresh that drops a resource from state. @param pair the slot it publishes, and the one it begins with */
export function dropped(account: Account, pair?: { initial: string; inUse: string }): string {
  return message(
    "dropped",
    "warning: Dropped from state: account not found.",
    `There is no ${describeAccount(account)}: it was not found, twice, 10 s apart.`,
    `The next "pulumi up" creates the resource again${pair ? `, with ${pair.initial} in use` : ""}.`,
    pair && pair.initial !== pair.inUse
      ? `If consumers hold ${pair.inUse}, set initialKeyName to "${pair.inUse}" before that.`
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
    "Not refreshed: a rotation is unfinished.",
    `${describeAccount(account, keyName)}: listKeys did not give the new key. State is kept as it was. The next ` +
      '"pulumi up" looks again.',
  );
}

/** Said where a reading may lag. */
export function readingAgain(account: Account, keyName: string | undefined, delayMs: number): string {
  return message(
    "reading-lags",
    `Reading again in ${delayMs / 1000} s: Azure may give the old key.`,
    `listKeys did not give the key that was issued a moment ago for ${describeAccount(account, keyName)}. The command waits ` +
      "by itself.",
  );
}

/** Said where a reading would lag. */
export function readingLater(account: Account, delayMs: number): string {
  return message(
    "reading-lags",
    `Reading the keys in ${Math.ceil(delayMs / 1000)} s: Azure may give the old key.`,
    `A rotation of ${describeAccount(account)} ended in doubt a moment ago. The command waits by itself.`,
  );
}

/** Said where something goes on unchecked, so nothing is to be run again. @param notKnown what nobody knows then @param reason a message */
export function unread(notKnown: string, reason: string): string {
  return `warning: ${notKnown} The command goes on. ${reason.replace(` ${runAgain}`, "")}`;
}

/** A rotation goes on without the reading before it. */
export function spareUnread(keyName: string): string {
  return `Rotating unchecked: somebody may have changed ${keyName}.`;
}

/** A rotation ended in doubt, and the keys cannot be read. */
export const renewalUnread = "Still in doubt: the last rotation may have changed the key that is not in use.";

/** An unfinished rotation is finished without a reading. */
export const finishedUnread = "Finishing unchecked: somebody may have changed the keys since the rotation.";

/** Why a key is deleted and not revoked. */
const notRevokedBecause = {
  "not-revoked-in-use": [
    "slot in use",
    "another resource of this deployment uses it, or Pulumi creates this one again",
  ],
  "not-revoked-renewed": ["renewed by somebody else", "the live key is not the one that this resource issued"],
  "not-revoked-lost": ["state has lost the key", "nobody can tell whether this resource issued the live key"],
  "not-revoked-gone": ["account gone", "the account is gone, and so are its keys"],
  "not-revoked-local-auth": [
    "keys are switched off",
    "disableLocalAuth is true, and the key does not work while that lasts",
  ],
} as const;

/** Said where a key is deleted and not revoked. */
export function notRevoked(account: Account, keyName: string, code: keyof typeof notRevokedBecause): string {
  const [lead, reason] = notRevokedBecause[code];
  return message(code, `Not revoked: ${lead}.`, `${describeAccount(account, keyName)}: ${reason}.`);
}

/** The other ways out where a revocation fails. */
export const deleteWithoutRevoking =
  "With revokeOnDelete, deleting this resource renews the key. To leave the key valid, set revokeOnDelete to false and run " +
  '"pulumi up" first, or run "pulumi state delete".';

/** The refusal to revoke while nobody can see what the deployment's other provider processes do. */
export function unseenProcesses(account: Account, keyName: string, problem: string): string {
  return message(
    "unseen-processes",
    "Not revoked: another process may use the key.",
    `${describeAccount(account, keyName)}: this deployment has a second provider process, which may use the key. The two ` +
      `note their slots in a folder, and ${problem}. Set TMPDIR to a folder that only you can write to, then run the same ` +
      "command again. Or set revokeOnDelete to false. No call was made and the key was not changed.",
  );
}

/** Why the provider processes of a deployment cannot see each other. */
export function unusableFolder(folder: string, reason: string): string {
  return `${folder} cannot be used (${reason})`;
}

/** Why a folder is not this user's alone. */
export const othersCanWrite = "others can write to it";

/** Why a new key is not published yet. */
export type Unfinished = { doubt: string } | { refusal: string };

/** The failure after a key was issued. @param meanwhile what consumers have until it is published */
export function unfinished(account: Account, keyName: string, left: Unfinished, meanwhile: string): string {
  const kept = `${describeAccount(account, keyName)} was rotated. The new key is kept in state.`;
  const again = 'Run "pulumi up" again: it checks again and does not rotate.';
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
    `${kept} The account's endpoint has not accepted it. ${meanwhile}`,
    again,
    "If waitUntilAccepted itself is wrong, correct or remove it first.",
    sentence(`The reason: ${left.refusal}`),
  );
}

/** What consumers of a single key have while its rotation is not finished. */
export const keyBeforeIsDead = "The old key is dead.";

/** What consumers of a pair have meanwhile. @param changedOutside whether somebody else has renewed their key */
export function keyInUseMeanwhile(keyName: string, changedOutside: boolean): string {
  return `${keyName} ${changedOutside ? "stays published, with its live value" : "stays valid and published"}.`;
}

/** The refusal to adopt a key that the account's own endpoint refuses. */
export function notAdopted(account: Account, keyName: string, refusal: string, otherSlot?: string): string {
  return message(
    "adopted-key-not-accepted",
    "Not adopted: key not accepted.",
    `${describeAccount(account, keyName)} is not published: the account's endpoint has not accepted it. No key was changed.`,
    otherSlot && `If consumers hold ${otherSlot}, set initialKeyName to "${otherSlot}".`,
    "If waitUntilAccepted itself is wrong, correct or remove it.",
    sentence(`The reason: ${refusal}`),
  );
}

/** The failure to find the subscription of a resource that names none. @param reason a message */
export function noSubscription(account: Account, keyName: string | undefined, reason: string): string {
  const what = describeAccount(account, keyName);
  return message(
    codeOf(reason) ?? "unexpected",
    withoutCode(reason),
    `The default subscription is needed for ${what}. No key was changed.`,
  );
}

/** The refusal to read what is not in state. */
export const readById = message(
  "no-import",
  "Not imported: Pulumi cannot read what is not in state.",
  `Declare the resource without the options id and import. ${adoptedByCreation}`,
  noCall,
);

/** The refusal to replace what the plugin has written, before an update has taken it over. */
export const replacedBeforeUpdate = message(
  "moved-back",
  "Not touched: not moved back yet.",
  "The plugin has written the state of this resource, and Pulumi cannot replace it yet. Undo the change, run " +
    '"pulumi up", and make the change then.',
  noCall,
);

/** An error that nobody foresaw. @param kind its class and its code; its text is left out, as it may quote a key */
export function unexpected(kind: string): string {
  return message(
    "unexpected",
    `Unexpected failure inside pulumi-cognitive-key-rotation (${kind}).`,
    "If it was rotating, it is not known whether the key was changed. Run the same command again. If it fails again, open an " +
      "issue with the words in round brackets.",
  );
}
