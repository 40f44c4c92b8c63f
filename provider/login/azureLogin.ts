import type { TokenCredential } from "@azure/identity";
import { type Cloud, cloudFromMetadata, cloudFromName, knownCloud } from "../azure/clouds";
import { KeyError } from "../keyError";
import { shown, twoClouds, twoTenants, wrongSubscriptionId } from "../words";
import { type CliAccount, showCliAccount, showCliCloud } from "./azureCli";
import { LoginAnswers } from "./loginAnswers";
import { chooseMethod, createCredential, missing } from "./loginMethods";
import type { SettingReader } from "./settings";
import { loginFailure, loginTimeoutMs, SharedCredential } from "./sharedCredential";

/** Who calls Azure, in which cloud, and in which subscription when a resource does not say. */
export interface AzureLogin {
  cloud(): Promise<Cloud>;
  credential(): Promise<TokenCredential>;
  /** GUID. Throws when none is configured and the method is not the Azure CLI. */
  defaultSubscription(): Promise<string>;
}

/**
 * The login that the stack's configuration and the environment describe. Reads nothing until it is asked.
 *
 * @param timeoutMs how long the login, and each question to the Azure CLI, may take
 */
export function azureLogin(setting: SettingReader, timeoutMs = loginTimeoutMs): AzureLogin {
  const method = chooseMethod(setting);
  const cli = once(() => showCliAccount(setting("subscriptionId"), setting.wayIn, timeoutMs));
  const cloud = once(() => (method === "Azure CLI" ? cliCloud(setting, cli, timeoutMs) : configuredCloud(setting)));
  return {
    cloud,
    credential: once(async () => {
      const { authorityHost } = await cloud();
      if (method === "Azure CLI") await requireCliTenant(setting, cli);
      const answers = new LoginAnswers();
      const failure = (error: unknown) => loginFailure(setting.wayIn, method, error, answers);
      const options = { authorityHost, timeoutMs, policy: answers.policy };
      const credential = await createCredential(method, setting, options).catch((error) => {
        throw failure(error);
      });
      return new SharedCredential(credential, timeoutMs, failure);
    }),
    defaultSubscription: async () => {
      const configured = setting("subscriptionId");
      if (isGuid(configured)) return configured;
      // The Azure CLI also knows a subscription by its name.
      if (method === "Azure CLI") return (await cli()).id;
      if (!configured) throw missing(setting, "subscriptionId", method);
      throw new KeyError(wrongSubscriptionId(setting.wayIn));
    },
  };
}

function isGuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

async function configuredCloud(setting: SettingReader): Promise<Cloud> {
  const metadataHost = setting("metadataHost");
  if (metadataHost) return cloudFromMetadata(metadataHost, setting.wayIn);
  return cloudFromName(setting("environment"), setting.wayIn);
}

/** The Azure CLI's own cloud; a configured one must agree with it, whatever either is called. */
async function cliCloud(setting: SettingReader, cli: () => Promise<CliAccount>, timeoutMs: number): Promise<Cloud> {
  const configured = setting("metadataHost") || setting("environment");
  const active = (await cli()).environmentName;
  const own = knownCloud(active) ?? (await showCliCloud(active, setting.wayIn, timeoutMs));
  if (!configured) return own;
  const cloud = await configuredCloud(setting);
  const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  if (isSame(cloud.authorityHost, own.authorityHost) && isSame(cloud.resourceManager, own.resourceManager))
    return cloud;
  throw new KeyError(twoClouds(setting.wayIn, cloud.name, active));
}

/** The Azure CLI takes a subscription or a tenant, and logs in to the tenant of the subscription. */
async function requireCliTenant(setting: SettingReader, cli: () => Promise<CliAccount>): Promise<void> {
  const configured = setting("tenantId");
  if (!configured || !setting("subscriptionId")) return;
  const { id, tenantId } = await cli();
  if (tenantId === undefined || tenantId.toLowerCase() === configured.toLowerCase()) return;
  throw new KeyError(twoTenants(setting.wayIn, shown(configured, /^[\w.-]+$/), id, tenantId));
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
