import { KeyError } from "../keyError";
import type { KeyHosts } from "../rotation/acceptance";
import { answered, cloudReasons, noCloud, shown, type WayIn, wrongEnvironment, wrongMetadataHost } from "../words";
import { get, requestFailure } from "./httpGet";

/** Where a cloud's Resource Manager and login are. No URL ends in a slash. */
export interface Cloud extends KeyHosts {
  /** The name that `az account show` prints as `environmentName`. */
  name: string;
  resourceManager: string;
  authorityHost: string;
  /** The OAuth scope of Resource Manager. */
  scope: string;
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
export function cloudFromName(name: string, wayIn: WayIn): Cloud {
  const cloud = knownCloud(name.trim() || "public");
  if (cloud === undefined) {
    throw new KeyError(wrongEnvironment(wayIn, shown(name, /^[a-z -]{1,30}$/i), [...clouds.keys()]));
  }
  return cloud;
}

/** The cloud of a name that is not the setting of anybody. */
export function knownCloud(name: string): Cloud | undefined {
  return clouds.get(name.trim().toLowerCase());
}

/** Metadata has a time limit of its own: the library sets none. */
const metadataTimeoutMs = 10_000;

/**
 * The cloud described at `GET https://<host>/metadata/endpoints?api-version=2022-09-01`.
 *
 * @param setting host name with optional port, or an https URL
 * @param timeoutMs how long the whole answer may take, in milliseconds
 */
export async function cloudFromMetadata(setting: string, wayIn: WayIn, timeoutMs = metadataTimeoutMs): Promise<Cloud> {
  const { origin, host, pathname, protocol } = metadataUrl(setting, wayIn);
  const from = `${origin}${pathname.replace(/\/+$/, "")}/metadata/endpoints?api-version=2022-09-01`;
  const fail = (reason: string): KeyError => new KeyError(noCloud(wayIn, from, reason));
  if (protocol !== "https:") throw fail(cloudReasons.notSecure);
  try {
    const { status, body } = await get(from, { timeoutMs, retries: 2 });
    if (status !== 200) throw fail(answered(status));
    return { ...describedCloud(JSON.parse(body.replace(/^\uFEFF/, "")), host), metadataHost: host };
  } catch (error) {
    if (error instanceof KeyError) throw error;
    throw fail(error instanceof Misdescribed ? error.message : requestFailure(error, timeoutMs));
  }
}

/** A part of a cloud's description that is not what it should be. */
class Misdescribed extends Error {}

/** Only what is a host is printed: a password in it, or a secret that was set in its place, must not be. */
function metadataUrl(setting: string, wayIn: WayIn): URL {
  const text = setting.includes("://") ? setting : `https://${setting}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHost = /^([\w.-]+|\[[\da-f:.]+\])$/i.test(url?.hostname ?? "");
  if (url !== undefined && isHost && !/[@?#]/.test(text)) return url;
  throw new KeyError(wrongMetadataHost(wayIn));
}

/** @param otherwise the name of a cloud that does not say its own */
function describedCloud(metadata: Metadata | null, otherwise: string): Omit<Cloud, "metadataHost"> {
  const { resourceManager, authentication, name = otherwise } = metadata ?? {};
  const { loginEndpoint, audiences } = authentication ?? {};
  const audience: unknown = Array.isArray(audiences) ? audiences[0] : undefined;
  if (!resourceManager || !loginEndpoint || typeof audience !== "string" || !audience) {
    throw new Misdescribed(cloudReasons.incomplete);
  }
  if (typeof name !== "string") throw new Misdescribed(cloudReasons.nameless);
  return {
    name,
    resourceManager: httpsUrl(resourceManager, "resourceManager"),
    authorityHost: httpsUrl(loginEndpoint, "authentication.loginEndpoint"),
    scope: scopeOf(audience),
    dataPlaneHosts: knownCloud(name)?.dataPlaneHosts ?? [],
  };
}

interface Metadata {
  name?: unknown;
  resourceManager?: unknown;
  authentication?: { loginEndpoint?: unknown; audiences?: unknown } | null;
}

/**
 * A URL of a cloud's description, without a slash at its end.
 *
 * @param name of the property that holds it
 * @throws Error that names the property
 */
export function httpsUrl(value: unknown, name: string): string {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "https:" && !url.username && !url.password) return String(value).replace(/\/+$/, "");
  throw new Misdescribed(cloudReasons.noUrl(name));
}

/** The OAuth scope of an audience. */
export function scopeOf(audience: string): string {
  return `${audience.replace(/\/+$/, "")}/.default`;
}
