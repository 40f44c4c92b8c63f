import * as pulumi from "@pulumi/pulumi";
import { type CognitiveAccountKeyName, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

// The month in UTC, such as "2026-11": the same wherever the program runs, and for the whole month.
const month = new Date().toISOString().slice(0, 7);

const config = new pulumi.Config();
const pair = new RotatingCognitiveAccountKeyPair("keys", {
  resourceGroupName: config.require("resourceGroupName"),
  accountName: config.require("accountName"),
  initialKeyName: config.get<CognitiveAccountKeyName>("initialKeyName"),
  rotationTrigger: month,
  minimumOverlap: config.get("minimumOverlap"),
});

// Separate outputs, because secretness is per output: in one object the key would make its fingerprint a secret too.
export const { key, keyFingerprint, keyName } = pair;
