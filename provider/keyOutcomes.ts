import type { AccountInputs } from "./account";
import { withFingerprint } from "./fingerprint";
import { type Issuance, isLost, issuance, type Left, type Stored, withoutIssuance } from "./issuance";
import type { WaitUntilAccepted } from "./rotation/acceptance";
import type { KeyName } from "./rotation/accountKeys";
import { lastTrigger, type Trigger } from "./trigger";

/** The checked inputs of a `RotatingCognitiveAccountKey`. */
export interface KeyInputs extends AccountInputs {
  keyName?: KeyName;
  rotationTrigger?: Trigger;
  revokeOnDelete?: boolean;
  /** ISO 8601 duration. Only checked here: the program warns of an older key. */
  maxAge?: string | null;
  waitUntilAccepted?: WaitUntilAccepted | null;
}

/** Its outputs: pure JSON, as the engine stores them. An issuance is present only while `key` was issued by this resource. */
export interface KeyOutputs extends KeyInputs, Issuance {
  subscriptionId: string;
  keyName: KeyName;
  key: string;
  keyFingerprint: string;
  /** ISO 8601, set by a refresh that found another key than the one in state, until the next update. */
  changedOutsideAt?: string;
  /** Set while something behind the obtained key has failed, until an update has finished it. */
  unfinished?: Left;
  /** Set by a refresh that found state without its secrets, of which the trigger may have held one, until an update. */
  triggerLost?: true;
}

/** The outputs of a key that was adopted, or issued. */
export function obtained(
  inputs: KeyInputs,
  { subscriptionId, keyName }: Pick<KeyOutputs, "subscriptionId" | "keyName">,
  key: string,
  issued: Issuance = {},
): KeyOutputs {
  return { ...inputs, subscriptionId, keyName, ...withFingerprint(key), ...issuance(issued) };
}

/** The outputs under the program's present inputs: the same key, the last trigger, and no marks. */
export function unchanged(olds: KeyOutputs, news: KeyInputs): KeyOutputs {
  const { subscriptionId, keyName, key, keyFingerprint } = olds;
  return { ...news, ...lastTrigger(olds, news), subscriptionId, keyName, key, keyFingerprint, ...issuance(olds) };
}

/** The outputs with a key that this resource has not issued, or not for certain. */
export function followed(outputs: KeyOutputs, key: string): KeyOutputs {
  return { ...withoutIssuance(outputs), ...withFingerprint(key) };
}

/** The outputs of a key that is in state, and must not be taken for finished. */
export function heldBack(outputs: KeyOutputs, unfinished: Left): KeyOutputs {
  return { ...outputs, unfinished };
}

export function storedKeys({ keyName, key, rotatedAt }: KeyOutputs): Stored {
  return { keys: { [keyName]: key }, issuedAt: rotatedAt };
}

/** The outputs because of which a key that is not replaced is updated; none where there is nothing to do. */
export function dueUpdates(olds: KeyOutputs, news: KeyInputs): (keyof KeyOutputs)[] {
  const revocationChanged = (news.revokeOnDelete ?? false) !== (olds.revokeOnDelete ?? false);
  return [
    ...(revocationChanged ? (["revokeOnDelete"] as const) : []),
    ...(["changedOutsideAt", "unfinished"] as const).filter((mark) => olds[mark] !== undefined),
    ...(isLost(olds.key) ? (["key"] as const) : []),
  ];
}
