import { codeOf, message, withoutCode } from "./message";
import { asAzureNative, notRead, settingName, type WayIn } from "./wayIn";

/** @param names all that there are */
export function unknownSetting(name: string, names: readonly string[]): string {
  return message("unknown-setting", `Setting unknown: ${name}.`, `This provider takes ${names.join(", ")}.`);
}

export function wrongBoolean(name: string): string {
  return message(
    "boolean-setting",
    `Setting wrong: ${name} must be true or false.`,
    "With another value nobody could say which login is meant.",
  );
}

export function missingSetting(wayIn: WayIn, name: string, variable: string, method: string): string {
  return message(
    "missing-setting",
    `Setting missing: ${settingName(wayIn, name)} (or ${variable}).`,
    `It must be set to log in with ${method}${asAzureNative(wayIn)}.`,
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
    `Setting wrong: ${settingName(wayIn, "metadataHost")} (or ARM_METADATA_HOSTNAME) must be the name of a host, with a ` +
      "port where it needs one, and without user, password or query.",
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
    `Setting missing: a token to log in with OIDC${asAzureNative(wayIn)}.`,
    `Set ${settingName(wayIn, "oidcToken")} (or ARM_OIDC_TOKEN), oidcTokenFilePath (or ARM_OIDC_TOKEN_FILE_PATH), or ` +
      "oidcRequestUrl and oidcRequestToken (or ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN). A job of " +
      'GitHub Actions has the last two once it has the permission "id-token: write".',
    notRead(wayIn),
  );
}

export function twoIdentities(wayIn: WayIn): string {
  return message(
    "two-identities",
    `Setting unclear: ${settingName(wayIn, "useMsi")} (or ARM_USE_MSI) in a pod with a workload identity.`,
    "AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID and AZURE_CLIENT_ID are set, so it is not certain which of the two " +
      `identities is meant. For the pod's, set ${settingName(wayIn, "useOidc")} with oidcTokenFilePath, clientId and ` +
      "tenantId in its place. For the machine's, unset those variables.",
  );
}

/** What the Azure CLI did not give, asked for its subscription. */
export function noCliLogin(wayIn: WayIn, reason: string, { late, named }: { late: boolean; named: boolean }): string {
  const other = named ? `, correct ${settingName(wayIn, "subscriptionId")}` : "";
  const remedy = late ? 'Run "az account show" by hand to see what it waits for' : `Run "az login"${other}`;
  return message(
    "azure-cli",
    `Azure CLI failed: ${reason}.`,
    `No login is configured for ${wayIn.provider ?? wayIn.namespace}, so the Azure CLI was asked ("az account show").`,
    `${remedy}, or set ${settingName(wayIn, "clientId, clientSecret, tenantId and subscriptionId")}.`,
    notRead(wayIn),
  );
}

/** What the Azure CLI did not give, asked for the cloud that it is logged in to. */
export function noCliCloud(wayIn: WayIn, reason: string, name: string): string {
  return message(
    "azure-cli-cloud",
    `Azure CLI failed: ${reason}.`,
    `It was asked about the cloud "${name}" that it is logged in to ("az cloud show"). Set ` +
      `${settingName(wayIn, "metadataHost")} (or ARM_METADATA_HOSTNAME) to the host that describes it.`,
  );
}

/** Why the Azure CLI gave nothing that could be used. */
export const cliReasons = {
  notInstalled: "the Azure CLI is not installed or not on PATH",
  noSubscription: "no subscription in the answer",
  noEndpoints: "the answer is without its endpoints",
  argument: 'its argument may only have letters, digits, blanks, ".", "_" and "-"',
} as const;

export function twoClouds(wayIn: WayIn, configured: string, active: string): string {
  return message(
    "two-clouds",
    `Two clouds: "${configured}" is configured, and the Azure CLI is logged in to "${active}".`,
    `Run "az cloud set --name ${configured}" and log in, or change ${settingName(wayIn, "environment")}.`,
  );
}

/** @param configured the tenant, as it may be shown */
export function twoTenants(wayIn: WayIn, configured: string, subscriptionId: string, tenantId: string): string {
  return message(
    "two-tenants",
    `Two tenants: ${configured} is configured.`,
    `The Azure CLI has subscription ${subscriptionId} in another one, ${tenantId}. Run "az login --tenant ${configured}", or ` +
      `change ${settingName(wayIn, "tenantId")}.`,
  );
}

/** The failure to read what describes a cloud. */
export function noCloud(wayIn: WayIn, url: string, reason: string): string {
  return message(
    "cloud-metadata",
    `Cloud not read: ${reason}.`,
    `Its endpoints are described at ${url} (${settingName(wayIn, "metadataHost")} or ARM_METADATA_HOSTNAME).`,
  );
}

/** What is wrong with the description of a cloud. */
export const cloudReasons = {
  notSecure: "the host must be reached over https",
  incomplete: "the answer lacks resourceManager, authentication.loginEndpoint or authentication.audiences",
  nameless: "its name is no text",
  noUrl: (property: string): string => `its ${property} is no https URL`,
} as const;

/** @param reason may have a code of its own, which is the better one */
export function loginFailed(wayIn: WayIn, method: string, reason: string): string {
  const [place, stored] =
    wayIn.provider === undefined
      ? [`the ${wayIn.namespace}:* settings of the stack`, "settings"]
      : [`the arguments of ${wayIn.provider}`, "arguments"];
  return message(
    codeOf(reason) ?? "login-failed",
    `Login failed: ${withoutCode(reason)}.`,
    `It was tried with ${method}. Check ${place} or the ARM_* variables.`,
    notRead(wayIn),
    `"pulumi up --refresh", "pulumi refresh" and "pulumi destroy" use the ${stored} stored by the last "pulumi up", unless ` +
      "they run with --run-program.",
  );
}

export const noToken = "no token was given";

export function loginHostAnswered(status: number): string {
  return message("login-host", `the login host answered ${status}${status === 200 ? " without a token" : ""}`);
}

export const unknownTenant = message(
  "unknown-tenant",
  "the cloud does not know the tenant, or cannot be reached (endpoints_resolution_error)",
);

const certificate = (text: string): string => message("client-certificate", text);

/** What is wrong with a client certificate. */
export const certificateReasons = {
  unreadable: certificate("the client certificate is neither PEM nor PKCS #12 (.pfx) with an RSA key"),
  withoutKey: certificate("the client certificate is without a private key"),
  withoutCertificate: certificate("the client certificate is without a certificate for its private key"),
  needsPassword: certificate("the client certificate needs clientCertificatePassword"),
  wrongPassword: certificate("clientCertificatePassword does not open the client certificate"),
  passwordNotAscii: certificate("clientCertificatePassword must be of printable ASCII"),
} as const;

/** @param setting names the file; the path is left out, as it may be the secret itself */
export function unreadableFile(setting: string, errorCode: string | undefined): string {
  const code = setting === "clientCertificatePath" ? "client-certificate" : "token-file";
  return message(code, `the file that ${setting} names cannot be read (${errorCode})`);
}

export const identityTokenUrl = message("identity-token", "oidcRequestUrl is no URL");

export function noIdentityToken(host: string, reason: string): string {
  return message("identity-token", `no identity token: ${reason} (${host})`);
}

/** Why a job was given no identity token. */
export const identityTokenReasons = {
  notSecure: "it must be asked over https",
  empty: "the answer is without one",
} as const;
