import { randomUUID } from "node:crypto";
import type { Answer } from "../answer";
import type { State } from "../state";

/**
 * `POST /{tenant}/oauth2/v2.0/token` with `grant_type=client_credentials` and a client secret:
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function token(tenant: string, form: URLSearchParams, state: State): Answer {
  if (tenant.toLowerCase() !== state.tenantId.toLowerCase()) return tenantNotFound(tenant, "invalid_request", state);
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
  if (form.get("client_secret") !== client.clientSecret) {
    const text =
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not " +
      `the client secret ID, for a secret added to app '${clientId}'.`;
    return entraError(401, "invalid_client", 7000215, text, state);
  }
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

/** @param error the token endpoint says `invalid_request`, the discovery document `invalid_tenant`. */
export function tenantNotFound(tenant: string, error: string, state: State): Answer {
  const text =
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct ` +
    "cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the " +
    "tenant.";
  return entraError(400, error, 90002, text, state);
}

/** Entra's error body: the text carries the ids a second time. */
function entraError(status: number, error: string, code: number, text: string, state: State): Answer {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = new Date(state.now()).toISOString().replace("T", " ").replace(/\.\d+/, "");
  const ids = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} ${ids}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${state.baseUrl}/error?code=${code}`,
    },
  };
}
