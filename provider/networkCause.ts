/** Whether the network error came before anything was sent. */
export function isUnreachableCode(code: string): boolean {
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}

/**
 * Whether the server's certificate was refused, so that no request was sent. Other errors of TLS (`ERR_SSL_*`, `EPROTO`)
 * can also end a connection on which the request was already under way.
 */
export function isCertificateCode(code: string): boolean {
  return !code.startsWith("ERR_SSL") && /CERT|SELF_SIGNED|UNABLE_TO_/.test(code);
}
