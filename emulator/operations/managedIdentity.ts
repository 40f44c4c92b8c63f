import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "../answer";
import type { Client, State } from "../state";

/**
 * `GET /metadata/identity/oauth2/token`: the managed identity of a virtual machine, at `AZURE_POD_IDENTITY_AUTHORITY_HOST`
 * in place of 169.254.169.254.
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export function machineIdentity(headers: IncomingHttpHeaders, query: URLSearchParams, state: State): Answer {
  if (headers.metadata !== "true") {
    return {
      status: 400,
      body: { error: "bad_request_102", error_description: "Required metadata header not specified" },
    };
  }
  const client = identityOf(query, state);
  return client === undefined
    ? { status: 400, body: { error: "invalid_request", error_description: "Identity not found" } }
    : issue(client, query, state);
}

/**
 * `GET /msi/token`: the managed identity of an App Service, at `IDENTITY_ENDPOINT` and for whoever knows
 * `IDENTITY_HEADER`. https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function appServiceIdentity(headers: IncomingHttpHeaders, query: URLSearchParams, state: State): Answer {
  const refuse = (statusCode: number, message: string): Answer => ({
    status: statusCode,
    body: { statusCode, message, correlationId: randomUUID() },
  });
  if (headers["x-identity-header"] !== state.identityHeader) return refuse(403, "The identity header does not match.");
  const client = identityOf(query, state);
  return client === undefined ? refuse(400, "No User Assigned Managed Identity found.") : issue(client, query, state);
}

/** The user-assigned identity of that id, or the system-assigned one. */
function identityOf(query: URLSearchParams, state: State): Client | undefined {
  const id = query.get("client_id");
  return state.clients.find(({ clientId, managedIdentity }) =>
    id === null ? managedIdentity === "system" : managedIdentity === "user" && clientId === id,
  );
}

function issue(client: Client, query: URLSearchParams, state: State): Answer {
  const resource = query.get("resource") ?? "";
  const expiresOn = Math.floor(state.now() / 1000) + state.tokenLifetime;
  return {
    status: 200,
    body: {
      access_token: state.openSession(client, resource.replace(/\/+$/, "")),
      client_id: client.clientId,
      expires_in: String(state.tokenLifetime),
      expires_on: String(expiresOn),
      resource,
      token_type: "Bearer",
    },
  };
}
