import { codeOf, message, withoutCode } from "./message";
import { asAzureNative, notRead, settingName, type WayIn } from "./wayIn";

/** @param meant the setting that the person may have meant @param names all settings */
export function unknownSetting(name: string, meant: string | undefined, names: readonly string[]): string {
  const hint = meant === undefined ? `The plugin has ${names.join(", ")}.` : `Did you mean ${meant}?`;
  return message("unknown-setting", `Setting unknown: ${name}.`, hint);
}

export function wrongBoolean(name: string): string {
  return message("boolean-setting", `Setting wrong: ${name} must be true or false.`, "It decides which login is used.");
}

export function missingSetting(wayIn: WayIn, name: string, variable: string, method: string): string {
  return message(
    "missing-setting",
    `Setting missing: ${settingName(wayIn, name)} (or ${variable}).`,
    `The login with ${method} needs it${asAzureNative(wayIn)}.`,
    notRead(wayIn),
  );
}

export function wrongSubscriptionId(wayIn: WayIn): string {
  const name = settingName(wayIn, "subscriptionId");
  return message(
    "subscription-id",
    `Setting wrong: ${name} (or ARM_SUBSCRIPTION_ID) must be the GUID of a subscription.`,
  );
}

export function wrongClientId(wayIn: WayIn): string {
  const name = settingName(wayIn, "clientId");
  return message("client-id", `Setting wrong: ${name} (or ARM_CLIENT_ID) must be the GUID of an application.`);
}

export function wrongMetadataHost(wayIn: WayIn): string {
  return message(
    "metadata-host",
    `Setting wrong: ${settingName(wayIn, "metadataHost")} (or ARM_METADATA_HOSTNAME) must be a host name, with a port if ` +
      "it needs one. User, password and query are not allowed.",
  );
}

/** @param got the value, as it may be shown */
export function wrongEnvironment(wayIn: WayIn, got: string, names: readonly string[]): string {
  return message(
    "environment",
    `Setting wrong: ${settingName(wayIn, "environment")} must be one of ${names.join(", ")}, got "${got}".`,
    `For any other cloud set ${settingName(wayIn, "metadataHost")}.`,
  );
}

/** @param got the value, as it may be shown */
export function wrongAuxiliaryTenants(wayIn: WayIn, got: string): string {
  return message(
    "auxiliary-tenants",
    `Setting wrong: ${settingName(wayIn, "auxiliaryTenantIds")} must be a JSON array of tenant ids, got "${got}".`,
  );
}

export function missingOidcToken(wayIn: WayIn): string {
  return message(
    "oidc-token",
    "Setting missing: a token for the login with OIDC.",
    'In GitHub Actions give the job the permission "id-token: write".',
    `Elsewhere set ${settingName(wayIn, "oidcToken")} (or ARM_OIDC_TOKEN), ${another(wayIn, "oidcTokenFilePath")} (or ` +
      `ARM_OIDC_TOKEN_FILE_PATH), or both ${another(wayIn, "oidcRequestUrl")} and ${another(wayIn, "oidcRequestToken")} ` +
      `(or ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN)${asAzureNative(wayIn)}.`,
    notRead(wayIn),
  );
}

export function twoIdentities(wayIn: WayIn): string {
  return message(
    "two-identities",
    "Two identities: the pod's and the machine's.",
    `${settingName(wayIn, "useMsi")} (or ARM_USE_MSI) asks for the machine's identity, but AZURE_FEDERATED_TOKEN_FILE, ` +
      "AZURE_TENANT_ID and AZURE_CLIENT_ID are set, as in a pod with a workload identity.",
    `For the pod's identity, set ${settingName(wayIn, "useOidc")}, ${another(wayIn, "oidcTokenFilePath")}, ` +
      `${another(wayIn, "clientId")} and ${another(wayIn, "tenantId")} instead of ${another(wayIn, "useMsi")}. For the ` +
      "machine's, unset those variables.",
  );
}

/** One more setting, where the provider was named with the first. */
function another({ namespace, provider }: WayIn, setting: string): string {
  return provider === undefined ? `${namespace}:${setting}` : setting;
}

/** Nothing is configured, and the Azure CLI gave no subscription either. */
export function noCliLogin(wayIn: WayIn, reason: string, { late, named }: { late: boolean; named: boolean }): string {
  const other = named ? `, or correct ${settingName(wayIn, "subscriptionId")}` : "";
  const settings =
    wayIn.provider === undefined
      ? `${["clientId", "tenantId", "subscriptionId"].map((one) => settingName(wayIn, one)).join(", ")} with ` +
        `"pulumi config set", and ${settingName(wayIn, "clientSecret")} with --secret`
      : settingName(wayIn, "clientId, clientSecret (a secret), tenantId and subscriptionId");
  return message(
    "azure-cli",
    `Not logged in: no login is configured, and the Azure CLI gave none (${reason}).`,
    late ? 'Run "az account show" to see what it waits for.' : `Run "az login"${other}.`,
    "In a pipeline set ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_TENANT_ID and ARM_SUBSCRIPTION_ID.",
    `Or set ${settings}.`,
    notRead(wayIn),
  );
}

