import type { Handlers } from "../provider";
import * as keyOutcomes from "../provider/keyOutcomes";
import * as keyPairOutcomes from "../provider/keyPairOutcomes";
import { createdPair, updatedPair } from "./keyPairPreview";
import { createdKey, updatedKey } from "./keyPreview";

/** What differs between the two resources. Properties are as they came: checked, but for unknowns. */
export interface Resource {
  handler: keyof Handlers;
  /** The input that names a slot. */
  slotInput: "keyName" | "initialKeyName";
  dueUpdates(olds: never, news: never): string[];
  /** What a preview shows. */
  created(inputs: never, before: never): object;
  updated(olds: never, news: never): object;
}

export const resources: Record<string, Resource> = {
  "cognitive-key-rotation:index:RotatingCognitiveAccountKey": {
    handler: "key",
    slotInput: "keyName",
    dueUpdates: keyOutcomes.dueUpdates,
    created: createdKey,
    updated: updatedKey,
  },
  "cognitive-key-rotation:index:RotatingCognitiveAccountKeyPair": {
    handler: "keyPair",
    slotInput: "initialKeyName",
    dueUpdates: keyPairOutcomes.dueUpdates,
    created: createdPair,
    updated: updatedPair,
  },
};
