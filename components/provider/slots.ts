import { isDeepStrictEqual } from "node:util";
import type { AccountIdentity, KeyName } from "./accountKeys";
import type { Rotated } from "./rotation";

/** A slot as inputs name it; the subscription may still be open. */
export type SlotName = Omit<AccountIdentity, "subscriptionId"> & { keyName: KeyName };

/** What a resource of this deployment did with a slot: `rotated` outranks `used`. */
export type Claim = "used" | "rotated";

/** The outputs of a resource, as far as its replacement needs them. */
export interface Compared {
  subscriptionId: string;
}

/** A key that was issued and is not published yet. */
export type Issued = Rotated & {
  /** ISO 8601. */
  rotatedAt: string;
};

/**
 * What one provider process, that is one deployment, has seen of each slot.
 *
 * The engine tells `create` nothing of the resource it replaces, and `delete` nothing of the one that replaced it. This
 * memory is how they know.
 */
export class Slots {
  /** By slot, then by subscription; `undefined` is one that was not resolved yet, and may be any. */
  private readonly claims = new Map<string, Map<string | undefined, Claim>>();
  /** How many resources publish a key of the slot. */
  private readonly publishers = new Map<string, number>();
  private readonly unpublished = new Map<string, { trigger: unknown; issued: Issued }>();
  private readonly storedSubscriptions = new Map<string, Set<string>>();
  private readonly compared = new Map<string, Compared>();
  /** The slot that a pair which was created here publishes. */
  private readonly inUse = new Map<string, KeyName>();

  claim(slot: SlotName, subscriptionId: string | undefined, claim: Claim): void {
    const claims = this.claims.get(slotKey(slot)) ?? new Map();
    this.claims.set(slotKey(slot), claims);
    const subscription = subscriptionId?.toLowerCase();
    if (claims.get(subscription) !== "rotated") claims.set(subscription, claim);
  }

  claimOf(slot: SlotName, subscriptionId: string): Claim | undefined {
    const claims = this.claims.get(slotKey(slot));
    return claims?.get(subscriptionId.toLowerCase()) ?? claims?.get(undefined);
  }

  /**
   * Reserves slots for a resource that is about to end their keys and publish a new one, before anything is awaited: the
   * engine creates resources in parallel. False, with nothing reserved, when another one of this deployment publishes one.
   */
  reserve(slots: readonly SlotName[], subscriptionId: string): boolean {
    if (slots.some((slot) => this.publishers.get(publication(slot, subscriptionId)))) return false;
    this.share(slots, subscriptionId);
    return true;
  }

  /** Notes that a resource publishes the keys that the slots have; any number may. */
  share(slots: readonly SlotName[], subscriptionId: string): void {
    for (const slot of slots) {
      this.count(slot, subscriptionId, 1);
      this.claim(slot, subscriptionId, "used");
    }
  }

  /** Takes back one reservation, or one share, of slots whose keys were not published after all. */
  release(slots: readonly SlotName[], subscriptionId: string): void {
    for (const slot of slots) this.count(slot, subscriptionId, -1);
  }

  /**
   * Keeps a key that was issued for this trigger and not accepted in time. A program may have the engine try again at
   * once (the hook `onError`), and that attempt is told nothing of the first one.
   */
  keep(slot: SlotName, subscriptionId: string, trigger: unknown, issued: Issued): void {
    this.unpublished.set(publication(slot, subscriptionId), { trigger, issued });
  }

  kept(slot: SlotName, subscriptionId: string, trigger: unknown): Issued | undefined {
    const entry = this.unpublished.get(publication(slot, subscriptionId));
    return entry !== undefined && isDeepStrictEqual(entry.trigger, trigger) ? entry.issued : undefined;
  }

  forget(slot: SlotName, subscriptionId: string): void {
    this.unpublished.delete(publication(slot, subscriptionId));
  }

  /**
   * Remembers the outputs of a resource that was compared with the program and may be replaced. Where its replacement
   * publishes a key of the same slot, it goes on from them.
   */
  rememberCompared(slot: SlotName, outputs: Compared): void {
    this.compared.set(publication(slot, outputs.subscriptionId), outputs);
  }

  comparedWith<O extends Compared>(slot: SlotName, subscriptionId: string): O | undefined {
    return this.compared.get(publication(slot, subscriptionId)) as O | undefined;
  }

  /** Notes which slot of an account a new pair publishes. */
  noteInUse(slot: SlotName, subscriptionId: string): void {
    this.inUse.set(publication({ ...slot, keyName: "Key1" }, subscriptionId), slot.keyName);
  }

  /** The slot that a pair created here publishes, where that is not this one. */
  otherInUse(slot: SlotName, subscriptionId: string): KeyName | undefined {
    const keyName = this.inUse.get(publication({ ...slot, keyName: "Key1" }, subscriptionId));
    return keyName === slot.keyName ? undefined : keyName;
  }

  private count(slot: SlotName, subscriptionId: string, change: number): void {
    const key = publication(slot, subscriptionId);
    this.publishers.set(key, (this.publishers.get(key) ?? 0) + change);
  }

  /** Notes the subscription a replaced resource is stored with. */
  rememberSubscription(slot: SlotName, subscriptionId: string): void {
    const stored = this.storedSubscriptions.get(slotKey(slot)) ?? new Set();
    this.storedSubscriptions.set(slotKey(slot), stored.add(subscriptionId.toLowerCase()));
  }

  /** A subscription the slot's resource is stored with that is not this one. */
  otherStoredSubscription(slot: SlotName, subscriptionId: string): string | undefined {
    const stored = this.storedSubscriptions.get(slotKey(slot)) ?? [];
    return [...stored].find((id) => id !== subscriptionId.toLowerCase());
  }
}

function publication(slot: SlotName, subscriptionId: string): string {
  return `${subscriptionId.toLowerCase()}/${slotKey(slot)}`;
}

function slotKey({ resourceGroupName, accountName, keyName }: SlotName): string {
  return [resourceGroupName, accountName, keyName].join("/").toLowerCase();
}
