import type { Context } from "./context";
import { isLost, isSuperseded, type Left, type Stored } from "./issuance";
import type { AccountIdentity, KeyName, Keys } from "./rotation/accountKeys";
import { failure } from "./rotation/callError";
import { confirmationMs, type Listing, staleReadingMs } from "./rotation/rotation";
import { isForbidden, isGone, isLocalAuthOff } from "./rotation/verdict";
import { finishedUnread, noAgreement, notRefreshed, readingAgain, readingLater, stillFormer, unread } from "./words";

/** Milliseconds for which a key is young; the clocks of two machines differ by less. */
const youngMs = 120_000;

type Reading = Keys | "gone" | "unreadable";

/**
 * The live keys for a refresh; `gone` when there is no such account any more, and `unreadable`, after a line that says
 * why, when state is to be kept: a refresh does not fail a stack because of a right that it does not need.
 */
export async function readLiveKeys(
  account: AccountIdentity,
  context: Pick<Context, "rotation" | "log" | "now" | "sleep">,
  stored: Stored,
  keyName?: KeyName,
): Promise<Reading> {
  const reading = await readOnce(account, context, keyName);
  if (typeof reading === "string" || !(await waitsForYoungKey(account, context, stored, reading, keyName))) {
    return reading;
  }
  return readOnce(account, context, keyName);
}

/**
 * Whether a key differs from one that was issued a moment ago, after a wait: a reading may lag, and what was live before
 * that key is dead.
 */
export async function waitsForYoungKey(
  account: AccountIdentity,
  { log, now, sleep }: Pick<Context, "log" | "now" | "sleep">,
  { keys, issuedAt }: Stored,
  live: Keys,
  keyName?: KeyName,
): Promise<boolean> {
  const differs = Object.entries(keys).some(([slot, key]) => !isLost(key) && live[slot as KeyName] !== key);
  if (!differs || issuedAt === undefined || now() - Date.parse(issuedAt) >= youngMs) return false;
  log(readingAgain(account, keyName, staleReadingMs));
  await sleep(staleReadingMs);
  return true;
}

/** Waits until a reading gives what was live after a moment. @param at ISO 8601 */
export async function waitWhileStale(
  account: AccountIdentity,
  { log, now, sleep }: Pick<Context, "log" | "now" | "sleep">,
  at: string | undefined,
): Promise<void> {
  const delay = at === undefined ? 0 : Math.min(Date.parse(at) + staleReadingMs - now(), staleReadingMs);
  if (delay <= 0) return;
  log(readingLater(account, delay));
  await sleep(delay);
}

async function readOnce(
  account: AccountIdentity,
  { rotation, log }: Pick<Context, "rotation" | "log">,
  keyName?: KeyName,
): Promise<Reading> {
  const listing = await rotation.read(account, keyName);
  if ("keys" in listing) return listing.keys;
  const { answer } = listing;
  if (isGone(answer)) return "gone";
  const error = failure({ operation: "listKeys", account, keyName }, answer, "unchanged");
  // 409 is what a ReadOnly lock answers, as it forbids every POST.
  const mayBeIgnored = answer.kind === "http" && [403, 409, 429].includes(answer.status);
  if (!mayBeIgnored && !isLocalAuthOff(answer)) throw error;
  log(notRefreshed(error.message));
  return "unreadable";
}

/**
 * The live keys before something is published or renewed that was not read in this deployment; `undefined`, after a line
 * that begins with what is not known then, when they may not be read. Everything else that keeps them from being read is a
 * failure: the next `pulumi up` reads them.
 */
export async function readUnlessForbidden(
  account: AccountIdentity,
  context: Pick<Context, "rotation" | "log">,
  notKnown: string,
  keyName?: KeyName,
): Promise<Keys | undefined> {
  return unlessForbidden(account, await context.rotation.read(account, keyName), context, notKnown, keyName);
}

/** The live keys of an account whose key is adopted, read again where they differ from what was issued a moment ago. */
export async function adoptAgainst(
  account: AccountIdentity,
  context: Pick<Context, "rotation" | "log" | "now" | "sleep">,
  before: Stored | undefined,
  keyName?: KeyName,
): Promise<Keys> {
  const keys = await context.rotation.adopt(account, keyName);
  if (before === undefined || !(await waitsForYoungKey(account, context, before, keys, keyName))) return keys;
  return context.rotation.adopt(account, keyName);
}

/** What is found of the keys before an unfinished rotation is finished. */
export interface Finding {
  /** `undefined` where they may not be read. */
  live?: Keys;
  /** Why the new key is still not confirmed. */
  doubt?: string;
}

/**
 * Looks at the keys before an unfinished rotation is finished: somebody else may have changed them since, and of a key that
 * is not confirmed an earlier request may still end it. The latter takes two readings that agree, half a minute after it.
 *
 * @param slot the one of the new key
 */
export async function lookBeforeFinishing(
  account: AccountIdentity,
  context: Pick<Context, "rotation" | "log" | "now" | "sleep">,
  stored: Stored,
  left: Left,
  slot: KeyName,
  keyName?: KeyName,
): Promise<Finding> {
  if (Object.values(stored.keys).some(isLost)) return { live: await context.rotation.adopt(account, keyName) };
  const read = () => readUnlessForbidden(account, context, finishedUnread, keyName);
  if (left.unconfirmed) await waitWhileStale(account, context, stored.issuedAt);
  let live = await read();
  if (live === undefined) return {};
  if (left.unconfirmed) {
    await context.sleep(confirmationMs);
    const again = await read();
    if (again === undefined) return {};
    if (again[slot] !== live[slot]) return { live: again, doubt: noAgreement };
    live = again;
  } else if (await waitsForYoungKey(account, context, stored, live, keyName)) {
    live = await read();
  }
  return live && isSuperseded(live[slot], left) ? { live, doubt: stillFormer } : { live };
}

/** The keys of a reading; `undefined` and failures as of {@link readUnlessForbidden}. */
export function unlessForbidden(
  account: AccountIdentity,
  listing: Listing,
  { log }: Pick<Context, "log">,
  notKnown: string,
  keyName?: KeyName,
): Keys | undefined {
  if ("keys" in listing) return listing.keys;
  const error = failure({ operation: "listKeys", account, keyName }, listing.answer, "unchanged");
  if (!isForbidden(listing.answer)) throw error;
  log(unread(notKnown, error.message));
  return undefined;
}
