import type { KeyOutputs } from "./keyOutcomes";
import type { KeyPairOutputs } from "./keyPairOutcomes";

/**
 * What a property of a resource is: an input, which is an output too; an output; or an output whose value is secret. The
 * classes, their registration, the mocks of a user's tests and the API reference are made from these tables.
 */
export type Role = "input" | "output" | "secret output";

/** `triggerLost` is of no use to a program. */
type Table<Outputs> = Record<Exclude<keyof Outputs, "triggerLost">, Role>;

/** The properties of `RotatingCognitiveAccountKey`. */
export const keyProperties = {
  accountId: "input",
  resourceGroupName: "input",
  accountName: "input",
  subscriptionId: "input",
  keyName: "input",
  rotationTrigger: "input",
  revokeOnDelete: "input",
  waitUntilAccepted: "input",
  maxAge: "input",
  key: "secret output",
  keyFingerprint: "output",
  rotatedAt: "output",
  requestId: "output",
  changedOutsideAt: "output",
  unfinished: "output",
} as const satisfies Table<KeyOutputs>;

/** The properties of `RotatingCognitiveAccountKeyPair`. */
export const keyPairProperties = {
  accountId: "input",
  resourceGroupName: "input",
  accountName: "input",
  subscriptionId: "input",
  rotationTrigger: "input",
  initialKeyName: "input",
  minimumOverlap: "input",
  waitUntilAccepted: "input",
  maxAge: "input",
  key: "secret output",
  keyName: "output",
  keyFingerprint: "output",
  previousKey: "secret output",
  previousKeyName: "output",
  rotatedAt: "output",
  rotationCount: "output",
  requestId: "output",
  changedOutsideAt: "output",
  publishedAt: "output",
  rotationInDoubt: "output",
  unfinished: "output",
} as const satisfies Table<KeyPairOutputs>;

/** The names of a class's properties that have one of these roles. */
export function propertiesOf(table: Readonly<Record<string, Role>>, ...roles: Role[]): string[] {
  return Object.keys(table).filter((name) => roles.includes(table[name]));
}
