import type { AccountInputs } from "./account";
import { withFingerprint } from "./fingerprint";
import { type Issuance, isLost, isSuperseded, issuance, type Left, type Stored, withoutIssuance } from "./issuance";
import type { WaitUntilAccepted } from "./rotation/acceptance";
import type { KeyName, Keys } from "./rotation/accountKeys";
import { initialSlot, nextSlot } from "./slots";
import { asksForRotation, lastTrigger, type Trigger } from "./trigger";

/** The checked inputs of a `RotatingCognitiveAccountKeyPair`. */
export interface KeyPairInputs extends AccountInputs {
  rotationTrigger?: Trigger;
  initialKeyName?: KeyName;
  /** ISO 8601 duration. */
  minimumOverlap?: string | null;
  /** ISO 8601 duration. Only checked here: the program warns of an older key. */
  maxAge?: string | null;
  waitUntilAccepted?: WaitUntilAccepted | null;
}

/** Its outputs: pure JSON, as the engine stores them. An issuance is present only while `key` was issued by this resource. */
export interface KeyPairOutputs extends KeyPairInputs, Issuance {
  subscriptionId: string;
  /** The key in use, and its slot. */
  key: string;
  keyName: KeyName;
  keyFingerprint: string;
  /** The key that was in use before, and its slot: the next one to be regenerated. */
  previousKey: string;
  previousKeyName: KeyName;
  /** 0 while both keys are only adopted. */
  rotationCount: number;
  /** ISO 8601, set by a refresh that found another key than one in state, until the next update. */
  changedOutsideAt?: string;
  /** ISO 8601: when `key` became the one to publish, where that was not by the rotation of `rotatedAt`. */
  publishedAt?: string;
  /**
   * Set while something behind an obtained key has failed, until an update has finished it. Until then `key` is the one
   * in use as before, since the engine may publish outputs of a resource that has failed, and `previousKey` the new one.
   */
  unfinished?: Issuance & Left;
  /**
   * ISO 8601, set by a rotation of which it is not known whether it changed the slot of `previousKey`, until an update goes
   * through: nobody else holds a key that is found there.
   */
  rotationInDoubt?: string;
  /** Set by a refresh that found state without its secrets, of which the trigger may have held one, until an update. */
  triggerLost?: true;
}

/** The outputs of a pair that is new. @param publishedAt ISO 8601 */
export function adopted(
  inputs: KeyPairInputs,
  subscriptionId: string,
  keys: Keys,
  publishedAt: string | undefined,
): KeyPairOutputs {
  const keyName = initialSlot(inputs);
  const previousKeyName = nextSlot({ keyName });
  return {
    ...inputs,
    subscriptionId,
    ...withFingerprint(keys[keyName]),
    keyName,
    previousKey: keys[previousKeyName],
    previousKeyName,
    rotationCount: 0,
    ...(publishedAt !== undefined && { publishedAt }),
  };
}

/** The outputs under the program's present inputs: the same keys, the last trigger, and no marks. */
export function unchanged(olds: KeyPairOutputs, news: KeyPairInputs): KeyPairOutputs {
  return {
    ...news,
    ...lastTrigger(olds, news),
    subscriptionId: olds.subscriptionId,
    key: olds.key,
    keyName: olds.keyName,
    keyFingerprint: olds.keyFingerprint,
    previousKey: olds.previousKey,
    previousKeyName: olds.previousKeyName,
    rotationCount: olds.rotationCount,
    ...issuance(olds),
    ...(olds.publishedAt !== undefined && { publishedAt: olds.publishedAt }),
  };
}

/**
 * The outputs with the new key in use, and the one in use until now as the next to be renewed.
 *
 * @param pending the outputs with the key in use as before, and in `unfinished` what is known of the new one
 * @param keys the live keys
 * @param publishedAt ISO 8601; absent where that is when it was issued
 */
export function published(pending: KeyPairOutputs, keys: Keys, publishedAt: string | undefined): KeyPairOutputs {
  const { keyName, previousKeyName, unfinished = {}, publishedAt: _before, ...kept } = withoutIssuance(pending);
  return {
    ...kept,
    ...withFingerprint(keys[previousKeyName]),
    keyName: previousKeyName,
    previousKey: keys[keyName],
    previousKeyName: keyName,
    rotationCount: pending.rotationCount + 1,
    ...issuance(unfinished),
    ...(publishedAt !== undefined && { publishedAt }),
  };
}

/** The outputs with the key in use as before, and the new one only kept. @param pending and `keys` as of {@link published} */
export function heldBack(pending: KeyPairOutputs, keys: Keys): KeyPairOutputs {
  const { unfinished = {}, ...outputs } = pending;
  const inUse = keys[pending.keyName];
  return {
    ...(inUse === pending.key ? outputs : withoutIssuance(outputs)),
    ...withFingerprint(inUse),
    previousKey: keys[pending.previousKeyName],
    unfinished,
  };
}

/** The live keys in place of those in state. Of a key that somebody else has issued nothing is known. */
export function follow(props: KeyPairOutputs, keys: Keys): Pick<KeyPairOutputs, "key" | "previousKey" | "unfinished"> {
  const previousKey = keys[props.previousKeyName];
  const issuedElsewhere = props.unfinished !== undefined && previousKey !== props.previousKey;
  return { ...withFingerprint(keys[props.keyName]), previousKey, ...(issuedElsewhere && { unfinished: {} }) };
}

/** Whether the keys are those of a pair that was compared in this deployment, as far as readings that lag can tell. */
export function goesOn(before: KeyPairOutputs, keys: Keys): boolean {
  const { key, keyName, previousKey, previousKeyName, unfinished } = before;
  const spare = keys[previousKeyName];
  return keys[keyName] === key && (spare === previousKey || isSuperseded(spare, unfinished));
}

export function storedKeys({
  key,
  keyName,
  previousKey,
  previousKeyName,
  rotatedAt,
  unfinished,
}: KeyPairOutputs): Stored {
  const times = [rotatedAt, unfinished?.rotatedAt].filter((at) => at !== undefined);
  return { keys: { [keyName]: key, [previousKeyName]: previousKey }, issuedAt: times.sort().at(-1) };
}

/** The outputs because of which the pair is updated; none where there is nothing to do. */
export function dueUpdates(olds: KeyPairOutputs, news: KeyPairInputs): (keyof KeyPairOutputs)[] {
  // An unfinished rotation is finished first, whatever the trigger has become; `update` takes the trigger over.
  if (olds.unfinished) return ["unfinished"];
  if (asksForRotation(olds, news)) return ["rotationTrigger"];
  const marks = ["changedOutsideAt", "rotationInDoubt"] as const;
  return [
    ...marks.filter((mark) => olds[mark] !== undefined),
    ...(["key", "previousKey"] as const).filter((key) => isLost(olds[key])),
  ];
}

/** Whether state may hold a key that is none, or that a rotation of this resource has ended. */
export function needsReading({ key, previousKey, rotationInDoubt }: KeyPairOutputs): boolean {
  return rotationInDoubt !== undefined || isLost(key) || isLost(previousKey);
}
