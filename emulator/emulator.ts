import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { Account, AccountSeed, KeyName } from "./account";
import type { Answer } from "./answer";
import { ArmError } from "./armError";
import type { OperationName } from "./armOperation";
import type { Certificate } from "./certificate";
import type { ContainerApp, Revision } from "./containerApp";
import { type ArmCall, ControlPlane } from "./controlPlane";
import {
  Attempts,
  type Endpoint,
  type Fault,
  type FaultCall,
  type FaultHook,
  type FaultRule,
  hookOf,
  type Latency,
  type Outcome,
  Trouble,
  type TroubleOptions,
} from "./fault";
import { type DataPlaneCall, dataPlane } from "./operations/dataPlane";
import { appServiceIdentity, machineIdentity } from "./operations/managedIdentity";
import { metadata } from "./operations/metadata";
import { instanceDiscovery, openIdConfiguration } from "./operations/openIdConfiguration";
import { proofIn, token } from "./operations/token";
import { vaultDataPlane } from "./operations/vaultDataPlane";
import { workflowToken } from "./operations/workflowToken";
import type { Throttle } from "./requestBuckets";
import { parseSettings, type Settings } from "./settings";
import { type Client, type Proof, State, type StateOptions } from "./state";
import type { SecretVersion, Vault, VaultSeed } from "./vault";

export type {
  Account,
  AccountSeed,
  Answer,
  ArmCall,
  Client,
  ContainerApp,
  DataPlaneCall,
  Fault,
  FaultCall,
  FaultHook,
  FaultRule,
  KeyName,
  Latency,
  OperationName,
  Outcome,
  Proof,
  Revision,
  SecretVersion,
  Settings,
  Throttle,
  Vault,
  VaultSeed,
};

/** How an emulator is set up: TLS, what exists already, who may log in, what is slow and what goes wrong. */
export interface EmulatorOptions extends StateOptions, TroubleOptions {
  /** What the server presents to clients, see `createCertificate`. */
  tls: Certificate;
  /** What is refused with 429, see {@link Throttle}. @default nothing */
  throttle?: Throttle;
  /** Opens `PATCH /emulator` to who sends this as a bearer token: {@link Settings} from another process. @default closed */
  adminToken?: string;
}

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

