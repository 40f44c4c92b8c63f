import { randomBytes, randomInt } from "node:crypto";
import { createAccountKey, randomText } from "./accountKey";

/** A key slot, spelled as the REST operation wants it. */
export type KeyName = "Key1" | "Key2";

/** What ARM answers to listKeys and regenerateKey. */
export interface AccountKeys {
  key1: string;
  key2: string;
}

/** The part of an account that a caller writes with PUT. Kept and given back exactly as written. */
export interface WrittenAccount {
  kind?: string;
  location?: string;
  sku?: unknown;
  identity?: unknown;
  tags?: unknown;
  properties?: Record<string, unknown>;
}

/** An account that exists before the first request. */
export interface AccountSeed extends WrittenAccount {
  resourceGroup: string;
  name: string;
  /** @default the emulator's first subscription */
  subscriptionId?: string;
  /** @default a new key */
  key1?: string;
  /** @default a new key */
  key2?: string;
}

/**
 * One account, live: a test that changes a property, or calls `regenerate`, acts behind the back of every client, as
 * a colleague in the portal or an Azure Policy would.
 */
export class Account {
  key1: string;
  key2: string;
  /** What was written last; `properties.disableLocalAuth: true` takes effect at once. */
  written: WrittenAccount & { properties: Record<string, unknown> };
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly #instance = randomText(10);
  readonly #internalId = randomBytes(16).toString("hex");
  readonly #createdAt: Date;
  readonly #issuedAt: Partial<Record<KeyName, number>> = {};
  /** The keys that regenerations have ended, and when, in milliseconds since the epoch; oldest first. */
  readonly #ended: { keyName: KeyName; key: string; at: number }[] = [];
  #lastModifiedAt: Date;
  #writes = randomInt(0x10000000, 0x7fffffff);

  /** @param note is told every key that the account gets */
  constructor(
    seed: AccountSeed & { subscriptionId: string },
    now: Date,
    private readonly note: (key: string) => void,
  ) {
    const { subscriptionId, resourceGroup, name, key1, key2, ...written } = seed;
    this.subscriptionId = subscriptionId;
    this.resourceGroup = resourceGroup;
    this.name = name;
    this.key1 = key1 ?? createAccountKey(this.#instance);
    this.key2 = key2 ?? createAccountKey(this.#instance);
    note(this.key1);
    note(this.key2);
    this.written = { ...written, properties: written.properties ?? {} };
    this.#createdAt = now;
    this.#lastModifiedAt = now;
  }

  get id(): string {
    return `/subscriptions/${this.subscriptionId}/resourceGroups/${this.resourceGroup}/providers/Microsoft.CognitiveServices/accounts/${this.name}`;
  }

  get properties(): Record<string, unknown> {
    return this.written.properties;
  }

  get keys(): AccountKeys {
    return { key1: this.key1, key2: this.key2 };
  }

  get localAuthDisabled(): boolean {
    return this.properties.disableLocalAuth === true;
  }

  /** The account's version. Every write moves it, a key rotation too. */
  get etag(): string {
    const writes = this.#writes.toString(16).padStart(8, "0");
    return `"${writes}-0000-0500-0000-${Math.floor(this.#lastModifiedAt.getTime() / 1000).toString(16)}0000"`;
  }

  /** The slot that holds `key` now, if one does. */
  slotOf(key: string | undefined): KeyName | undefined {
    return key === this.key1 ? "Key1" : key === this.key2 ? "Key2" : undefined;
  }

  /**
   * Puts a new key into one slot and gives it back; the other slot is left alone.
   *
   * The etag moves and `systemData.lastModifiedAt` does not:
   * test/emulator/recordings/azure-cli-2022-03-01-list-then-key1.json.
   *
   * @param issuedAt milliseconds since the epoch, from which a lag of the data plane or of readings counts
   */
  regenerate(keyName: KeyName, issuedAt?: number): string {
    const key = createAccountKey(this.#instance);
    if (issuedAt !== undefined)
      this.#ended.push({ keyName, key: keyName === "Key1" ? this.key1 : this.key2, at: issuedAt });
    this.setKey(keyName, key);
    this.#issuedAt[keyName] = issuedAt;
    return key;
  }

  /** How long ago the slot's key was regenerated, in milliseconds; unlimited for a key that was there from the start. */
  ageOf(keyName: KeyName, now: number): number {
    return now - (this.#issuedAt[keyName] ?? Number.NEGATIVE_INFINITY);
  }

  /** The keys as they were at a time, in milliseconds since the epoch. */
  keysAt(time: number): AccountKeys {
    const then = (keyName: KeyName) => this.#ended.find((one) => one.keyName === keyName && one.at > time)?.key;
    return { key1: then("Key1") ?? this.key1, key2: then("Key2") ?? this.key2 };
  }

  /** Puts `key` into one slot; like every write of a key, it moves the etag and not the date. */
  setKey(keyName: KeyName, key: string): void {
    if (keyName === "Key1") this.key1 = key;
    else this.key2 = key;
    this.note(key);
    this.#writes++;
  }

  /** Replaces what was written; keys and identity of the account stay. */
  write(written: WrittenAccount, now: Date): void {
    this.written = { ...written, properties: written.properties ?? {} };
    this.#lastModifiedAt = now;
    this.#writes++;
  }

  /** The body of a GET or PUT answer: what was written, and what the service adds. */
  describe(endpoint: string): Record<string, unknown> {
    const { properties, ...written } = this.written;
    return {
      id: this.id,
      name: this.name,
      type: "Microsoft.CognitiveServices/accounts",
      etag: this.etag,
      ...written,
      properties: {
        publicNetworkAccess: "Enabled",
        privateEndpointConnections: [],
        capabilities: [],
        isMigrated: false,
        ...properties,
        endpoint,
        internalId: this.#internalId,
        dateCreated: this.#createdAt.toISOString(),
        provisioningState: "Succeeded",
      },
      systemData: {
        createdBy: "emulator",
        createdByType: "Application",
        createdAt: this.#createdAt.toISOString(),
        lastModifiedBy: "emulator",
        lastModifiedByType: "Application",
        lastModifiedAt: this.#lastModifiedAt.toISOString(),
      },
    };
  }
}
