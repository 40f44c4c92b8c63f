import { Secret } from "@pulumi/azure-native/keyvault";
import * as pulumi from "@pulumi/pulumi";
import { type CognitiveAccountKeyName, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const config = new pulumi.Config();
const resourceGroupName = config.require("resourceGroupName");
const acceptanceUrl = config.get("acceptanceUrl");
const pair = new RotatingCognitiveAccountKeyPair("keys", {
  resourceGroupName,
  accountName: config.require("accountName"),
  initialKeyName: config.get<CognitiveAccountKeyName>("initialKeyName"),
  rotationTrigger: config.get("rotationTrigger") || undefined,
  // Longer than any service keeps the key that it has read.
  minimumOverlap: config.get("minimumOverlap") ?? "PT25H",
  // Some read the vault within seconds, and Azure can take longer to accept a new key.
  waitUntilAccepted: acceptanceUrl ? { url: acceptanceUrl } : undefined,
});

// Made of `pair.key`, so that a new version is written after the new key was issued, and never before.
const secret = new Secret("secret", {
  resourceGroupName: config.get("vaultResourceGroupName") || resourceGroupName,
  vaultName: config.require("vaultName"),
  secretName: config.get("secretName") ?? "ai-key",
  properties: { value: pair.key, contentType: "text/plain" },
  // Whoever may list secrets sees these, and not the key.
  tags: { keyName: pair.keyName, keyFingerprint: pair.keyFingerprint },
});

/** It has no version, so it gives the newest key. A URI with a version gives the same key for ever. */
export const secretUri = secret.properties.secretUri;
export const { keyFingerprint, keyName } = pair;
