import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccount } from "pulumi-cognitive-key-rotation/account";

const config = new pulumi.Config();
const accountName = config.require("accountName");
const rotating = new RotatingCognitiveAccount("account", {
  accountName,
  resourceGroupName: config.require("resourceGroupName"),
  kind: config.get("kind") ?? "OpenAI",
  sku: { name: "S0" },
  location: config.get("location") || undefined,
  properties: { customSubDomainName: accountName },
  rotationTrigger: config.get("rotationTrigger") || undefined,
});

// Separate outputs, because secretness is per output: in one object the key would make its fingerprint a secret too.
export const { key, keyFingerprint, keyName, endpoint } = rotating;
