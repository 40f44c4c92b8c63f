import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { Account, type AccountSeed } from "./account";
import { randomText } from "./accountKey";
import { accountNotFound, resourceGroupNotFound } from "./armError";

/** How a client proves who it is. */
export type Proof = "client secret" | "certificate" | "federated token" | "managed identity";

/** A service principal that may log in. */
export interface Client {
  clientId: string;
  clientSecret: string;
  /** Its registered certificate, as PEM text. */
  certificate?: string;
  /** The workflow whose tokens count as this client's own. */
  federated?: { subject: string; audience?: string };
  /** Makes it the identity of the machine: the one that is taken when none is named, or one that must be named. */
  managedIdentity?: "system" | "user";
  /** Actions that it lacks, e.g. `Microsoft.CognitiveServices/accounts/listKeys/action`. It has all others. */
  denied?: readonly string[];
}

/** Who a bearer token stands for. */
export interface Session {
  client: Client;
  /** The resource the token is for, without trailing slashes. */
  audience: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** What the emulator is seeded with; every part has a default. */
export interface StateOptions {
  /** Accounts that exist already. Their resource groups and subscriptions exist with them. */
  accounts?: readonly AccountSeed[];
  /** Ids of the subscriptions. @default one, made at run time */
  subscriptions?: readonly string[];
  /** Groups without an account, in the first subscription. PUT into any other group is a 404, as in ARM. */
  resourceGroups?: readonly string[];
  /** @default one id, made at run time */
  tenantId?: string;
  /** Other tenants in which the same clients may log in. @default none */
  auxiliaryTenants?: readonly string[];
  /** @default one client with all rights, made at run time */
  clients?: readonly Client[];
  /** How long a bearer token is good for, in seconds. @default 3599 */
  tokenLifetime?: number;
  /** Who a workflow's token says that it is. @default "repo:synthetic/synthetic:ref:refs/heads/main" */
  workflowSubject?: string;
  /** How long the data plane goes on refusing a regenerated key, in milliseconds. @default 0 */
  keyLag?: number;
  /** How long listKeys goes on giving a key that was regenerated, in milliseconds. @default 0 */
  readingLag?: number;
  /** The clock, in milliseconds since the epoch. @default Date.now */
  now?: () => number;
}

function keyOf(...parts: string[]): string {
  return parts.join("/").toLowerCase();
}

/** Everything that outlives a request, in memory. Names compare without regard to case, as in ARM. */
export class State {
  readonly tenantId: string;
  readonly auxiliaryTenants: readonly string[];
  readonly clients: readonly Client[];
  readonly subscriptions: string[];
  readonly tokenLifetime: number;
  readonly now: () => number;
  keyLag: number;
  readingLag: number;
  /** The emulator's own base URL without a trailing slash; known once it listens. */
  baseUrl = "";
  readonly workflowSubject: string;
  /** What a workflow's job shows for an identity token, and an App Service for one of its managed identities. */
  readonly workflowRequestToken = randomBytes(32).toString("base64url");
  readonly identityHeader = randomUUID();
  #workflowKey: { public: string; private: string } | undefined;
  /** Every key, token and client secret so far. */
  readonly secrets = new Set<string>();
  readonly #accounts = new Map<string, Account>();
  readonly #groups = new Set<string>();
  readonly #sessions = new Map<string, Session>();
  readonly #objectIds = new Map<string, string>();

  constructor(options: StateOptions) {
    this.now = options.now ?? Date.now;
    this.keyLag = options.keyLag ?? 0;
    this.readingLag = options.readingLag ?? 0;
    this.tokenLifetime = options.tokenLifetime ?? 3599;
    this.tenantId = options.tenantId ?? randomUUID();
    this.auxiliaryTenants = options.auxiliaryTenants ?? [];
    this.workflowSubject = options.workflowSubject ?? "repo:synthetic/synthetic:ref:refs/heads/main";
    this.clients = options.clients ?? [{ clientId: randomUUID(), clientSecret: randomText(40) }];
    for (const { clientSecret } of this.clients) this.secrets.add(clientSecret);
    this.secrets.add(this.workflowRequestToken).add(this.identityHeader);
    const seeds = options.accounts ?? [];
    const seeded = seeds.flatMap(({ subscriptionId }) => subscriptionId ?? []);
    this.subscriptions = [...new Set([...(options.subscriptions ?? []), ...seeded])];
    if (this.subscriptions.length === 0) this.subscriptions.push(randomUUID());
    for (const name of options.resourceGroups ?? []) this.#groups.add(keyOf(this.defaultSubscription, name));
    for (const seed of seeds)
      this.addAccount({ location: "eastus", kind: "CognitiveServices", sku: { name: "S0" }, ...seed });
  }

