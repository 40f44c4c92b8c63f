import { isLost, withoutIssuance } from "../provider/issuance";
import { type KeyInputs, type KeyOutputs, unchanged } from "../provider/keyOutcomes";
import { firstSlot } from "../provider/slots";
import { asksForRotation } from "../provider/trigger";
import { unknown } from "../provider/unknown";
import { createdInputs } from "./createdInputs";
import type { Previewed } from "./previewed";

const unknownKey = { key: unknown, keyFingerprint: unknown };

/** The outputs of a key that is to be created. @param before those of one that this deployment has compared with it */
export function createdKey(inputs: KeyInputs, before: KeyOutputs | undefined): Previewed<KeyOutputs> {
  const known = { ...createdInputs(inputs, before), keyName: inputs.keyName ?? firstSlot };
  // Where one goes on, it has what it had; a key that is only adopted has no issuance.
  const mayBeIssued = before !== undefined || asksForRotation(undefined, inputs);
  return { ...known, ...unknownKey, ...(mayBeIssued && { rotatedAt: unknown, requestId: unknown }) };
}

/** The outputs of a key that is to be updated. */
export function updatedKey(olds: KeyOutputs, news: KeyInputs): Previewed<KeyOutputs> {
  const outputs = unchanged(olds, news);
  // The live key takes its place, and who has issued that is not known.
  if (isLost(olds.key)) return { ...withoutIssuance(outputs), ...unknownKey };
  if (olds.unfinished === undefined) return outputs;
  // The keys are read before it is published, and somebody else may have renewed it.
  const { rotatedAt, requestId } = outputs;
  return {
    ...{ ...outputs, ...unknownKey },
    ...(rotatedAt !== undefined && { rotatedAt: unknown }),
    ...(requestId !== undefined && { requestId: unknown }),
  };
}
