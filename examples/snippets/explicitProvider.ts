import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

class DynamicProvider extends pulumi.ProviderResource {
  constructor(name: string, settings: pulumi.Inputs = {}) {
    super("pulumi-nodejs", name, settings);
  }
}

const azure = new pulumi.Config("azure-native");
const provider = new DynamicProvider("dynamic", {
  "azure-native:clientId": azure.require("clientId"),
  "azure-native:clientSecret": azure.requireSecret("clientSecret"),
  "azure-native:tenantId": azure.require("tenantId"),
  "azure-native:subscriptionId": azure.require("subscriptionId"),
});

const pair = new RotatingCognitiveAccountKeyPair(
  "language-keys",
  { resourceGroupName: "my-group", accountName: "my-account" },
  { provider },
);

export const { key, keyFingerprint } = pair;
