import { randomUUID } from "node:crypto";
import type { Answer } from "./answer";
import {
  ArmError,
  authorizationFailed,
  invalidApiVersion,
  missingApiVersion,
  subscriptionNotFound,
  unauthenticated,
} from "./armError";
import type { ArmOperation, ArmRequest, OperationName } from "./armOperation";
import { decodeSegment } from "./decodeSegment";
import { Attempts, type Outcome, statusOf, type Trouble } from "./fault";
import type { HttpRequest } from "./httpRequest";
import { deleteAccount } from "./operations/deleteAccount";
import { getAccount } from "./operations/getAccount";
import { getSubscription } from "./operations/getSubscription";
import { listKeys } from "./operations/listKeys";
import { listSubscriptions } from "./operations/listSubscriptions";
import { putAccount } from "./operations/putAccount";
import { regenerateKey } from "./operations/regenerateKey";
import { RequestBuckets, type Throttle } from "./requestBuckets";
import type { Client, State } from "./state";

const ownOperations: readonly ArmOperation[] = [
  listSubscriptions,
  getSubscription,
  getAccount,
  putAccount,
  deleteAccount,
  listKeys,
  regenerateKey,
];

/** One control plane call as the emulator saw it, in order of arrival. */
export interface ArmCall {
  /** `unknown` for a request that no operation serves. */
  operation: OperationName;
  method: string;
  path: string;
  apiVersion?: string;
  /** These three as the client spelled them; "" where the path has none. */
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
  /** The slot that the body of a regenerateKey names, as sent. */
  keyName?: string;
  /** 1 for the first call with the same operation, account and slot, 2 for the next. */
  attempt: number;
  /** What the client was answered; absent while it waits, and when the connection was closed without an answer. */
  status?: number;
  /** `x-ms-request-id` of the answer. */
  requestId: string;
  /** When it arrived, in milliseconds since the epoch. */
  at: number;
}

/** ARM's side of the emulator: who may do what, what goes wrong, and the headers that every answer carries. */
export class ControlPlane {
  readonly calls: ArmCall[] = [];
  readonly buckets: RequestBuckets;
  readonly #operations: readonly ArmOperation[];
  readonly #attempts = new Attempts();

  constructor(
    readonly state: State,
    readonly trouble: Trouble,
    throttle: Throttle | undefined,
    operations: readonly ArmOperation[] = [],
  ) {
    this.#operations = [...ownOperations, ...operations];
    this.buckets = new RequestBuckets(throttle);
  }

  /** What to write back; nothing at all is also an outcome. */
  async answer(line: HttpRequest): Promise<Outcome> {
    const path = line.url.pathname;
    const operation = this.#operations.find((one) => one.method === line.method && one.path.test(path));
    const names = operation?.path.exec(path)?.groups ?? {};
    const request: ArmRequest = {
      path,
      subscriptionId: decodeSegment(names.subscriptionId),
      resourceGroup: decodeSegment(names.resourceGroup),
      accountName: decodeSegment(names.accountName),
      body: line.body,
    };
    const call = this.#record(line, operation, request);
    const outcome = await this.trouble.around(call, () => this.#carryOut(line, operation, request, call));
    call.status = statusOf(outcome);
    return typeof outcome === "string" ? outcome : this.#finish(outcome, call);
  }

  #carryOut(line: HttpRequest, operation: ArmOperation | undefined, request: ArmRequest, call: ArmCall): Answer {
    const { state } = this;
    const path = line.url.pathname;
    try {
      const client = this.#authenticate(line.headers.authorization);
      if (request.subscriptionId !== "" && !state.hasSubscription(request.subscriptionId)) {
        throw subscriptionNotFound(request.subscriptionId);
      }
      if (!call.apiVersion) throw missingApiVersion();
      if (!/^20(1[7-9]|2[0-6])-\d\d-\d\d(-\w+)?$/.test(call.apiVersion)) throw invalidApiVersion(call.apiVersion);
      if (operation === undefined) {
        throw new ArmError(501, "NotImplemented", `The emulator does not serve ${line.method} ${path}.`);
      }
      this.#authorize(client, operation, path);
      const remaining = this.buckets.charge(operation.bucket, client.clientId, request.subscriptionId, state.now());
      const answer = operation.answer(request, state);
      return { ...answer, headers: { ...remaining, ...answer.headers } };
    } catch (error) {
      if (error instanceof ArmError) return error.answer;
      throw error;
    }
  }

