import * as pulumi from "@pulumi/pulumi";

export interface DocumentedKeyArgs {
  resourceGroupName: string;
  accountName: string;
  rotationTrigger?: string;
}

/** Pulumi stores the text of these functions with the resource, so they load what they use themselves. */
const provider: pulumi.dynamic.ResourceProvider<DocumentedKeyArgs, DocumentedKeyArgs & { key?: string }> = {
  async diff(_id, olds, news) {
    const changes = olds.rotationTrigger !== news.rotationTrigger;
    return { changes, replaces: changes ? ["rotationTrigger"] : [] };
  },

  async create(inputs) {
    const azure: typeof import("@azure/arm-cognitiveservices") = require("@azure/arm-cognitiveservices");
    const identity: typeof import("@azure/identity") = require("@azure/identity");
    const { ARM_METADATA_HOSTNAME, ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_SUBSCRIPTION_ID } = process.env;
    const endpoint = `https://${ARM_METADATA_HOSTNAME}`;
    const credential = new identity.ClientSecretCredential(
      String(ARM_TENANT_ID),
      String(ARM_CLIENT_ID),
      String(ARM_CLIENT_SECRET),
      { authorityHost: endpoint, disableInstanceDiscovery: true },
    );
    const client = new azure.CognitiveServicesManagementClient(credential, String(ARM_SUBSCRIPTION_ID), { endpoint });
    const { resourceGroupName, accountName } = inputs;
    const { key1 } = await client.accounts.regenerateKey(resourceGroupName, accountName, "Key1");
    return { id: `${resourceGroupName}/${accountName}/Key1`, outs: { ...inputs, key: key1 } };
  },
};

/**
 * A rotating key as Pulumi's own guide writes a dynamic provider: `create` makes the thing, and what cannot be updated
 * is replaced. https://www.pulumi.com/docs/iac/guides/building-extending/providers/dynamic-providers/
 */
export class DocumentedKey extends pulumi.dynamic.Resource {
  declare readonly key: pulumi.Output<string>;

  constructor(name: string, args: DocumentedKeyArgs) {
    super(provider, name, { ...args, key: undefined }, { additionalSecretOutputs: ["key"] });
  }
}