  get defaultSubscription(): string {
    return this.subscriptions[0];
  }

  /** Who issues the tokens of workflows. */
  get workflowIssuer(): string {
    return `${this.baseUrl}/workflows`;
  }

  /** What it signs them with, as PEM text; made when it is first needed. */
  get workflowKey(): { public: string; private: string } {
    if (this.#workflowKey === undefined) {
      const { publicKey, privateKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
      });
      this.#workflowKey = { public: publicKey, private: privateKey };
    }
    return this.#workflowKey;
  }

  hasTenant(tenantId: string): boolean {
    return [this.tenantId, ...this.auxiliaryTenants].some((known) => keyOf(known) === keyOf(tenantId));
  }

  hasSubscription(subscriptionId: string): boolean {
    return this.subscriptions.some((known) => keyOf(known) === keyOf(subscriptionId));
  }

  addAccount(seed: AccountSeed): Account {
    const subscriptionId = seed.subscriptionId ?? this.defaultSubscription;
    const account = new Account({ ...seed, subscriptionId }, new Date(this.now()), (key) => this.secrets.add(key));
    this.#groups.add(keyOf(subscriptionId, seed.resourceGroup));
    this.#accounts.set(keyOf(subscriptionId, seed.resourceGroup, seed.name), account);
    return account;
  }

  findAccount(subscriptionId: string, resourceGroup: string, name: string): Account | undefined {
    return this.#accounts.get(keyOf(subscriptionId, resourceGroup, name));
  }

  removeAccount(account: Account): void {
    this.#accounts.delete(keyOf(account.subscriptionId, account.resourceGroup, account.name));
  }

  /** Refuses with ARM's 404 when the group does not exist. */
  requireGroup(subscriptionId: string, resourceGroup: string): void {
    if (!this.#groups.has(keyOf(subscriptionId, resourceGroup))) throw resourceGroupNotFound(resourceGroup);
  }

  /** The account, or ARM's 404 for what is missing: the group first, then the account. */
  requireAccount(request: { subscriptionId: string; resourceGroup: string; accountName: string }): Account {
    this.requireGroup(request.subscriptionId, request.resourceGroup);
    const account = this.findAccount(request.subscriptionId, request.resourceGroup, request.accountName);
    if (account === undefined) throw accountNotFound(request.resourceGroup, request.accountName);
    return account;
  }

  /**
   * The URL of an account's data plane.
   *
   * Azure gives each account a host name of its own. Here it is a path, `/accounts/<group>/<name>/`, because the one
   * name that resolves everywhere and that the throw-away certificate covers is `localhost`. An account outside the
   * first subscription is `<name>@<subscription>`, since the same names may exist in both.
   */
  endpointOf(account: { subscriptionId: string; resourceGroup: string; name: string }): string {
    const elsewhere = keyOf(account.subscriptionId) !== keyOf(this.defaultSubscription);
    const name = elsewhere ? `${account.name}@${account.subscriptionId}` : account.name;
    return `${this.baseUrl}/accounts/${encodeURIComponent(account.resourceGroup)}/${name}/`;
  }

  /** Makes a bearer token: shaped like a JWT because some clients decode it, signed by nobody. */
  openSession(client: Client, audience: string): string {
    const issuedAt = Math.floor(this.now() / 1000);
    const claims = {
      aud: audience,
      iss: `${this.baseUrl}/${this.tenantId}/v2.0`,
      iat: issuedAt,
      exp: issuedAt + this.tokenLifetime,
      appid: client.clientId,
      oid: this.objectIdOf(client),
      tid: this.tenantId,
    };
    const parts = [{ typ: "JWT", alg: "RS256" }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    const token = [...parts, randomBytes(32).toString("base64url")].join(".");
    this.secrets.add(token);
    this.#sessions.set(token, { client, audience, expiresAt: claims.exp * 1000 });
    return token;
  }

  findSession(token: string): Session | undefined {
    return this.#sessions.get(token);
  }

  /** The object id of a client's service principal; error texts and tokens name it. */
  objectIdOf(client: Client): string {
    const objectId = this.#objectIds.get(client.clientId) ?? randomUUID();
    this.#objectIds.set(client.clientId, objectId);
    return objectId;
  }
}
