import { RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const pair = new RotatingCognitiveAccountKeyPair("my-account-keys", {
  resourceGroupName: "my-group",
  accountName: "my-account",
  initialKeyName: "Key1",
});

export const { key, keyFingerprint } = pair;
