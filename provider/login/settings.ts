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
