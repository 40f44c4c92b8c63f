import type * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";
import { DocumentedKey, type DocumentedKeyArgs } from "./documentedKey";

/** One way to write a program that rotates the key of an account. */
export interface Design {
  name: string;
  /** The class that the program is made of. */
  resource: string;
  /** Whether clients are refused from the rotation until they have the new key. */
  hasOutage: boolean;
  /** What the program declares; another `rotationTrigger` rotates. */
  declare(args: DocumentedKeyArgs): { key: pulumi.Output<string> };
}

export const designs: readonly Design[] = [
  {
    name: "Key pair",
    resource: "RotatingCognitiveAccountKeyPair",
    hasOutage: false,
    // The overlap would refuse a rotation in the first hour of a pair that is created with a trigger.
    declare: (args) => new RotatingCognitiveAccountKeyPair("keys", { ...args, minimumOverlap: "PT0S" }),
  },
  {
    name: "Single slot",
    resource: "RotatingCognitiveAccountKey",
    hasOutage: true,
    declare: (args) => new RotatingCognitiveAccountKey("key", args),
  },
  {
    name: "Documented provider",
    resource: "pulumi.dynamic.Resource",
    hasOutage: true,
    declare: (args) => new DocumentedKey("key", args),
  },
];
