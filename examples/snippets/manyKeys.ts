import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const config = new pulumi.Config();
const rotationTrigger = config.get("rotationTrigger");
const outputs: Record<string, pulumi.Output<string>> = {};
for (const accountId of config.requireObject<string[]>("accountIds")) {
  const [resourceGroupName, , , , accountName] = accountId.split("/").slice(-5);
  const name = `${resourceGroupName}-${accountName}`;
  const pair = new RotatingCognitiveAccountKeyPair(name, { accountId, rotationTrigger });
  outputs[`${name}-key`] = pair.key;
  outputs[`${name}-keyFingerprint`] = pair.keyFingerprint;
}
export = outputs;
