import { ContainerApp } from "@pulumi/azure-native/app";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const producer = new pulumi.StackReference(config.require("producer"));
/** Says which key this stack holds. */
export const keyFingerprint = producer.requireOutput("keyFingerprint");

const secretName = "ai-key";
const app = new ContainerApp("app", {
  containerAppName: config.get("containerAppName") || undefined,
  resourceGroupName: config.require("resourceGroupName"),
  environmentId: config.require("environmentId"),
  location: config.get("location") || undefined,
  configuration: {
    secrets: [{ name: secretName, value: producer.requireOutput("key") }],
  },
  template: {
    containers: [
      {
        name: "main",
        image: config.get("image") ?? "mcr.microsoft.com/k8se/quickstart:latest",
        env: [
          { name: "AZURE_OPENAI_ENDPOINT", value: config.require("endpoint") },
          { name: "AZURE_OPENAI_API_KEY", secretRef: secretName },
          // A changed variable starts a new revision. A changed secret does not.
          { name: "KEY_FINGERPRINT", value: keyFingerprint },
        ],
        resources: { cpu: 0.25, memory: "0.5Gi" },
      },
    ],
    // Without ingress nothing would start it again from zero.
    scale: { minReplicas: 1 },
  },
});

/** The revision that runs with this key. */
export const revision = app.latestRevisionName;
