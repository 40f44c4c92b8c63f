import type { Answer } from "../answer";
import { entraError, type Refusal, tenantNotFound } from "../entraError";
import type { Client, Proof, State } from "../state";
import { isSignedByCertificate, refuseAssertion } from "./clientAssertion";

/**
 * `POST /{tenant}/oauth2/v2.0/token` with `grant_type=client_credentials` and a client secret, or an assertion signed
 * with the client's certificate or by somebody whose tokens it trusts:
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function token(tenant: string, form: URLSearchParams, state: State): Answer {
  if (!state.hasTenant(tenant)) return tenantNotFound(tenant, "invalid_request", state);
  const grantType = form.get("grant_type");
  if (grantType !== "client_credentials") {
    const text = `The app requested an unsupported grant type '${grantType ?? ""}'.`;
    return entraError(400, "unsupported_grant_type", 70003, text, state);
  }
  const clientId = form.get("client_id") ?? "";
  const client = state.clients.find((known) => known.clientId.toLowerCase() === clientId.toLowerCase());
  if (client === undefined) {
    const text =
      `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the ` +
      "application has not been installed by the administrator of the tenant or consented to by any user in the " +
      "tenant. You may have sent your authentication request to the wrong tenant.";
    return entraError(400, "unauthorized_client", 700016, text, state);
  }
  const refusal = form.has("client_assertion")
    ? refuseAssertion(form, tenant, client, state)
    : refuseSecret(form.get("client_secret"), client);
  if (refusal !== undefined) return entraError(401, "invalid_client", refusal.code, refusal.text, state);
  const scope = form.get("scope") ?? "";
  const resource = scope.split(" ").find((one) => one.endsWith("/.default"));
  if (resource === undefined) {
    const text =
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ` +
      "/.default suffixed to the resource identifier (application ID URI).";
    return entraError(400, "invalid_scope", 1002012, text, state);
  }
  const audience = resource.replace(/\/+\.default$/, "");
  return {
    status: 200,
    body: {
      token_type: "Bearer",
      expires_in: state.tokenLifetime,
      ext_expires_in: state.tokenLifetime,
      access_token: state.openSession(client, audience),
    },
  };
}

function refuseSecret(secret: string | null, { clientId, clientSecret }: Client): Refusal | undefined {
  if (secret === clientSecret) return undefined;
  if (!secret) {
    const text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    return { code: 7000218, text };
  }
  const text =
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not " +
    `the client secret ID, for a secret added to app '${clientId}'.`;
  return { code: 7000215, text };
}

/** How the client of a request to the token endpoint proves who it is. */
export function proofIn(form: URLSearchParams): Proof {
  if (!form.has("client_assertion")) return "client secret";
  return isSignedByCertificate(form) ? "certificate" : "federated token";
}
