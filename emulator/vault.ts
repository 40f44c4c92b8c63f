import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

/** A key vault that exists before the first request. */
export interface VaultSeed {
  resourceGroup: string;
  /** Free in all of Azure, so that no other vault of the emulator has it. */
  name: string;
  /** @default the emulator's first subscription */
  subscriptionId?: string;
}

/** The part of a secret that a caller writes. */
export interface WrittenSecret {
  value: string;
  contentType?: string;
  attributes?: Record<string, unknown>;
  tags?: Record<string, string>;
}

/** What one write has left behind. Older versions stay as they were. */
export interface SecretVersion extends WrittenSecret {
  /** 32 hexadecimal digits. */
  version: string;
  /** Seconds since the epoch. */
  createdAt: number;
}

/** One key vault and its secrets, live. */
export class Vault {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location = "eastus";
  readonly #secrets = new Map<string, SecretVersion[]>();

  constructor(seed: VaultSeed & { subscriptionId: string }) {
    this.subscriptionId = seed.subscriptionId;
    this.resourceGroup = seed.resourceGroup;
    this.name = seed.name;
  }

  get id(): string {
    return `/subscriptions/${this.subscriptionId}/resourceGroups/${this.resourceGroup}/providers/Microsoft.KeyVault/vaults/${this.name}`;
  }

  /** All versions of a secret, the newest last; none when the vault has no such secret. */
  versionsOf(secretName: string): readonly SecretVersion[] {
    return this.#secrets.get(secretName.toLowerCase()) ?? [];
  }

  /**
   * Makes a new version, unless the newest is just the same: Azure/azure-resource-manager-schemas#1494, Azure/bicep#6448.
   *
   * @param now milliseconds since the epoch
   */
  write(secretName: string, written: WrittenSecret, now: number): void {
    const versions = this.versionsOf(secretName);
    const { version, createdAt, ...newest } = versions.at(-1) ?? { version: "", createdAt: 0 };
    if (isDeepStrictEqual(newest, written)) return;
    const next = { ...written, version: randomBytes(16).toString("hex"), createdAt: Math.floor(now / 1000) };
    this.#secrets.set(secretName.toLowerCase(), [...versions, next]);
  }

  /** Takes a secret away with all its versions. Azure keeps it recoverable for a while; here it is gone. */
  remove(secretName: string): void {
    this.#secrets.delete(secretName.toLowerCase());
  }
}
