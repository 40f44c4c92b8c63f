import type { AccountIdentity, KeyName } from "./accountKeys";

/** A slot as inputs name it; the subscription may still be open. */
export type SlotName = Omit<AccountIdentity, "subscriptionId"> & { keyName: KeyName };

/** What a resource of this deployment did with a slot: `rotated` outranks `used`. */
export type Claim = "used" | "rotated";

/**
 * What one provider process, that is one deployment, has seen of each slot.
 *
 * The engine tells `create` nothing of the resource it replaces, and `delete` nothing of the one that replaced it. This
 * memory is how they know.
 */
export class Slots {
  /** By slot, then by subscription; `undefined` is one that was not resolved yet, and may be any. */
  private readonly claims = new Map<string, Map<string | undefined, Claim>>();
  private readonly published = new Set<string>();
  private readonly storedSubscriptions = new Map<string, Set<string>>();

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
   * Reserves the slot for a resource that is about to publish its key, before anything is awaited: the engine creates
   * resources in parallel. False when another one of this deployment has it.
   */
  reserve(slot: SlotName, subscriptionId: string): boolean {
    const key = publication(slot, subscriptionId);
    if (this.published.has(key)) return false;
    this.published.add(key);
    return true;
  }

  /** Gives a slot free whose key was not published after all. */
  release(slot: SlotName, subscriptionId: string): void {
    this.published.delete(publication(slot, subscriptionId));
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
