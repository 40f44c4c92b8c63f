import type { Answer } from "../answer";
import { tenantNotFound } from "../entraError";
import type { State } from "../state";

/** `GET /{tenant}/v2.0/.well-known/openid-configuration`: where a login library finds the token endpoint. */
export function openIdConfiguration(tenant: string, state: State): Answer {
  const isKnown = state.hasTenant(tenant) || ["common", "organizations"].includes(tenant.toLowerCase());
  if (!isKnown) return tenantNotFound(tenant, "invalid_tenant", state);
  const base = `${state.baseUrl}/${tenant}`;
  return {
    status: 200,
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer: `${state.baseUrl}/${state.tenantId}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      tenant_region_scope: null,
      cloud_instance_name: new URL(state.baseUrl).host,
    },
  };
}

/** `GET /common/discovery/instance`: how a login library checks that a login host is one it may trust. */
export function instanceDiscovery(state: State): Answer {
  const { host } = new URL(state.baseUrl);
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${state.baseUrl}/${state.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}
