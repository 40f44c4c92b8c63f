import { namedAccount } from "../provider/account";
import { isLost } from "../provider/issuance";
import { type KeyInputs, type KeyOutputs, unchanged } from "../provider/keyOutcomes";
import { firstSlot } from "../provider/slots";
import { asksForRotation } from "../provider/trigger";
import { unknown } from "../provider/unknown";
import type { Previewed } from "./previewed";

const unknownKey = { key: unknown, keyFingerprint: unknown };

/** The outputs of a key that is to be created. @param before those of one that this deployment has compared with it */
export function createdKey(inputs: KeyInputs, before: KeyOutputs | undefined): Previewed<KeyOutputs> {
  const place = {
    subscriptionId: namedAccount(inputs).subscriptionId ?? before?.subscriptionId ?? unknown,
    keyName: inputs.keyName ?? firstSlot,
  };
  // Where one goes on, it has what it had; a key that is only adopted has no issuance.
  const mayBeIssued = before !== undefined || asksForRotation(undefined, inputs);
  return { ...inputs, ...place, ...unknownKey, ...(mayBeIssued && { rotatedAt: unknown, requestId: unknown }) };
}

/** The outputs of a key that is to be updated. */
export function updatedKey(olds: KeyOutputs, news: KeyInputs): Previewed<KeyOutputs> {
  const outputs = unchanged(olds, news);
  if (olds.unfinished?.unconfirmed !== true && !isLost(olds.key)) return outputs;
  return { ...outputs, ...unknownKey, ...(outputs.rotatedAt !== undefined && { rotatedAt: unknown }) };
}
