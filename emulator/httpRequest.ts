import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** A request that has come in whole. */
export interface HttpRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}

export async function readRequest(message: IncomingMessage, baseUrl: string): Promise<HttpRequest> {
  const { method = "GET", url = "/", headers } = message;
  return { method, url: new URL(`${baseUrl}${tidy(url)}`), headers, body: await text(message) };
}

/** Clients append paths to base URLs with or without a slash at either end; Azure does not mind, nor do we. */
function tidy(target: string): string {
  const [path, query = ""] = target.split(/(?=\?)/, 2);
  return path.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "") + query;
}
