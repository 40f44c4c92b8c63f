import { RotatingCognitiveAccountKey } from "pulumi-cognitive-key-rotation";

const rotating = new RotatingCognitiveAccountKey("language-key", {
  resourceGroupName: "my-group",
  accountName: "my-account",
  keyName: "Key2",
  rotationTrigger: "2026-11",
});

export const { key, keyFingerprint, keyName } = rotating;
