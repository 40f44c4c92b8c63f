import * as pulumi from "@pulumi/pulumi";

const producer = new pulumi.StackReference("my-org/many-keys/subscription-a");
const name = "my-group-my-account";
export const key = producer.requireOutput("keys").apply((keys) => keys[name]); // a secret
export const keyFingerprint = producer.requireOutput("keyFingerprints").apply((all) => all[name]); // not a secret