/** The Azure CLI did not describe the cloud that it is logged in to. */
export function noCliCloud(wayIn: WayIn, reason: string, name: string): string {
  return message(
    "azure-cli-cloud",
    `Azure CLI failed: ${reason}.`,
    `It is logged in to the cloud "${name}", and "az cloud show" does not describe that cloud. Set ` +
      `${settingName(wayIn, "metadataHost")} (or ARM_METADATA_HOSTNAME) to the cloud's metadata host.`,
  );
}

/** Why the Azure CLI gave nothing that can be used. */
export const cliReasons = {
  notInstalled: "it is not installed, or not on PATH",
  noSubscription: "its answer has no subscription",
  noEndpoints: "its answer has no endpoints",
  argument: 'its argument may hold only letters, digits, blanks, ".", "_" and "-"',
} as const;

export function twoClouds(wayIn: WayIn, configured: string, active: string): string {
  return message(
    "two-clouds",
    `Two clouds: "${configured}" is configured, and the Azure CLI is logged in to "${active}".`,
    `Run "az cloud set --name ${configured}" and log in again, or change ${settingName(wayIn, "environment")}.`,
  );
}

/** @param configured the tenant, as it may be shown */
export function twoTenants(wayIn: WayIn, configured: string, subscriptionId: string, tenantId: string): string {
  return message(
    "two-tenants",
    `Two tenants: ${configured} is configured.`,
    `The Azure CLI has subscription ${subscriptionId} in tenant ${tenantId}. Run "az login --tenant ${configured}", or ` +
      `change ${settingName(wayIn, "tenantId")}.`,
  );
}

/** The description of a cloud could not be read. */
export function noCloud(wayIn: WayIn, url: string, reason: string): string {
  return message(
    "cloud-metadata",
    `Cloud not read: ${reason}.`,
    `Its description should be at ${url}: check ${settingName(wayIn, "metadataHost")} (or ARM_METADATA_HOSTNAME).`,
  );
}

/** What is wrong with the description of a cloud. */
export const cloudReasons = {
  notSecure: "the host must be reached over https",
  incomplete: "the answer lacks resourceManager, authentication.loginEndpoint or authentication.audiences",
  nameless: "its name is not text",
  noUrl: (property: string): string => `its ${property} is not an https URL`,
} as const;

/** @param reason if it has a code of its own, that code is used */
export function loginFailed(wayIn: WayIn, method: string, reason: string): string {
  const [place, stored] =
    wayIn.provider === undefined
      ? [`${wayIn.namespace}:* in the stack's configuration`, "settings"]
      : [`the arguments of ${wayIn.provider}`, "arguments"];
  return message(
    codeOf(reason) ?? "login-failed",
    `Login failed: ${withoutCode(reason)}.`,
    `The login was tried with ${method}. Check ${place}, or the ARM_* variables.`,
    notRead(wayIn),
    `"pulumi up --refresh", "pulumi refresh" and "pulumi destroy" use the ${stored} of the last "pulumi up": add ` +
      "--run-program to use the present ones.",
  );
}

export const noToken = "no token was given";

export function loginHostAnswered(status: number): string {
  return message("login-host", `the login host answered ${status}${status === 200 ? " without a token" : ""}`);
}

export const unknownTenant = message(
  "unknown-tenant",
  "the login host does not know the tenant, or does not answer (endpoints_resolution_error)",
);

const certificate = (text: string): string => message("client-certificate", text);

/** What is wrong with a client certificate. */
export const certificateReasons = {
  unreadable: certificate("the client certificate is neither PEM nor PKCS #12 (.pfx) with an RSA key"),
  withoutKey: certificate("the client certificate has no private key"),
  withoutCertificate: certificate("the client certificate file has no certificate for its private key"),
  needsPassword: certificate("the client certificate needs clientCertificatePassword"),
  wrongPassword: certificate("clientCertificatePassword does not open the client certificate"),
  passwordNotAscii: certificate("clientCertificatePassword must be printable ASCII"),
} as const;

/** @param setting names the file; the path is left out, as it may be the secret itself */
export function unreadableFile(setting: string, errorCode: string | undefined): string {
  const code = setting === "clientCertificatePath" ? "client-certificate" : "token-file";
  return message(code, `the file that ${setting} names cannot be read (${errorCode})`);
}

export const identityTokenUrl = message("identity-token", "oidcRequestUrl is not a URL");

export function noIdentityToken(host: string, reason: string): string {
  return message("identity-token", `no identity token: ${reason} (${host})`);
}

/** Why a job was given no identity token. */
export const identityTokenReasons = {
  notSecure: "oidcRequestUrl must begin with https://",
  empty: "the answer has none",
} as const;
