import type { Answer } from "./answer";
import type { ControlPlane } from "./controlPlane";
import { Attempts, type Endpoint, type Outcome, statusOf, type Trouble } from "./fault";
import type { HttpRequest } from "./httpRequest";
import { type DataPlaneCall, dataPlane } from "./operations/dataPlane";
import { appServiceIdentity, machineIdentity } from "./operations/managedIdentity";
import { metadata } from "./operations/metadata";
import { instanceDiscovery, openIdConfiguration } from "./operations/openIdConfiguration";
import { proofIn, token } from "./operations/token";
import { workflowToken } from "./operations/workflowToken";
import type { Proof, State } from "./state";

/** One request for a bearer token, at the token endpoint or at one for managed identities. */
export interface Login {
  /** "" for a managed identity. */
  tenant: string;
  /** "" for the system-assigned managed identity. */
  clientId: string;
  proof: Proof;
  /** 200 when a token was issued; 0 where a fault gave no whole answer. */
  status: number;
}

const identityEndpoints = new Map([
  ["/metadata/identity/oauth2/token", machineIdentity],
  ["/msi/token", appServiceIdentity],
]);

/** Leads each request to the operation that serves it, and logs those around ARM. */
export class Router {
  readonly logins: Login[] = [];
  readonly dataPlaneCalls: DataPlaneCall[] = [];
  readonly #attempts = new Attempts();

  constructor(
    private readonly state: State,
    private readonly trouble: Trouble,
    private readonly controlPlane: ControlPlane,
  ) {}

  async answer(request: HttpRequest): Promise<Outcome> {
    const { state } = this;
    const { method, url, headers, body } = request;
    const { pathname: path, searchParams: query } = url;
    if (/^\/accounts\//i.test(path)) return this.#useKey(request);
    const tenant = /^\/([^/]+)(\/v2\.0\/\.well-known\/openid-configuration|\/oauth2\/v2\.0\/token)$/i.exec(path)?.[1];
    if (tenant !== undefined && method === "POST") {
      const form = new URLSearchParams(body);
      return this.#issueToken(tenant, form.get("client_id"), proofIn(form), () => token(tenant, form, state));
    }
    if (method === "GET") {
      if (tenant !== undefined) return openIdConfiguration(tenant, state);
      if (/^\/metadata\/endpoints$/i.test(path)) {
        return this.#around("metadata", () => metadata(query.get("api-version"), state));
      }
      if (/^\/[^/]+\/discovery\/instance$/i.test(path)) return instanceDiscovery(state);
      if (path === "/idtoken") return workflowToken(headers.authorization, query.get("audience"), state);
      const identity = identityEndpoints.get(path);
      if (identity !== undefined) {
        return this.#issueToken("", query.get("client_id"), "managed identity", () => identity(headers, query, state));
      }
    }
    return this.controlPlane.answer(request);
  }

  #around(operation: Endpoint, carryOut: () => Answer, accountName = "", resourceGroup = ""): Promise<Outcome> {
    const attempt = this.#attempts.next(operation, resourceGroup, accountName);
    return this.trouble.around({ operation, subscriptionId: "", resourceGroup, accountName, attempt }, carryOut);
  }

  async #issueToken(tenant: string, clientId: string | null, proof: Proof, issue: () => Answer): Promise<Outcome> {
    const outcome = await this.#around("token", issue);
    this.logins.push({ tenant, clientId: clientId ?? "", proof, status: statusOf(outcome) ?? 0 });
    return outcome;
  }

  async #useKey({ method, url, headers }: HttpRequest): Promise<Outcome> {
    const { answer, call } = dataPlane(method, url.pathname, headers, this.state);
    const outcome = await this.#around("dataPlane", () => answer, call.accountName, call.resourceGroup);
    this.dataPlaneCalls.push({ ...call, status: statusOf(outcome) ?? 0 });
    return outcome;
  }
}
