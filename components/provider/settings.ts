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
  // Not one of azure-native's: so it comes last, and not from ARM_CLIENT_CERTIFICATE, which is there for other tools where
  // azure-native logs in with the Azure CLI.
  if (setting("clientCertificate")) return "client certificate";
  return "Azure CLI";
}

/** The refusal of a method that is configured only in part. */
export function missing(key: string, environmentName: string, method: Method): KeyError {
  return new KeyError(
    `azure-native:${key} (or ${environmentName}) must be set to log in with ${method}, as for azure-native itself`,
  );
}
