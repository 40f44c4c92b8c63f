import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/identity";
import { type Cloud, cloudFromMetadata, cloudFromName } from "./clouds";
import { KeyError } from "./keyError";

/** Reads one setting: a key of the stack's configuration wins when it is present, even when it is empty. */
export type SettingReader = (configKey: string, ...environmentNames: string[]) => string;

/**
 * The reader azure-native uses: stack configuration `azure-native:<key>` first, then the environment.
 *
 * @param config gives the value of a fully named configuration key, or `undefined` when the key is absent
 */
export function settingReader(
  config: (name: string) => string | undefined,
  environment: Record<string, string | undefined>,
): SettingReader {
  return (key, ...names) =>
    config(`azure-native:${key}`) ?? names.map((name) => environment[name]).find((value) => value) ?? "";
}

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
  if (setting("useDefaultAzureCredential", "ARM_USE_DEFAULT_AZURE_CREDENTIAL") === "true") {
    return "DefaultAzureCredential";
  }
  if (setting("clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH")) return "client certificate";
  if (setting("clientSecret", "ARM_CLIENT_SECRET")) return "client secret";
  if (setting("useOidc", "ARM_USE_OIDC") === "true") return "OIDC";
  if (setting("useMsi", "ARM_USE_MSI") === "true") return "managed identity";
  return "Azure CLI";
}

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
  if (!configured) return cloudFromName(active);
  const cloud = await configuredCloud(setting);
  if (cloud.name !== active) {
    throw new KeyError(
      `the configured Azure cloud "${cloud.name}" is not the one the Azure CLI is logged in to, "${active}". ` +
        `Run "az cloud set --name ${cloud.name}" and log in, or change azure-native:environment`,
    );
  }
  return cloud;
}

/** Each method is one case; a later release adds the missing ones here and nowhere else. */
async function createCredential(method: Method, setting: SettingReader, cloud: Cloud): Promise<TokenCredential> {
  const tenantId = setting("tenantId", "ARM_TENANT_ID");
  const clientId = setting("clientId", "ARM_CLIENT_ID");
  const subscriptionId = setting("subscriptionId", "ARM_SUBSCRIPTION_ID");
  switch (method) {
    case "client secret": {
      if (!subscriptionId) throw missing("subscriptionId", "ARM_SUBSCRIPTION_ID", method);
      if (!tenantId) throw missing("tenantId", "ARM_TENANT_ID", method);
      if (!clientId) throw missing("clientId", "ARM_CLIENT_ID", method);
      const { ClientSecretCredential } = identityLibrary();
      return new ClientSecretCredential(tenantId, clientId, setting("clientSecret", "ARM_CLIENT_SECRET"), {
        authorityHost: cloud.authorityHost,
        disableInstanceDiscovery: setting("disableInstanceDiscovery", "ARM_DISABLE_INSTANCE_DISCOVERY") === "true",
        additionallyAllowedTenants: auxiliaryTenants(setting),
        retryOptions: { maxRetries: 2, maxRetryDelayInMs: 2_000 },
      });
    }
    case "Azure CLI": {
      const { AzureCliCredential } = identityLibrary();
      return new AzureCliCredential({
        tenantId: tenantId || undefined,
        subscription: subscriptionId || undefined,
        additionallyAllowedTenants: auxiliaryTenants(setting),
        processTimeoutInMs: loginTimeoutMs,
      });
    }
    default:
      throw new KeyError(
        `login with ${method} is configured for azure-native, but this release of pulumi-cognitive-key-rotation does ` +
          "not support it yet: it logs in with a client secret or the Azure CLI. No other identity was tried instead",
      );
  }
}

/** Loaded for the first call. `import()` would load its ES modules, at twice the cost (docs/decisions/004-speed.md). */
function identityLibrary(): typeof import("@azure/identity") {
  return require("@azure/identity");
}

