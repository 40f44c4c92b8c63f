import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { KeyError } from "./keyError";
import { untilAborted } from "./untilAborted";

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
    const { status, bodyAsText } = await get(from, timeoutMs);
    if (status !== 200) throw fail(`answered ${status}`);
    body = JSON.parse((bodyAsText ?? "").replace(/^\uFEFF/, ""));
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

/** Through what the Azure SDK uses for its own calls, which is needed next anyway and knows of proxies; sent once. */
function get(url: string, timeoutMs: number): Promise<PipelineResponse> {
  const { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } =
    require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 }, redirectOptions: { maxRetries: 0 } });
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const request = createPipelineRequest({ url, abortSignal });
  return untilAborted(pipeline.sendRequest(createDefaultHttpClient(), request), abortSignal);
}

function requestFailure(error: unknown, timeoutMs: number): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === "AbortError") return `no answer within ${timeoutMs / 1000} s`;
  if (name === "SyntaxError") return "the answer is not JSON";
  return explainNetworkCode(code ?? name ?? "unknown");
}

/** The code of what `fetch` throws, which it hides in the cause. */
export function networkCode(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return name === "TimeoutError" ? "ETIMEDOUT" : (cause?.code ?? name ?? "unknown");
}

/** What a network error code of Node or OpenSSL means to a person, and for certificates what to do. */
export function explainNetworkCode(code: string): string {
  if (isCertificateCode(code)) {
    return `the server's certificate is not trusted (${code}); if a proxy or a private cloud signs with a CA of its own, name that CA's file in NODE_EXTRA_CA_CERTS`;
  }
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN" || code.endsWith("UNREACH")) {
    return `the server cannot be reached (${code}); check the network, the proxy and the cloud's settings`;
  }
  return code === "ETIMEDOUT" ? "no answer in time (ETIMEDOUT)" : `the connection failed (${code})`;
}

/**
 * Whether the server's certificate was refused, so that no request was sent. Other errors of TLS (`ERR_SSL_*`, `EPROTO`)
 * can also end a connection on which the request was already under way.
 */
export function isCertificateCode(code: string): boolean {
  return !code.startsWith("ERR_SSL") && /CERT|SELF_SIGNED|UNABLE_TO_/.test(code);
}
