import { KeyError } from "../keyError";
import { missingSetting } from "../words/login";

/** Reads one setting: a key of the stack's configuration wins when it is present, even when it is empty. */
export type SettingReader = (configKey: string, ...environmentNames: string[]) => string;

/** What may begin or end with a blank of its own, and loses only the line break that `echo` puts behind it. */
const secrets = new Set(["clientSecret", "clientCertificatePassword"]);

/** azure-native takes these for on when they are exactly `true`. Trimmed, one could choose another identity than azure-native's. */
const switches = new Set(["useDefaultAzureCredential", "useOidc", "useMsi"]);

/**
 * The reader azure-native uses: stack configuration `azure-native:<key>` first, then the environment. A value is given
 * without the blanks and line breaks around it.
 *
 * @param config gives the value of a fully named configuration key, or `undefined` when the key is absent
 */
export function settingReader(
  config: (name: string) => string | undefined,
  environment: Record<string, string | undefined>,
): SettingReader {
  return (key, ...names) => {
    const value = config(`azure-native:${key}`) ?? names.map((name) => environment[name]).find((one) => one) ?? "";
    if (switches.has(key)) return value;
    if (secrets.has(key)) return value.replace(/[\r\n]+$/, "");
    // Blanks alone are something that is set, for azure-native too: another method must not take its place.
    return value.trim() || value;
  };
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
  return new KeyError(missingSetting(key, environmentName, method));
}
