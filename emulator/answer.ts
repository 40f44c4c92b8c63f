import { type ServerResponse, STATUS_CODES } from "node:http";

/** What the server writes back: an object becomes JSON, a string is sent as it is. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Whether the connection is closed in the middle of the body. */
  truncated?: boolean;
}

export function writeAnswer(response: ServerResponse, { status, headers, body, truncated }: Answer): void {
  const isText = typeof body === "string";
  const payload = body === undefined ? "" : isText ? body : JSON.stringify(body);
  const type = isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(status, STATUS_CODES[status], {
    ...(body === undefined ? {} : { "Content-Type": type }),
    ...(status === 204 ? {} : { "Content-Length": String(Buffer.byteLength(payload)) }),
    ...headers,
  });
  if (truncated) response.write(payload.slice(0, payload.length / 2), () => response.destroy());
  else response.end(payload);
}
