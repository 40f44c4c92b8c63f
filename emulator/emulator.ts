import type { IncomingMessage, ServerResponse } from "node:http";
import { Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Account, KeyName } from "./account";
import { type Answer, writeAnswer } from "./answer";
import { ArmError } from "./armError";
import type { ArmOperation } from "./armOperation";
import type { Certificate } from "./certificate";
import { type ArmCall, ControlPlane } from "./controlPlane";
import {
  type Fault,
  type FaultCall,
  type FaultHook,
  hookOf,
  type Outcome,
  Trouble,
  type TroubleOptions,
} from "./fault";
import { type HttpRequest, readRequest } from "./httpRequest";
import type { DataPlaneCall } from "./operations/dataPlane";
import type { Throttle } from "./requestBuckets";
import { type Login, Router } from "./router";
import { parseSettings, type Settings } from "./settings";
import { type Client, type Proof, State, type StateOptions } from "./state";

export type { Account, Answer, ArmCall, Client, Fault, FaultCall, FaultHook, KeyName, Outcome, Proof };

/** How an emulator is set up: TLS, what exists already, who may log in, what is slow and what goes wrong. */
export interface EmulatorOptions extends StateOptions, TroubleOptions {
  /** What the server presents to clients, see `createCertificate`. */
  tls: Certificate;
  /** What is refused with 429, see {@link Throttle}. @default nothing */
  throttle?: Throttle;
  /** Operations of ARM that the emulator does not have, for what is deployed beside accounts. @default none */
  operations?: readonly ArmOperation[];
  /** Opens `PATCH /emulator` to who sends this as a bearer token: {@link Settings} from another process. @default closed */
  adminToken?: string;
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
  readonly #state: State;
  readonly #trouble: Trouble;
  readonly #controlPlane: ControlPlane;
  readonly #router: Router;
  readonly #adminToken: string | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(options: EmulatorOptions) {
    super(options.tls);
    // Node's own 5 s would cut connections just as busy clients use them again.
    this.keepAliveTimeout = 120_000;
    this.#state = new State(options);
    this.#trouble = new Trouble(options);
    this.#controlPlane = new ControlPlane(this.#state, this.#trouble, options.throttle, options.operations);
    this.#router = new Router(this.#state, this.#trouble, this.#controlPlane);
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

  /** Requests for bearer tokens, in order of arrival. */
  get logins(): readonly Login[] {
    return this.#router.logins;
  }

  /** Requests to accounts' own endpoints, in order of arrival. */
  get dataPlaneCalls(): readonly DataPlaneCall[] {
    return this.#router.dataPlaneCalls;
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

  async #respond(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message, this.url);
    const isForAdmin = request.url.pathname === "/emulator" && this.#adminToken !== undefined;
    const outcome = isForAdmin ? this.#administer(request) : await this.#router.answer(request);
    if (outcome === "reset") message.socket.destroy();
    else if (outcome !== "silence") writeAnswer(response, outcome);
  }

  #administer({ method, headers, body }: HttpRequest): Answer {
    if (method !== "PATCH") return { status: 405 };
    if (headers.authorization !== `Bearer ${this.#adminToken}`) return { status: 401 };
    try {
      this.apply(parseSettings(body));
      return { status: 204 };
    } catch (error) {
      return error instanceof ArmError ? error.answer : { status: 400, body: (error as Error).message };
    }
  }
}
