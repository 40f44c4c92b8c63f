import * as pulumi from "@pulumi/pulumi";
import { type CognitiveAccountKeyName, RotatingCognitiveAccountKey } from "pulumi-cognitive-key-rotation";

const config = new pulumi.Config();
const rotating = new RotatingCognitiveAccountKey("key", {
  resourceGroupName: config.require("resourceGroupName"),
  accountName: config.require("accountName"),
  keyName: config.get<CognitiveAccountKeyName>("keyName"),
  // Without a trigger the present key is adopted.
  rotationTrigger: config.get("rotationTrigger") || undefined,
});

// Separate outputs, because secretness is per output: in one object the key would make its fingerprint a secret too.
export const { key, keyFingerprint, keyName } = rotating;
