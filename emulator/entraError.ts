import { randomUUID } from "node:crypto";
import type { Answer } from "./answer";
import type { State } from "./state";

/** Why a client's proof of itself does not count: the number of Entra's error, and its text. */
export interface Refusal {
  code: number;
  text: string;
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
export function entraError(status: number, error: string, code: number, text: string, state: State): Answer {
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