/**
 * Makes an emulator of the part of Azure that key rotation and its examples touch: ARM, the login endpoint, the key check
 * of the data plane and the secrets of key vaults, all on one port. `listen()` picks a free port; nothing is shared
 * between two emulators.
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
  /** Requests for bearer tokens, in order of arrival. */
  readonly logins: readonly Login[] = [];
  /** Requests to accounts' own endpoints, in order of arrival. */
  readonly dataPlaneCalls: readonly DataPlaneCall[] = [];
  readonly #state: State;
  readonly #trouble: Trouble;
  readonly #controlPlane: ControlPlane;
  readonly #attempts = new Attempts();
  readonly #adminToken: string | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(options: EmulatorOptions) {
    super(options.tls);
    // Node's own 5 s would cut connections just as busy clients use them again.
    this.keepAliveTimeout = 120_000;
    this.#state = new State(options);
    this.#trouble = new Trouble(options);
    this.#controlPlane = new ControlPlane(this.#state, this.#trouble, options.throttle);
    this.#adminToken = options.adminToken;
    this.on("listening", () => {
      this.#state.baseUrl = `https://localhost:${(this.address() as AddressInfo).port}`;
    });
    this.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
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

  /** Every key that an account has had, every bearer token, and the clients' secrets: what nobody may be shown. */
  get secrets(): ReadonlySet<string> {
    return this.#state.secrets;
  }

  /** Control plane calls, in order of arrival. */
  get calls(): readonly ArmCall[] {
    return this.#controlPlane.calls;
  }

  /** Says what goes wrong. Assign another hook, or `undefined` for nothing: it counts for calls that arrive afterwards. */
  get fault(): FaultHook | undefined {
    return this.#trouble.fault;
  }

  set fault(hook: FaultHook | undefined) {
    this.#trouble.fault = hook;
  }

  /** What `PATCH /emulator` does for another process. */
  apply({ faults, latency, throttle, keyLag, readingLag, accounts = [] }: Settings): void {
    if (faults !== undefined) this.fault = hookOf(faults);
    if (latency !== undefined) this.#trouble.latency = latency;
    if (throttle !== undefined) this.#controlPlane.buckets.throttle = throttle ?? undefined;
    if (keyLag !== undefined) this.keyLag = keyLag;
    if (readingLag !== undefined) this.readingLag = readingLag;
    for (const { resourceGroup, name, regenerate, disableLocalAuth } of accounts) {
      const account = this.account(resourceGroup, name);
      if (regenerate !== undefined) account.regenerate(regenerate, this.#state.now());
      if (disableLocalAuth !== undefined) account.properties.disableLocalAuth = disableLocalAuth;
    }
  }

  /** How long the data plane goes on refusing a regenerated key, in milliseconds; counts at once, also for older keys. */
  get keyLag(): number {
    return this.#state.keyLag;
  }

  set keyLag(milliseconds: number) {
    this.#state.keyLag = milliseconds;
  }

  /** How long listKeys goes on giving a key that was regenerated, in milliseconds; counts at once, also for older keys. */
  get readingLag(): number {
    return this.#state.readingLag;
  }

  set readingLag(milliseconds: number) {
    this.#state.readingLag = milliseconds;
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

  /** A key vault and what it holds. Throws when missing. */
  vault(name: string): Vault {
    const vault = this.#state.vaults.find((one) => one.name === name);
    if (vault === undefined) throw new Error(`the emulator has no vault ${name}`);
    return vault;
  }

  /** A container app in the first subscription, and what it runs with. Throws when missing. */
  containerApp(resourceGroup: string, name: string): ContainerApp {
    const app = this.#state.findContainerApp(this.#state.defaultSubscription, resourceGroup, name);
    if (app === undefined) throw new Error(`the emulator has no container app ${resourceGroup}/${name}`);
    return app;
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

  /** The variables by which a job of GitHub Actions gets its identity token, here as a workflow that a client trusts. */
  workflowEnvironment(): Record<string, string> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.url}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: this.#state.workflowRequestToken,
    };
  }

  /** The variables by which a login library finds managed identities here: those of a machine, or of an App Service. */
  identityEnvironment(place: "machine" | "App Service"): Record<string, string> {
    if (place === "machine") return { AZURE_POD_IDENTITY_AUTHORITY_HOST: this.url };
    return { IDENTITY_ENDPOINT: `${this.url}/msi/token`, IDENTITY_HEADER: this.#state.identityHeader };
  }

  /** Stops listening and drops every connection, also those that wait for an answer or are kept alive. */
  stop(): Promise<void> {
    return new Promise((stopped) => {
      this.close(() => stopped());
      // `closeAllConnections` does not know those whose TLS handshake is still under way.
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const outcome = await this.#route(request, body);
    if (outcome === "reset") request.socket.destroy();
    else if (outcome !== "silence") write(response, outcome);
  }

  async #route(request: IncomingMessage, body: string): Promise<Outcome | { truncated: Answer }> {
    const { method = "GET", headers } = request;
    const url = new URL(`${this.url}${tidy(request.url ?? "/")}`);
    const path = url.pathname;
    if (path === "/emulator" && this.#adminToken !== undefined) {
      return this.#administer(method, headers.authorization, body);
    }
    if (method === "GET" && /^\/metadata\/endpoints$/i.test(path)) {
      return this.#around("metadata", () => metadata(url.searchParams.get("api-version"), this.#state));
    }
    if (method === "GET" && /^\/[^/]+\/discovery\/instance$/i.test(path)) return instanceDiscovery(this.#state);
    const tenant = /^\/([^/]+)(\/v2\.0\/\.well-known\/openid-configuration|\/oauth2\/v2\.0\/token)$/i.exec(path);
    if (tenant && method === "GET") return openIdConfiguration(tenant[1], this.#state);
    if (tenant && method === "POST") return this.#login(tenant[1], new URLSearchParams(body));
    if (method === "GET" && path === "/idtoken") {
      return workflowToken(headers.authorization, url.searchParams.get("audience"), this.#state);
    }
    const identity = identityEndpoints.get(path);
    if (method === "GET" && identity !== undefined) {
      const answer = () => identity(headers, url.searchParams, this.#state);
      return this.#issueToken("", url.searchParams.get("client_id"), "managed identity", answer);
    }
    if (/^\/accounts\//i.test(path)) return this.#useKey(method, path, headers);
    if (/^\/vaults\//i.test(path)) return vaultDataPlane(method, path, headers.authorization, this.#state);
    return this.#controlPlane.answer({ method, url, authorization: headers.authorization, body });
  }

  #administer(method: string, authorization: string | undefined, body: string): Answer {
    if (method !== "PATCH") return { status: 405 };
    if (authorization !== `Bearer ${this.#adminToken}`) return { status: 401 };
    try {
      this.apply(parseSettings(body));
      return { status: 204 };
    } catch (error) {
      return error instanceof ArmError ? error.answer : { status: 400, body: (error as Error).message };
    }
  }

  #around(operation: Endpoint, carryOut: () => Answer, accountName = "", resourceGroup = "") {
    const attempt = this.#attempts.next(operation, resourceGroup, accountName);
    return this.#trouble.around({ operation, subscriptionId: "", resourceGroup, accountName, attempt }, carryOut);
  }

  #login(tenant: string, form: URLSearchParams): Promise<Outcome | { truncated: Answer }> {
    return this.#issueToken(tenant, form.get("client_id"), proofIn(form), () => token(tenant, form, this.#state));
  }

  async #issueToken(
    tenant: string,
    clientId: string | null,
    proof: Proof,
    issue: () => Answer,
  ): Promise<Outcome | { truncated: Answer }> {
    const outcome = await this.#around("token", issue);
    (this.logins as Login[]).push({ tenant, clientId: clientId ?? "", proof, status: statusOf(outcome) });
    return outcome;
  }

  async #useKey(method: string, path: string, headers: IncomingHttpHeaders): Promise<Outcome | { truncated: Answer }> {
    const { answer, call } = dataPlane(method, path, headers, this.#state);
    const outcome = await this.#around("dataPlane", () => answer, call.accountName, call.resourceGroup);
    (this.dataPlaneCalls as DataPlaneCall[]).push({ ...call, status: statusOf(outcome) });
    return outcome;
  }
}

const identityEndpoints = new Map([
  ["/metadata/identity/oauth2/token", machineIdentity],
  ["/msi/token", appServiceIdentity],
]);

/** What the client sees as the status; 0 where it gets no whole answer. */
function statusOf(outcome: Outcome | { truncated: Answer }): number {
  return typeof outcome === "object" && "status" in outcome ? outcome.status : 0;
}

/** Clients append paths to base URLs with or without a slash at either end; Azure does not mind, nor do we. */
function tidy(target: string): string {
  const [path, query = ""] = target.split(/(?=\?)/, 2);
  return path.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "") + query;
}

function write(response: ServerResponse, outcome: Answer | { truncated: Answer }): void {
  const isWhole = "status" in outcome;
  const { status, headers, body } = isWhole ? outcome : outcome.truncated;
  const isText = typeof body === "string";
  const payload = body === undefined ? "" : isText ? body : JSON.stringify(body);
  const type = isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(status, STATUS_CODES[status], {
    ...(body === undefined ? {} : { "Content-Type": type }),
    ...(status === 204 ? {} : { "Content-Length": String(Buffer.byteLength(payload)) }),
    ...headers,
  });
  if (isWhole) response.end(payload);
  else response.write(payload.slice(0, payload.length / 2), () => response.destroy());
}
