import { get, requestFailure } from "./httpGet";
import { KeyError } from "./keyError";

/** Where a cloud's Resource Manager and login are. No URL ends in a slash. */
export interface Cloud {
  /** The name that `az account show` prints as `environmentName`. */
  name: string;
  resourceManager: string;
  authorityHost: string;
  /** The OAuth scope of Resource Manager. */
  scope: string;
  /** The domains below which accounts' own endpoints are. */
  dataPlaneHosts: readonly string[];
  /** The host that described this cloud, with its port: an emulator serves accounts there too. */
  metadataHost?: string;
}

const publicCloud: Cloud = {
  name: "AzureCloud",
  resourceManager: "https://management.azure.com",
  authorityHost: "https://login.microsoftonline.com",
  scope: "https://management.azure.com/.default",
  dataPlaneHosts: [
    "cognitiveservices.azure.com",
    "openai.azure.com",
    "services.ai.azure.com",
    "api.cognitive.microsoft.com",
  ],
};
const usGovernment: Cloud = {
  name: "AzureUSGovernment",
  resourceManager: "https://management.usgovcloudapi.net",
  authorityHost: "https://login.microsoftonline.us",
  scope: "https://management.usgovcloudapi.net/.default",
  dataPlaneHosts: [
    "cognitiveservices.azure.us",
    "openai.azure.us",
    "services.ai.azure.us",
    "api.cognitive.microsoft.us",
  ],
};
const china: Cloud = {
  name: "AzureChinaCloud",
  resourceManager: "https://management.chinacloudapi.cn",
  authorityHost: "https://login.chinacloudapi.cn",
  scope: "https://management.chinacloudapi.cn/.default",
  dataPlaneHosts: ["cognitiveservices.azure.cn", "openai.azure.cn", "services.ai.azure.cn", "api.cognitive.azure.cn"],
};

/** The names azure-native takes for each cloud, in lower case. */
const clouds = new Map<string, Cloud>([
  ["public", publicCloud],
  ["azurecloud", publicCloud],
  ["usgovernment", usGovernment],
  ["usgov", usGovernment],
  ["azureusgovernment", usGovernment],
  ["azureusgovernmentcloud", usGovernment],
  ["usgovernmentl4", usGovernment],
  ["china", china],
  ["azurechinacloud", china],
]);

/** The cloud of that name; an unknown name is refused, where azure-native would silently take the public cloud. */
export function cloudFromName(name: string): Cloud {
  const cloud = clouds.get(name.trim().toLowerCase() || "public");
  if (cloud === undefined) {
    throw new KeyError(
      `azure-native:environment must be one of ${[...clouds.keys()].join(", ")}, got "${name}". ` +
        "For any other cloud set azure-native:metadataHost",
    );
  }
  return cloud;
}

/** Whether {@link cloudFromName} takes the name. */
export function isCloudName(name: string): boolean {
  return clouds.has(name.trim().toLowerCase());
}

/** Metadata has a time limit of its own: the library sets none. */
const metadataTimeoutMs = 10_000;

/**
 * The cloud described at `GET https://<host>/metadata/endpoints?api-version=2022-09-01`.
 *
 * @param host host name with optional port, or an https URL
 * @param timeoutMs how long the whole answer may take, in milliseconds
 */
export async function cloudFromMetadata(host: string, timeoutMs = metadataTimeoutMs): Promise<Cloud> {
  const url = `${host.includes("://") ? host : `https://${host}`}`.replace(/\/+$/, "");
  const from = `${url}/metadata/endpoints?api-version=2022-09-01`;
  const fail = (reason: string): KeyError =>
    new KeyError(
      `reading the cloud's endpoints from ${from} (azure-native:metadataHost or ARM_METADATA_HOSTNAME): ${reason}`,
    );
  if (!url.startsWith("https://")) throw fail("the host must be reached over https");
  let body: Metadata;
  try {
    const { status, body: text } = await get(from, { timeoutMs });
    if (status !== 200) throw fail(`answered ${status}`);
    body = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw error instanceof KeyError ? error : fail(requestFailure(error, timeoutMs));
  }
  const { resourceManager, authentication, name } = body ?? {};
  const audience = authentication?.audiences?.[0];
  const loginEndpoint = authentication?.loginEndpoint;
  if (typeof resourceManager !== "string" || typeof loginEndpoint !== "string" || typeof audience !== "string") {
    throw fail("the answer lacks resourceManager, authentication.loginEndpoint or authentication.audiences");
  }
  return {
    name: name ?? "",
    resourceManager: resourceManager.replace(/\/+$/, ""),
    authorityHost: loginEndpoint.replace(/\/+$/, ""),
    scope: `${audience.replace(/\/+$/, "")}/.default`,
    dataPlaneHosts: clouds.get(name?.toLowerCase() ?? "")?.dataPlaneHosts ?? [],
    metadataHost: new URL(url).host,
  };
}

interface Metadata {
  name?: string;
  resourceManager?: unknown;
  authentication?: { loginEndpoint?: unknown; audiences?: unknown[] };
}
