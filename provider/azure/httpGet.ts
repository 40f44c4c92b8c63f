import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { networkCauseOf } from "../networkCause";
import { networkReason, noAnswerWithin, notJson } from "../words";
import { untilAborted } from "./untilAborted";

export interface GetOptions {
  /** How long the whole answer may take, in milliseconds, with all its retries. */
  timeoutMs: number;
  headers?: Record<string, string>;
  /** How often it is sent again when the server is busy or the connection breaks. @default 0 */
  retries?: number;
}

/**
 * One GET, through what the Azure SDK uses for its own calls: that is needed next anyway, and knows of proxies. No
 * redirect is followed. Where the time is up while it waits to be sent again, the last answer is the one that counts.
 */
export async function get(
  url: string,
  { timeoutMs, headers, retries = 0 }: GetOptions,
): Promise<{ status: number; body: string }> {
  const { createDefaultHttpClient, createHttpHeaders, createPipelineFromOptions, createPipelineRequest } =
    require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  const pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: retries, maxRetryDelayInMs: 2_000 },
    redirectOptions: { maxRetries: 0 },
  });
  let last: { answer: PipelineResponse } | { error: unknown } | undefined;
  pipeline.addPolicy(
    {
      name: "keepLastAnswer",
      sendRequest: async (request, next) => {
        last = undefined;
        try {
          const answer = await next(request);
          last = { answer };
          return answer;
        } catch (error) {
          // A body that is cut off, which the library would not ask for again.
          if ((error as { code?: string }).code === "PARSE_ERROR")
            Object.assign(error as object, { code: "ECONNRESET" });
          last = { error };
          throw error;
        }
      },
    },
    { afterPhase: "Retry" },
  );
  const abortSignal = AbortSignal.timeout(timeoutMs);
  const request = createPipelineRequest({ url, abortSignal, headers: createHttpHeaders(headers) });
  const sent = untilAborted(pipeline.sendRequest(createDefaultHttpClient(), request), abortSignal);
  const { status, bodyAsText } = await sent.catch((error) => {
    if (last === undefined) throw error;
    if ("error" in last) throw last.error;
    return last.answer;
  });
  return { status, body: bodyAsText ?? "" };
}

/** Why {@link get} brought nothing, or what it brought was not JSON; nothing of the answer. */
export function requestFailure(error: unknown, timeoutMs: number): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === "AbortError") return noAnswerWithin(timeoutMs);
  if (name === "SyntaxError") return notJson;
  const networkCode = code ?? name ?? "unknown";
  return networkReason(networkCauseOf(networkCode), networkCode);
}
