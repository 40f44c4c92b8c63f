import { get, requestFailure } from "../azure/httpGet";
import { answered, identityTokenReasons, identityTokenUrl, noIdentityToken } from "../words";

const requestTimeoutMs = 10_000;

/**
 * The identity token of a workflow's job: https://docs.github.com/actions/reference/security/oidc
 *
 * @param address where the job asks for it, with a query of its own
 * @param requestToken what the job shows there
 * @throws Error that names neither token, nor anything else of the answer
 */
export async function requestFederatedToken(address: string, requestToken: string, audience: string): Promise<string> {
  if (!URL.canParse(address)) throw new Error(identityTokenUrl);
  const url = new URL(address);
  const fail = (reason: string): Error => new Error(noIdentityToken(url.host, reason));
  if (url.protocol !== "https:") throw fail(identityTokenReasons.notSecure);
  url.searchParams.set("audience", audience);
  const headers = { Authorization: `Bearer ${requestToken}`, Accept: "application/json" };
  let status: number;
  let token: unknown;
  try {
    const answer = await get(url.href, { timeoutMs: requestTimeoutMs, headers, retries: 2 });
    status = answer.status;
    token = status === 200 ? JSON.parse(answer.body)?.value : undefined;
  } catch (error) {
    throw fail(requestFailure(error, requestTimeoutMs));
  }
  if (status !== 200) throw fail(answered(status));
  if (typeof token !== "string" || token === "") throw fail(identityTokenReasons.empty);
  return token;
}
