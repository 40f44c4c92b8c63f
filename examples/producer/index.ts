import * as pulumi from "@pulumi/pulumi";
import { type CognitiveAccountKeyName, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const config = new pulumi.Config();
const pair = new RotatingCognitiveAccountKeyPair("keys", {
  resourceGroupName: config.require("resourceGroupName"),
  accountName: config.require("accountName"),
  initialKeyName: config.get<CognitiveAccountKeyName>("initialKeyName"),
  rotationTrigger: config.get("rotationTrigger") || undefined,
  minimumOverlap: config.get("minimumOverlap"),
});

// Separate outputs, because secretness is per output: in one object the key would make its fingerprint a secret too.
export const { key, keyFingerprint, keyName } = pair;
