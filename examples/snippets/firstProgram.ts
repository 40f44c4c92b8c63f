import { RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const pair = new RotatingCognitiveAccountKeyPair("language-keys", {
  resourceGroupName: "my-group",
  accountName: "my-account",
  rotationTrigger: "2026-11",
});

export const { key, keyFingerprint, keyName, rotatedAt } = pair;
