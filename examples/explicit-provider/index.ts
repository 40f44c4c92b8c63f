import * as pulumi from "@pulumi/pulumi";
import { Provider, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation-sdk";

interface Account {
  subscriptionId: string;
  resourceGroupName: string;
  accountName: string;
  rotationTrigger?: string;
}

const config = new pulumi.Config();

/** The pair of one account, with a provider of its own. That takes a login of its own as well, such as `clientId`. */
function keysOf(name: string): RotatingCognitiveAccountKeyPair {
  const { subscriptionId, ...account } = config.requireObject<Account>(name);
  const provider = new Provider(name, { subscriptionId });
  return new RotatingCognitiveAccountKeyPair(name, account, { provider });
}

const staging = keysOf("staging");
const production = keysOf("production");

// Separate outputs, because secretness is per output: in one object the key would make its fingerprint a secret too.
export const stagingKey = staging.key;
export const stagingKeyFingerprint = staging.keyFingerprint;
export const productionKey = production.key;
export const productionKeyFingerprint = production.keyFingerprint;
