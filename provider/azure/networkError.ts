import { isCertificateCode } from "../networkCause";

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

export const notJson = "the answer is not JSON";

/** What is said of a time limit that has passed. */
export function noAnswerWithin(timeoutMs: number): string {
  return `no answer within ${timeoutMs / 1000} s`;
}
