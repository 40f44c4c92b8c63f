import { explainNetworkCode } from "./networkError";
import { untilAborted } from "./untilAborted";

export interface GetOptions {
  /** How long the whole answer may take, in milliseconds, with all its retries. */
  timeoutMs: number;
  headers?: Record<string, string>;
  /** How often it is sent again when the server is busy. @default 0 */
  retries?: number;
}

/**
 * One GET, through what the Azure SDK uses for its own calls: that is needed next anyway, and knows of proxies. No
 * redirect is followed.
 */
export async function get(
  url: string,
  { timeoutMs, headers, retries = 0 }: GetOptions,
): Promise<{ status: number; body: string }> {
  const { createDefaultHttpClient, createHttpHeaders, createPipelineFromOptions, createPipelineRequest } =
    require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  const pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: retries },
    redirectOptions: { maxRetries: 0 },
  });
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const request = createPipelineRequest({ url, abortSignal, headers: createHttpHeaders(headers) });
  const { status, bodyAsText } = await untilAborted(
    pipeline.sendRequest(createDefaultHttpClient(), request),
    abortSignal,
  );
  return { status, body: bodyAsText ?? "" };
}

/** Why {@link get} brought nothing, or what it brought was not JSON; nothing of the answer. */
export function requestFailure(error: unknown, timeoutMs: number): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === "AbortError") return `no answer within ${timeoutMs / 1000} s`;
  if (name === "SyntaxError") return "the answer is not JSON";
  return explainNetworkCode(code ?? name ?? "unknown");
}
