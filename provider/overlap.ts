import { namedAccount } from "./account";
import { addDuration } from "./duration";
import { isLost } from "./issuance";
import { KeyError } from "./keyError";
import type { KeyPairInputs, KeyPairOutputs } from "./keyPairOutcomes";
import { type OverlapBegin, spareLost, tooSoon, unpublished } from "./words";

const defaultOverlap = "PT1H";

/** ISO 8601. */
function overlapOf({ minimumOverlap }: KeyPairInputs): string {
  return minimumOverlap ?? defaultOverlap;
}

/** Whether nobody is said to hold the key that is not in use: then nothing is read or compared before it is renewed. */
export function isWithoutOverlap(inputs: KeyPairInputs): boolean {
  return addDuration(0, overlapOf(inputs)) === 0;
}

/**
 * Refuses a rotation that comes so soon after the last one that consumers may still hold the key it would end: a
 * `pulumi up` that failed in another resource has rotated, but published nothing.
 *
 * @param now milliseconds since the epoch
 */
export function requireOverlap(olds: KeyPairOutputs, news: KeyPairInputs, now: number): void {
  // Without one nothing is compared with a clock, which may have been ahead when the time was taken.
  if (isWithoutOverlap(news)) return;
  const overlap = overlapOf(news);
  const account = { ...namedAccount(olds), subscriptionId: olds.subscriptionId };
  if (isLost(olds.previousKey)) throw new KeyError(spareLost(account, olds.previousKeyName));
  // Also a change of the key that is not in use: it may be the one that consumers hold, where this state is an old one. As
  // long as it is not published the time says nothing: nobody could deploy.
  if (olds.changedOutsideAt !== undefined)
    throw new KeyError(unpublished(account, olds.previousKeyName, olds.changedOutsideAt, overlap));
  const last = [olds.rotatedAt, olds.publishedAt]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
  if (last === undefined) return;
  const from = addDuration(Date.parse(last), overlap);
  if (now >= from) return;
  const times = { from: new Date(from).toISOString(), now: new Date(now).toISOString() };
  throw new KeyError(tooSoon(account, olds.previousKeyName, overlapBegin(olds, last), overlap, times));
}

function overlapBegin({ rotatedAt, rotationCount }: KeyPairOutputs, last: string): OverlapBegin {
  if (last === rotatedAt) return "rotated";
  return rotationCount === 0 ? "created" : "published";
}
