import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";

const config = new pulumi.Config();
const trigger = config.require("rotationTrigger");
for (const accountId of config.requireObject<string[]>("accountIds")) {
  const [resourceGroupName, , , , accountName] = accountId.split("/").slice(-5);
  const name = `${resourceGroupName}-${accountName}`;
  new RotatingCognitiveAccountKeyPair(name, { accountId, rotationTrigger: trigger });
}
