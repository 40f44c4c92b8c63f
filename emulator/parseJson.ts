import { invalidRequestContent } from "./armError";

/** The JSON value of a request body; ARM's 400 when it is none. Some clients send a byte order mark first. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw invalidRequestContent((error as Error).message);
  }
}
