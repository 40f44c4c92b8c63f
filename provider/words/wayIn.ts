/** Where a person configures the login. */
export interface WayIn {
  /** Of the settings in the stack's configuration. */
  namespace: "azure-native" | "cognitive-key-rotation";
  /** An explicit provider as a person names it, such as `provider "usgov"`: the settings are its arguments. */
  provider?: string;
  /** Whether none of its settings is set. */
  isUnused?: boolean;
}

/** @param settings one or more, as in "tenantId and clientId" */
export function settingName({ namespace, provider }: WayIn, settings: string): string {
  return provider === undefined ? `${namespace}:${settings}` : `${settings} of ${provider}`;
}

/** Said where azure-native needs the same. */
export function asAzureNative({ namespace }: WayIn): string {
  return namespace === "azure-native" ? ", as in azure-native" : "";
}

/** Said where a login lacks something and no setting of its own is set: perhaps azure-native has it. */
export function notRead({ namespace, provider, isUnused }: WayIn): string | undefined {
  if (namespace === "azure-native" || !isUnused) return undefined;
  return provider === undefined
    ? "The plugin does not read azure-native:*."
    : `An explicit provider does not read azure-native:* or ${namespace}:*.`;
}
