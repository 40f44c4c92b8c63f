import { sign } from "jsonwebtoken";
import type { Answer } from "../answer";
import type { State } from "../state";
import { federationAudience } from "./clientAssertion";

/**
 * `GET /idtoken`: what `ACTIONS_ID_TOKEN_REQUEST_URL` is to a job of GitHub Actions. It gives a token that says which
 * workflow asks, for the audience it names and to nobody without the job's own request token:
 * https://docs.github.com/actions/reference/security/oidc
 */
export function workflowToken(authorization: string | undefined, audience: string | null, state: State): Answer {
  if (authorization !== `Bearer ${state.workflowRequestToken}`) {
    return { status: 401, body: { message: "The request token is not valid for this job." } };
  }
  const issuedAt = Math.floor(state.now() / 1000);
  const claims = {
    iss: state.workflowIssuer,
    sub: state.workflowSubject,
    aud: audience ?? federationAudience,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + 300,
  };
  const value = sign(claims, state.workflowKey.private, { algorithm: "RS256", keyid: "workflow" });
  state.secrets.add(value);
  return { status: 200, body: { count: 1, value } };
}
