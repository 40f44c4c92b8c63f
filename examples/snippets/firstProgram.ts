import { RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const pair = new RotatingCognitiveAccountKeyPair("language-keys", {
  resourceGroupName: "my-group",
  accountName: "my-account",
});

export const { key, keyFingerprint, keyName } = pair;
