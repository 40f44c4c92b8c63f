import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Account, AccountSeed, KeyName } from "./account";
import type { Answer } from "./answer";
import type { OperationName } from "./armOperation";
import type { Certificate } from "./certificate";
import { type ArmCall, ControlPlane, type ControlPlaneOptions } from "./controlPlane";
import type { Fault, FaultCall, FaultHook } from "./fault";
import { type DataPlaneCall, dataPlane } from "./operations/dataPlane";
import { metadata } from "./operations/metadata";
import { instanceDiscovery, openIdConfiguration } from "./operations/openIdConfiguration";
import { token } from "./operations/token";
import { type Client, State, type StateOptions } from "./state";

export type {
  Account,
  AccountSeed,
  Answer,
  ArmCall,
  Client,
  DataPlaneCall,
  Fault,
  FaultCall,
  FaultHook,
  KeyName,
  OperationName,
};

/** How an emulator is set up: TLS, what exists already, who may log in, what is slow and what goes wrong. */
export interface EmulatorOptions extends StateOptions, ControlPlaneOptions {
  /** What the server presents to clients, see `createCertificate`. */
  tls: Certificate;
}

/** One request to the token endpoint. */
export interface Login {
  tenant: string;
  clientId: string;
  /** 200 when a token was issued. */
  status: number;
}

/**
 * Makes an emulator of the part of Azure that key rotation touches: ARM, the login endpoint and the key check of the
 * data plane, all on one port. `listen()` picks a free port; nothing is shared between two emulators.
 *
 * @example
 * const emulator = createEmulator({ tls: await createCertificate(), accounts: [{ resourceGroup: "rg", name: "ai" }] });
 * emulator.listen(0, "localhost", () => console.log(emulator.url));
 */
export function createEmulator(options: EmulatorOptions): Emulator {
  return new Emulator(options);
}

/** A plain HTTPS server, and what a test or the demo may look at. */
export class Emulator extends Server {
  /** Requests to the token endpoint, in order of arrival. */
  readonly logins: readonly Login[] = [];
  /** Requests to accounts' own endpoints, in order of arrival. */
  readonly dataPlaneCalls: readonly DataPlaneCall[] = [];
  readonly #state: State;
  readonly #controlPlane: ControlPlane;

