import { readFile } from "node:fs/promises";
import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import type { Cloud } from "../azure/clouds";
import { KeyError } from "../keyError";
import {
  missingOidcToken,
  missingSetting,
  shown,
  twoIdentities,
  unreadableFile,
  type WayIn,
  wrongAuxiliaryTenants,
  wrongClientId,
} from "../words";
import { certificatePem } from "./certificate";
import { requestFederatedToken } from "./federatedToken";
import { loginSettings } from "./loginSettings";
import type { SettingReader } from "./settings";

/** The authentication methods, in the order in which azure-native tries whether they are configured. */
export type Method =
  | "DefaultAzureCredential"
  | "client certificate"
  | "client secret"
  | "OIDC"
  | "managed identity"
  | "Azure CLI";

/** The first configured method. There is no fall-through: another identity could rotate keys in the wrong tenant. */
export function chooseMethod(setting: SettingReader): Method {
  if (setting("useDefaultAzureCredential") === "true") {
    return "DefaultAzureCredential";
  }
  if (setting("clientCertificatePath")) return "client certificate";
  if (setting("clientSecret")) return "client secret";
  if (setting("useOidc") === "true") return "OIDC";
  if (setting("useMsi") === "true") return "managed identity";
  // Not one of azure-native's: so it comes last.
  if (setting("clientCertificate")) return "client certificate";
  return "Azure CLI";
}

type RequiredName = "clientId" | "tenantId" | "subscriptionId";

/** The refusal of a method that is configured only in part. */
export function missing({ wayIn }: SettingReader, name: RequiredName, method: Method): KeyError {
  return new KeyError(missingSetting(wayIn, name, loginSettings[name].variables[0], method));
}

/** Where a login goes, and how. */
export interface LoginOptions extends Pick<Cloud, "authorityHost"> {
  timeoutMs: number;
  /** Sees each request to the login host. */
  policy: PipelinePolicy;
}

/** The credential of a method, or azure-native's own refusal of one that is configured only in part. */
export async function createCredential(
  method: Method,
  setting: SettingReader,
  { authorityHost, timeoutMs, policy }: LoginOptions,
): Promise<TokenCredential> {
  const required = (name: RequiredName): string => {
    const value = setting(name);
    if (!value) throw missing(setting, name, method);
    return value;
  };
  const tenantId = setting("tenantId") || undefined;
  const clientId = setting("clientId") || undefined;
  // A client secret that was set in its place: Entra quotes an id that it does not know, and would print it.
  if (clientId !== undefined && !/^[\w.-]+$/.test(clientId)) {
    throw new KeyError(wrongClientId(setting.wayIn));
  }
  const additionallyAllowedTenants = auxiliaryTenants(setting);
  // The library would send the client's secret once more to wherever the login host points.
  const redirectOptions = { maxRetries: 0 };
  const options = {
    authorityHost,
    disableInstanceDiscovery: setting("disableInstanceDiscovery") === "true",
    additionallyAllowedTenants,
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 2_000 },
    redirectOptions,
    additionalPolicies: [{ policy, position: "perRetry" as const }],
  };
  const identity = identityLibrary();
  // The Azure CLI knows a subscription of its own.
  if (method !== "Azure CLI") required("subscriptionId");
  const principal = (): [tenantId: string, clientId: string] => [required("tenantId"), required("clientId")];
  switch (method) {
    case "DefaultAzureCredential":
      return new identity.DefaultAzureCredential({ ...options, tenantId });
    case "client certificate": {
      const [tenant, client] = principal();
      return new identity.ClientCertificateCredential(
        tenant,
        client,
        { certificate: await certificate(setting) },
        options,
      );
    }
    case "client secret":
      return new identity.ClientSecretCredential(...principal(), setting("clientSecret"), options);
    case "OIDC":
      return new identity.ClientAssertionCredential(...principal(), federatedToken(setting), options);
    case "managed identity":
      requireMachine(clientId, setting.wayIn);
      // Its own retries outlast an identity that is just being assigned.
      return new identity.ManagedIdentityCredential({ ...(clientId && { clientId }), redirectOptions });
    case "Azure CLI": {
      const subscription = setting("subscriptionId");
      return new identity.AzureCliCredential({
        // It refuses both; a subscription implies its tenant.
        ...(subscription ? { subscription } : { tenantId }),
        additionallyAllowedTenants,
        // It takes a CLI that it has ended for one that printed nonsense, so the time limit of all logins must come first.
        processTimeoutInMs: timeoutMs + 1_000,
      });
    }
  }
}

/**
 * The library takes a pod's federated identity for a managed one, and logs in as that; azure-native asks the machine.
 */
function requireMachine(clientId: string | undefined, wayIn: WayIn): void {
  const { AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID, AZURE_CLIENT_ID } = process.env;
  if (!AZURE_FEDERATED_TOKEN_FILE || !AZURE_TENANT_ID || !(clientId ?? AZURE_CLIENT_ID)) return;
  throw new KeyError(twoIdentities(wayIn));
}

/** Loaded for the first call. `import()` would load its ES modules, at twice the cost (docs/decisions/004-speed.md). */
function identityLibrary(): typeof import("@azure/identity") {
  return require("@azure/identity");
}

/** The certificate and its private key as PEM text. */
async function certificate(setting: SettingReader): Promise<string> {
  const password = setting("clientCertificatePassword");
  const path = setting("clientCertificatePath");
  if (!path) return certificatePem(Buffer.from(setting("clientCertificate"), "base64"), password);
  return certificatePem(await contentOf(path, "clientCertificatePath"), password);
}

/** Where the token comes from that Entra exchanges; asked again for every login, as such a token lives for minutes. */
function federatedToken(setting: SettingReader): () => Promise<string> {
  const token = setting("oidcToken");
  if (token) return async () => token;
  const path = setting("oidcTokenFilePath");
  if (path) return async () => (await contentOf(path, "oidcTokenFilePath")).toString("utf8").trim();
  const url = setting("oidcRequestUrl");
  const requestToken = setting("oidcRequestToken");
  const audience = setting("oidcAudience") || "api://AzureADTokenExchange";
  if (url && requestToken) return () => requestFederatedToken(url, requestToken, audience);
  throw new KeyError(missingOidcToken(setting.wayIn));
}

/** @param setting the one that names the file */
async function contentOf(path: string, setting: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(unreadableFile(setting, (error as { code?: string }).code));
  }
}

function auxiliaryTenants(setting: SettingReader): string[] {
  const text = setting("auxiliaryTenantIds");
  if (!text) return [];
  try {
    const tenants: unknown = JSON.parse(text);
    if (Array.isArray(tenants) && tenants.every((tenant) => typeof tenant === "string")) return tenants;
  } catch {
    // Reported below, like JSON of another shape.
  }
  throw new KeyError(wrongAuxiliaryTenants(setting.wayIn, shown(text, /^[\s\w."',[\]-]*$/)));
}
