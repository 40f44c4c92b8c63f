import {
  dueUpdates,
  type KeyPairInputs,
  type KeyPairOutputs,
  needsReading,
  unchanged,
} from "../provider/keyPairOutcomes";
import { initialSlot, nextSlot } from "../provider/slots";
import { triggerAsksForRotation } from "../provider/trigger";
import { isUnknown, unknown } from "../provider/unknown";
import { createdInputs } from "./createdInputs";
import type { Previewed } from "./previewed";

const unknownKeys = { key: unknown, keyFingerprint: unknown, previousKey: unknown };
const unknownSlots = { keyName: unknown, previousKeyName: unknown, rotationCount: unknown };
const unknownIssuance = { rotatedAt: unknown, requestId: unknown };

/** The outputs of a pair that is to be created. @param before those of one that this deployment has compared with it */
export function createdPair(inputs: KeyPairInputs, before: KeyPairOutputs | undefined): Previewed<KeyPairOutputs> {
  const common = { ...createdInputs(inputs, before), ...unknownKeys };
  // It may go on from that one, and rotate.
  if (before !== undefined) return { ...common, ...unknownSlots, ...unknownIssuance, publishedAt: unknown };
  const keyName = isUnknown(inputs.initialKeyName) ? unknown : initialSlot(inputs);
  return {
    ...common,
    ...(keyName === unknown ? unknownSlots : { keyName, previousKeyName: nextSlot({ keyName }) }),
    rotationCount: 0,
    ...(triggerAsksForRotation(undefined, inputs.rotationTrigger) && { publishedAt: unknown }),
  };
}

/** The outputs of a pair that is to be updated. */
export function updatedPair(olds: KeyPairOutputs, news: KeyPairInputs): Previewed<KeyPairOutputs> {
  const outputs = unchanged(olds, news);
  const [cause] = dueUpdates(olds, news);
  if (cause === undefined) return outputs;
  if (cause === "rotationTrigger" && isUnknown(news.rotationTrigger)) {
    return { ...outputs, ...unknownKeys, ...unknownSlots, ...unknownIssuance, publishedAt: unknown };
  }
  if (cause === "rotationTrigger" || cause === "unfinished") {
    const { publishedAt: _before, ...kept } = outputs;
    const waits = cause === "unfinished" || (news.waitUntilAccepted ?? undefined) !== undefined;
    return {
      ...kept,
      ...unknownKeys,
      ...unknownIssuance,
      keyName: nextSlot(olds),
      previousKeyName: olds.keyName,
      rotationCount: olds.rotationCount + 1,
      ...(waits && { publishedAt: unknown }),
    };
  }
  if (!needsReading(olds)) return { ...outputs, publishedAt: unknown };
  const issuance = outputs.rotatedAt !== undefined && unknownIssuance;
  return { ...outputs, ...unknownKeys, ...issuance, publishedAt: unknown };
}