  #authenticate(authorization: string | undefined): Client {
    const { state } = this;
    const tenantUrl = `${state.baseUrl}/${state.tenantId}`;
    const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) {
      const message = "Authentication failed. The 'Authorization' header is missing.";
      throw unauthenticated("AuthenticationFailed", message, tenantUrl);
    }
    const session = state.findSession(token);
    if (session === undefined) {
      throw unauthenticated("InvalidAuthenticationToken", "The access token is invalid.", tenantUrl);
    }
    if (session.expiresAt <= state.now()) {
      const [expiry, now] = [session.expiresAt, state.now()].map((time) => new Date(time).toISOString());
      const message = `The access token expiry UTC time '${expiry}' is earlier than current UTC time '${now}'.`;
      throw unauthenticated("ExpiredAuthenticationToken", message, tenantUrl);
    }
    if (session.audience !== state.baseUrl) {
      const message =
        `The access token has been obtained for wrong audience or resource '${session.audience}'. It should exactly ` +
        `match with one of the allowed audiences '${state.baseUrl}','${state.baseUrl}/'.`;
      throw unauthenticated("InvalidAuthenticationTokenAudience", message, tenantUrl);
    }
    return session.client;
  }

  #authorize(client: Client, { action, method }: ArmOperation, path: string): void {
    const denied = client.denied?.some((one) => one.toLowerCase() === action?.toLowerCase());
    if (!denied || action === undefined) return;
    // The last part of a path that is posted to is the action, as in /accounts/x/listKeys.
    const scope = decodeSegment(method === "POST" ? path.slice(0, path.lastIndexOf("/")) : path);
    throw authorizationFailed(client.clientId, this.state.objectIdOf(client), action, scope);
  }

  #record(line: HttpRequest, operation: ArmOperation | undefined, request: ArmRequest): ArmCall {
    const { subscriptionId, resourceGroup, accountName } = request;
    const name = operation?.name ?? "unknown";
    const keyName = name === "regenerateKey" ? sentKeyName(line.body) : undefined;
    const attempt = this.#attempts.next(name, subscriptionId, resourceGroup, accountName, keyName);
    const call: ArmCall = {
      operation: name,
      method: line.method,
      path: line.url.pathname,
      apiVersion: line.url.searchParams.get("api-version") ?? undefined,
      subscriptionId,
      resourceGroup,
      accountName,
      keyName,
      attempt,
      requestId: randomUUID(),
      at: this.state.now(),
    };
    this.calls.push(call);
    return call;
  }

  /** Adds what ARM adds to every answer. In the recordings a refusal by the gateway has one id for both. */
  #finish(answer: Answer, call: ArmCall): Answer {
    const atGateway = answer.headers?.["x-ms-failure-cause"] === "gateway";
    const correlationId = atGateway ? call.requestId : randomUUID();
    const time = new Date(this.state.now()).toISOString().replace(/[-:]|\.\d+/g, "");
    return {
      ...answer,
      headers: {
        "Cache-Control": "no-cache",
        Pragma: "no-cache",
        Expires: "-1",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "x-ms-request-id": call.requestId,
        "x-ms-correlation-request-id": correlationId,
        "x-ms-routing-request-id": `EMULATOR:${time}:${correlationId}`,
        ...answer.headers,
      },
    };
  }
}

/** The slot for the log and the fault hook, which also see bodies that the operation will refuse. */
function sentKeyName(body: string): string | undefined {
  try {
    return JSON.parse(body)?.keyName;
  } catch {
    return undefined;
  }
}
