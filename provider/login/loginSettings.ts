/** How a setting of the login is given, and what may be left out of its value. */
interface LoginSetting {
  /** In the environment, in the order in which they count. */
  variables: readonly string[];
  /** @default text */
  type?: "boolean" | "list";
  secret?: true;
  /** What is taken off around the value. @default every blank and line break */
  trimmed?: "lineBreaks" | "nothing";
}

/**
 * Every setting that the login reads, with the names of azure-native. Both ways in are configured by these. The comments
 * are the descriptions in the schema of the plugin.
 */
export const loginSettings = {
  /** The id of the application, or of the user-assigned managed identity, that logs in. */
  clientId: { variables: ["ARM_CLIENT_ID"], secret: true },
  /** The client secret of the application. */
  // It may begin or end with a blank of its own.
  clientSecret: { variables: ["ARM_CLIENT_SECRET"], secret: true, trimmed: "lineBreaks" },
  /** The client certificate of the application with its private key (PEM or PKCS #12), in base64. */
  // Not one of azure-native's. ARM_CLIENT_CERTIFICATE is there for other tools, where azure-native logs in with the Azure CLI.
  clientCertificate: { variables: [], secret: true },
  /** The path of a file with the client certificate of the application and its private key (PEM or PKCS #12). */
  clientCertificatePath: { variables: ["ARM_CLIENT_CERTIFICATE_PATH"] },
  /** The password of the client certificate. */
  clientCertificatePassword: {
    variables: ["ARM_CLIENT_CERTIFICATE_PASSWORD"],
    secret: true,
    trimmed: "lineBreaks",
  },
  /** The id of the tenant to log in to. */
  tenantId: { variables: ["ARM_TENANT_ID"] },
  /** The id (GUID) of the subscription, for resources that name none. */
  subscriptionId: { variables: ["ARM_SUBSCRIPTION_ID"] },
  /** The cloud: `public` (the default), `usgovernment` or `china`. */
  environment: { variables: ["ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"] },
  /** The host that describes any other cloud. */
  metadataHost: { variables: ["ARM_METADATA_HOSTNAME"] },
  /** Whether to trust a login host that Entra does not know, as in a private cloud. */
  disableInstanceDiscovery: { variables: ["ARM_DISABLE_INSTANCE_DISCOVERY"], type: "boolean" },
  /** The ids of more tenants from which the login may get tokens. */
  auxiliaryTenantIds: { variables: ["ARM_AUXILIARY_TENANT_IDS"], type: "list" },
  // azure-native takes the next three for on when they are exactly `true`. Trimmed, one could choose another identity.
  /** Whether to log in with the default credential of the Azure SDK. */
  useDefaultAzureCredential: {
    variables: ["ARM_USE_DEFAULT_AZURE_CREDENTIAL"],
    type: "boolean",
    trimmed: "nothing",
  },
  /** Whether to log in with a managed identity. */
  useMsi: { variables: ["ARM_USE_MSI"], type: "boolean", trimmed: "nothing" },
  /** Whether to log in with OIDC, as in GitHub Actions. */
  useOidc: { variables: ["ARM_USE_OIDC"], type: "boolean", trimmed: "nothing" },
  /** The OIDC token that Entra exchanges. */
  oidcToken: { variables: ["ARM_OIDC_TOKEN"], secret: true },
  /** The path of a file with the OIDC token that Entra exchanges. */
  oidcTokenFilePath: { variables: ["ARM_OIDC_TOKEN_FILE_PATH"] },
  /** The URL from which a job gets its OIDC token. */
  oidcRequestUrl: { variables: ["ACTIONS_ID_TOKEN_REQUEST_URL"] },
  /** The token that a job shows to get its OIDC token. */
  oidcRequestToken: { variables: ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"], secret: true },
  /** The audience of the job's OIDC token: `api://AzureADTokenExchange` by default. */
  oidcAudience: { variables: ["ARM_OIDC_AUDIENCE"] },
} as const satisfies Record<string, LoginSetting>;

export type LoginSettingName = keyof typeof loginSettings;
