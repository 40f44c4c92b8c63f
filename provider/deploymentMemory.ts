import { type Board, noBoard } from "./deploymentBoard";
import type { AccountIdentity, KeyName } from "./rotation/accountKeys";
import type { Rotated } from "./rotation/rotation";
import { equalTriggers } from "./trigger";

/** A slot as inputs name it; the subscription may still be open. */
export type SlotName = Omit<AccountIdentity, "subscriptionId"> & { keyName: KeyName };

/** What a resource of this deployment did with a slot: `rotated` outranks `used`. */
export type Claim = "used" | "rotated";

/** The outputs of a resource, as far as its replacement needs them. */
export interface Compared {
  subscriptionId: string;
}

/** What of an account a resource stands for. */
export type Kind = "key" | "pair";

/** A key that was issued and is not published yet. */
export type Issued = Rotated & {
  /** ISO 8601. */
  rotatedAt: string;
};

/**
 * What one deployment has seen of each slot: this provider process, and what its other ones have posted.
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
  private readonly refreshed = new Set<string>();
  private readonly doubts = new Map<string, string>();
  /** The slot that a pair which was created here publishes. */
  private readonly inUse = new Map<string, KeyName>();

  constructor(private readonly board: Board = noBoard) {}

  /** Why it is not known what other provider processes of the deployment do with slots; `undefined` when it is. */
  get unseen(): string | undefined {
    return this.board.problem;
  }

  claim(slot: SlotName, subscriptionId: string | undefined, claim: Claim): void {
    const claims = this.claims.get(slotKey(slot)) ?? new Map();
    this.claims.set(slotKey(slot), claims);
    const subscription = subscriptionId?.toLowerCase();
    const present = claims.get(subscription);
    if (present === "rotated" || present === claim) return;
    claims.set(subscription, claim);
    this.board.post(claim, publication(slot, subscription));
  }

  claimOf(slot: SlotName, subscriptionId: string): Claim | undefined {
    const claims = this.claims.get(slotKey(slot));
    const subscription = subscriptionId.toLowerCase();
    return claims?.get(subscription) ?? claims?.get(undefined) ?? this.claimElsewhere(slot, subscription);
  }

  /**
   * Reserves slots for a resource that is about to end their keys and publish a new one, before anything is awaited: the
   * engine creates resources in parallel. False, with nothing reserved, when another one of this deployment publishes one.
   */
  reserve(slots: readonly SlotName[], subscriptionId: string): boolean {
    if (slots.some((slot) => this.publishers.get(publication(slot, subscriptionId)))) return false;
    if (this.isPublishedElsewhere("reserved", slots, subscriptionId, ["shared", "reserved"])) return false;
    this.publish(slots, subscriptionId);
    return true;
  }

  /**
   * Notes that a resource publishes the keys that the slots have; any number may. False, with nothing noted, when another
   * process of this deployment may be about to end one of them.
   */
  share(slots: readonly SlotName[], subscriptionId: string): boolean {
    if (this.isPublishedElsewhere("shared", slots, subscriptionId, ["reserved"])) return false;
    this.publish(slots, subscriptionId);
    return true;
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
    return entry !== undefined && equalTriggers(entry.trigger, trigger) ? entry.issued : undefined;
  }

  forget(slot: SlotName, subscriptionId: string): void {
    this.unpublished.delete(publication(slot, subscriptionId));
  }

  /**
   * Remembers the outputs of a resource that was compared with the program and may be replaced. Where its replacement
   * publishes a key of the same slot, it goes on from them.
   */
  rememberCompared(kind: Kind, slot: SlotName, outputs: Compared): void {
    this.compared.set(`${kind} ${publication(slot, outputs.subscriptionId)}`, outputs);
  }

  comparedWith<O extends Compared>(kind: Kind, slot: SlotName, subscriptionId: string): O | undefined {
    return this.compared.get(`${kind} ${publication(slot, subscriptionId)}`) as O | undefined;
  }

  /** Notes that a refresh has read the resource: it compares it next, for its display. */
  noteRefreshed(kind: Kind, slot: SlotName, subscriptionId: string): void {
    this.refreshed.add(`${kind} ${publication(slot, subscriptionId)}`);
  }

  /** Whether this comparison is that of a refresh, which tells nothing of what the program replaces. */
  isRefresh(kind: Kind, slot: SlotName, subscriptionId: string): boolean {
    return this.refreshed.delete(`${kind} ${publication(slot, subscriptionId)}`);
  }

  /** Notes when a rotation of the slot ended in doubt, or that one has gone through. @param at ISO 8601 */
  noteDoubt(slot: SlotName, subscriptionId: string, at: string | undefined): void {
    if (at === undefined) this.doubts.delete(publication(slot, subscriptionId));
    else this.doubts.set(publication(slot, subscriptionId), at);
  }

  doubtOf(slot: SlotName, subscriptionId: string): string | undefined {
    return this.doubts.get(publication(slot, subscriptionId));
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

  private claimElsewhere(slot: SlotName, subscription: string): Claim | undefined {
    const names = [publication(slot, subscription), publication(slot, undefined)];
    return (["rotated", "used"] as const).find((claim) => names.some((name) => this.board.isPosted(claim, name)));
  }

  private publish(slots: readonly SlotName[], subscriptionId: string): void {
    for (const slot of slots) {
      this.count(slot, subscriptionId, 1);
      this.claim(slot, subscriptionId, "used");
    }
  }

  /** Posts first and looks then, so that of two processes that do so at once at least one sees the other. */
  private isPublishedElsewhere(
    notice: "shared" | "reserved",
    slots: readonly SlotName[],
    subscriptionId: string,
    bars: readonly ("shared" | "reserved")[],
  ): boolean {
    const names = slots.map((slot) => publication(slot, subscriptionId));
    for (const name of names) this.board.post(notice, name);
    return names.some((name) => bars.some((bar) => this.board.isPosted(bar, name)));
  }

  private count(slot: SlotName, subscriptionId: string, change: number): void {
    const key = publication(slot, subscriptionId);
    this.publishers.set(key, (this.publishers.get(key) ?? 0) + change);
  }
}

function publication(slot: SlotName, subscriptionId = ""): string {
  return `${subscriptionId.toLowerCase()}/${slotKey(slot)}`;
}

function slotKey({ resourceGroupName, accountName, keyName }: SlotName): string {
  return [resourceGroupName, accountName, keyName].join("/").toLowerCase();
}
