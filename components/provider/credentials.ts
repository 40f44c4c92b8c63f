import type { TokenCredential } from "@azure/identity";
import { type CliAccount, showCliAccount } from "./azureCli";
import { type Cloud, cloudFromMetadata, cloudFromName, isCloudName } from "./clouds";
import { KeyError } from "./keyError";
import { createCredential } from "./loginMethods";
import { chooseMethod, missing, type SettingReader } from "./settings";
import { loginFailure, SharedCredential } from "./sharedCredential";

/** Who calls Azure, in which cloud, and in which subscription when a resource does not say. */
export interface AzureLogin {
  cloud(): Promise<Cloud>;
  credential(): Promise<TokenCredential>;
  /** GUID. Throws when none is configured and the method is not the Azure CLI. */
  defaultSubscription(): Promise<string>;
}

/** The login that the stack's configuration and the environment describe. Reads nothing until it is asked. */
export function azureLogin(setting: SettingReader): AzureLogin {
  const method = chooseMethod(setting);
  const cli = once(() => showCliAccount(setting("subscriptionId", "ARM_SUBSCRIPTION_ID")));
  const cloud = once(() => (method === "Azure CLI" ? cliCloud(setting, cli) : configuredCloud(setting)));
  return {
    cloud,
    credential: once(async () => {
      const inCloud = await cloud();
      const credential = await createCredential(method, setting, inCloud).catch((error) => {
        throw loginFailure(method, error);
      });
      return new SharedCredential(credential, method);
    }),
    defaultSubscription: async () => {
      const configured = setting("subscriptionId", "ARM_SUBSCRIPTION_ID");
      if (configured) return configured;
      if (method === "Azure CLI") return (await cli()).id;
      throw missing("subscriptionId", "ARM_SUBSCRIPTION_ID", method);
    },
  };
}

async function configuredCloud(setting: SettingReader): Promise<Cloud> {
  const metadataHost = setting("metadataHost", "ARM_METADATA_HOSTNAME");
  if (metadataHost) return cloudFromMetadata(metadataHost);
  return cloudFromName(setting("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"));
}

/** The Azure CLI's own cloud; a configured one must agree with it. */
async function cliCloud(setting: SettingReader, cli: () => Promise<CliAccount>): Promise<Cloud> {
  const configured =
    setting("metadataHost", "ARM_METADATA_HOSTNAME") || setting("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT");
  const active = (await cli()).environmentName;
  if (!configured) {
    if (isCloudName(active)) return cloudFromName(active);
    throw new KeyError(
      `the Azure CLI is logged in to the cloud "${active}", of which nothing is known here. Set azure-native:metadataHost ` +
        '(or ARM_METADATA_HOSTNAME) to the host that describes it, or run "az cloud set --name AzureCloud" and log in',
    );
  }
  const cloud = await configuredCloud(setting);
  if (cloud.name !== active) {
    throw new KeyError(
      `the configured Azure cloud "${cloud.name}" is not the one the Azure CLI is logged in to, "${active}". ` +
        `Run "az cloud set --name ${cloud.name}" and log in, or change azure-native:environment`,
    );
  }
  return cloud;
}

/** Runs once and shares the result; a failure is not kept. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= run().catch((error) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