function auxiliaryTenants(setting: SettingReader): string[] {
  const text = setting("auxiliaryTenantIds", "ARM_AUXILIARY_TENANT_IDS");
  if (!text) return [];
  try {
    const tenants: unknown = JSON.parse(text);
    if (Array.isArray(tenants) && tenants.every((tenant) => typeof tenant === "string")) return tenants;
  } catch {
    // Reported below, like JSON of another shape.
  }
  throw new KeyError(`azure-native:auxiliaryTenantIds must be a JSON array of tenant ids, got "${text}"`);
}

function missing(key: string, environmentName: string, method: Method): KeyError {
  return new KeyError(
    `azure-native:${key} (or ${environmentName}) must be set to log in with ${method}, as for azure-native itself`,
  );
}

interface CliAccount {
  id: string;
  environmentName: string;
}

async function showCliAccount(subscriptionId: string): Promise<CliAccount> {
  const args = ["account", "show", "-o", "json", ...(subscriptionId ? ["--subscription", subscriptionId] : [])];
  try {
    const { stdout } = await promisify(execFile)("az", args, {
      timeout: loginTimeoutMs,
      shell: process.platform === "win32",
    });
    const account: CliAccount = JSON.parse(stdout);
    if (account.id && account.environmentName) return account;
    throw new Error("no subscription in the answer");
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    const reason = code === "ENOENT" ? "the Azure CLI is not installed or not on PATH" : stderr?.trim() || message;
    throw new KeyError(
      `no login is configured for azure-native, so the Azure CLI was asked ("az account show"): ${firstLine(reason)}. ` +
        'Run "az login", or set azure-native:clientId, clientSecret, tenantId and subscriptionId',
    );
  }
}

/** The login has a time limit of its own: with its retries the library's default exceeds the budget of a rotation. */
const loginTimeoutMs = 30_000;

/** Tokens are not used in their last two minutes, so that none expires between the check and the call. */
const expiryMarginMs = 120_000;

interface HeldToken {
  token: Promise<AccessToken>;
  /** Milliseconds since the epoch; absent while the token is being fetched. */
  expiresOn?: number;
}

/** One credential for the process: a token per scope and tenant, shared by all calls, also while it is being fetched. */
class SharedCredential implements TokenCredential {
  private readonly tokens = new Map<string, HeldToken>();

  constructor(
    private readonly inner: TokenCredential,
    private readonly method: Method,
  ) {}

  getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const key = JSON.stringify([[scopes].flat(), options.tenantId, options.claims]);
    const held = this.tokens.get(key);
    if (held !== undefined && (held.expiresOn ?? Number.POSITIVE_INFINITY) - Date.now() > expiryMarginMs) {
      return held.token;
    }
    const entry: HeldToken = { token: this.fetch(scopes, options) };
    this.tokens.set(key, entry);
    entry.token.then(
      (token) => {
        entry.expiresOn = token.expiresOnTimestamp;
      },
      () => this.tokens.delete(key),
    );
    return entry.token;
  }

  private async fetch(
    scopes: string | string[],
    { tenantId, claims, enableCae }: GetTokenOptions,
  ): Promise<AccessToken> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${loginTimeoutMs / 1000} s`)), loginTimeoutMs);
    });
    try {
      const token = await Promise.race([this.inner.getToken(scopes, { tenantId, claims, enableCae }), late]);
      if (token !== null) return token;
      throw new Error("no token was given");
    } catch (error) {
      throw loginFailure(this.method, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function loginFailure(method: Method, error: unknown): KeyError {
  if (error instanceof KeyError) return error;
  return new KeyError(
    `logging in to Azure with ${method}: ${firstLine((error as Error).message)}. Check the azure-native:* settings of ` +
      'the stack or the ARM_* variables; "pulumi refresh" and "pulumi destroy" use the settings stored by the last ' +
      '"pulumi up" unless they run with --run-program',
  );
}

/** Entra's message goes on with trace ids and a copy of the answer; its first line says what is wrong. */
function firstLine(message: string): string {
  const line = message.trim().split(/\r?\n/)[0].replace(/\.$/, "");
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
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
