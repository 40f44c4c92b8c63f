import type { IncomingMessage } from "node:http";
import type { PipelineResponse } from "@azure/core-rest-pipeline";
import type { DataPlane, DataPlaneAnswer } from "../rotation/acceptance";
import { untilAborted } from "./untilAborted";

/**
 * The port over the HTTP client of the Azure SDK, which takes the proxy that ARM and the login are reached through: Node's
 * `fetch` knows of none. Nothing else of the SDK's pipeline is taken, so that no redirect is followed, nothing is sent
 * again, and no key is logged.
 */
export class HttpDataPlane implements DataPlane {
  private client: Client | undefined;

  /** @param timeout aborts after so many milliseconds */
  constructor(private readonly timeout: (ms: number) => AbortSignal = AbortSignal.timeout) {}

  async request(url: string, key: string, timeoutMs: number): Promise<DataPlaneAnswer> {
    try {
      this.client ??= connect();
      const abortSignal = this.timeout(timeoutMs);
      const sent = this.client(url, { "api-key": key, "Ocp-Apim-Subscription-Key": key }, abortSignal);
      const { status, readableStreamBody } = await untilAborted(sent, abortSignal);
      const { socket } = readableStreamBody as IncomingMessage;
      // Nobody reads the body, which may be of any length.
      socket.destroy();
      // A proxy that opens no tunnel answers in the endpoint's place, and in the clear.
      return "encrypted" in socket ? { status } : { code: `PROXY_${status}` };
    } catch (error) {
      const { name, code } = error as { name?: string; code?: string };
      return { code: name === "AbortError" ? "ETIMEDOUT" : (code ?? name ?? "unknown") };
    }
  }
}

type Client = (url: string, headers: Record<string, string>, abortSignal: AbortSignal) => Promise<PipelineResponse>;

function connect(): Client {
  const { createDefaultHttpClient, createEmptyPipeline, createHttpHeaders, createPipelineRequest, proxyPolicy } =
    require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  const http = createDefaultHttpClient();
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  return (url, headers, abortSignal) =>
    pipeline.sendRequest(
      http,
      createPipelineRequest({
        url,
        abortSignal,
        headers: createHttpHeaders(headers),
        streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
      }),
    );
}