  constructor(options: EmulatorOptions) {
    super(options.tls);
    this.#state = new State(options);
    this.#controlPlane = new ControlPlane(this.#state, options);
    this.on("listening", () => {
      this.#state.baseUrl = `https://localhost:${(this.address() as AddressInfo).port}`;
    });
    this.on("request", (request, response) => {
      this.#respond(request, response).catch((error) => {
        response.destroy();
        // A client that left is no failure; an assertion in a fault hook is one and must not pass unseen.
        if (!request.errored) this.emit("error", error);
      });
    });
  }

  /** The base URL, without a trailing slash: ARM endpoint, authority host and metadata host. "" until it listens. */
  get url(): string {
    return this.#state.baseUrl;
  }

  get tenantId(): string {
    return this.#state.tenantId;
  }

  /** Ids of the subscriptions; the first is the one that is meant when none is named. */
  get subscriptions(): readonly string[] {
    return this.#state.subscriptions;
  }

  get clients(): readonly Client[] {
    return this.#state.clients;
  }

  /** Control plane calls, in order of arrival. */
  get calls(): readonly ArmCall[] {
    return this.#controlPlane.calls;
  }

  /** Says what goes wrong. Assign another hook, or `undefined` for nothing: it counts for calls that arrive afterwards. */
  get fault(): FaultHook | undefined {
    return this.#controlPlane.fault;
  }

  set fault(hook: FaultHook | undefined) {
    this.#controlPlane.fault = hook;
  }

  /** How long the data plane goes on refusing a regenerated key, in milliseconds; counts at once, also for older keys. */
  get keyLag(): number {
    return this.#state.keyLag;
  }

  set keyLag(milliseconds: number) {
    this.#state.keyLag = milliseconds;
  }

  /** The account itself, live: what is changed here happens behind the back of every client. Throws when missing. */
  account(resourceGroup: string, name: string, subscriptionId = this.#state.defaultSubscription): Account {
    const account = this.#state.findAccount(subscriptionId, resourceGroup, name);
    if (account === undefined) throw new Error(`the emulator has no account ${resourceGroup}/${name}`);
    return account;
  }

  /** Puts `key` into one slot as if somebody had regenerated it elsewhere; the key that was there is dead. */
  setKey(resourceGroup: string, name: string, keyName: KeyName, key: string, subscriptionId?: string): void {
    this.account(resourceGroup, name, subscriptionId).setKey(keyName, key);
  }

  /** Takes an account away as if somebody had deleted it in the portal. */
  removeAccount(resourceGroup: string, name: string, subscriptionId?: string): void {
    this.#state.removeAccount(this.account(resourceGroup, name, subscriptionId));
  }

  /** The URL that an account's keys are for, with a trailing slash: `https://localhost:PORT/accounts/<group>/<name>/`. */
  endpoint(resourceGroup: string, name: string, subscriptionId?: string): string {
    return this.#state.endpointOf(this.account(resourceGroup, name, subscriptionId));
  }

  /**
   * The variables that point azure-native, azurerm and this package at the emulator, as one of its clients. Trust in
   * the certificate is not among them: where it is stored is the caller's choice (`NODE_EXTRA_CA_CERTS`).
   */
  environment(client = this.#state.clients[0]): Record<string, string> {
    return {
      ARM_METADATA_HOSTNAME: new URL(this.url).host,
      ARM_TENANT_ID: this.tenantId,
      ARM_CLIENT_ID: client.clientId,
      ARM_CLIENT_SECRET: client.clientSecret,
      ARM_SUBSCRIPTION_ID: this.#state.defaultSubscription,
      // Login libraries otherwise ask login.microsoftonline.com whether this login host may be trusted.
      ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    };
  }

  /** Stops listening and drops every connection, also those that wait for an answer or are kept alive. */
  stop(): Promise<void> {
    return new Promise((stopped) => {
      this.close(() => stopped());
      this.closeAllConnections();
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const outcome = await this.#route(request, body);
    if (outcome === "reset") request.socket.destroy();
    else if (outcome !== "silence") write(response, outcome);
  }

  async #route(request: IncomingMessage, body: string): Promise<Fault["outcome"]> {
    const { method = "GET", headers } = request;
    const url = new URL(`${this.url}${tidy(request.url ?? "/")}`);
    const path = url.pathname;
    if (method === "GET" && /^\/metadata\/endpoints$/i.test(path)) {
      return metadata(url.searchParams.get("api-version"), this.#state);
    }
    if (method === "GET" && /^\/[^/]+\/discovery\/instance$/i.test(path)) return instanceDiscovery(this.#state);
    const tenant = /^\/([^/]+)(\/v2\.0\/\.well-known\/openid-configuration|\/oauth2\/v2\.0\/token)$/i.exec(path);
    if (tenant && method === "GET") return openIdConfiguration(tenant[1], this.#state);
    if (tenant && method === "POST") return this.#login(tenant[1], new URLSearchParams(body));
    if (/^\/accounts\//i.test(path)) {
      const { answer, call } = dataPlane(method, path, headers, this.#state);
      (this.dataPlaneCalls as DataPlaneCall[]).push(call);
      return answer;
    }
    return this.#controlPlane.answer({ method, url, authorization: headers.authorization, body });
  }

  #login(tenant: string, form: URLSearchParams): Answer {
    const answer = token(tenant, form, this.#state);
    (this.logins as Login[]).push({ tenant, clientId: form.get("client_id") ?? "", status: answer.status });
    return answer;
  }
}

/** Clients append paths to base URLs with or without a slash at either end; Azure does not mind, nor do we. */
function tidy(target: string): string {
  const [path, query = ""] = target.split(/(?=\?)/, 2);
  return path.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "") + query;
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  const isText = typeof body === "string";
  const payload = body === undefined ? "" : isText ? body : JSON.stringify(body);
  const type = isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(status, STATUS_CODES[status], {
    ...(body === undefined ? {} : { "Content-Type": type }),
    ...(status === 204 ? {} : { "Content-Length": String(Buffer.byteLength(payload)) }),
    ...headers,
  });
  response.end(payload);
}
