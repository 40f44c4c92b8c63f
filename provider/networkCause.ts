/** Why nothing came back, by the code of Node or OpenSSL. */
export type NetworkCause = "certificate" | "unreachable" | "no-answer" | "connection-lost";

/** Those that come before anything was sent. */
const unreachable = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

export function networkCauseOf(code: string): NetworkCause {
  // Other errors of TLS (`ERR_SSL_*`, `EPROTO`) can also end a connection on which the request was already under way.
  if (!code.startsWith("ERR_SSL") && /CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) return "certificate";
  if (unreachable.has(code)) return "unreachable";
  return code === "ETIMEDOUT" ? "no-answer" : "connection-lost";
}
