import type { Board } from "./deploymentBoard";
import type { Issued } from "./issuance";
import type { KeyOutputs } from "./keyOutcomes";
import type { KeyPairOutputs } from "./keyPairOutcomes";
import type { AccountName, KeyName } from "./rotation/accountKeys";
import type { Slot } from "./slots";
import { equalTriggers, type Trigger } from "./trigger";

/** What a resource of this deployment did with a slot: `rotated` outranks `used`. */
export type Claim = "used" | "rotated";

/**
 * What one deployment has seen of slots and of the resources that stand for them: this provider, and what the deployment's
 * other processes have posted.
 *
 * The engine tells `create` nothing of the resource it replaces, and `delete` nothing of the one that replaced it. This
 * memory is how they know.
 */
export class DeploymentMemory {
  private readonly slots = new Map<string, SlotMemory>();
  private readonly keys = new Map<string, ResourceMemory<KeyOutputs>>();
  private readonly pairs = new Map<string, PairMemory>();
  private waitTold = false;

  constructor(private readonly board: Board) {}

  /** Why it is not known what other provider processes of the deployment do with slots; `undefined` when it is. */
  get unseen(): string | undefined {
    return this.board.problem;
  }

  /** Whether nobody was told yet that rotations wait. From then on somebody was. */
  takeWaitNews(): boolean {
    const isNews = !this.waitTold;
    this.waitTold = true;
    return isNews;
  }

  /** @param subscriptionId absent while it is not resolved, and may be any */
  slot(slot: Slot, subscriptionId?: string): SlotMemory {
    const name = nameOf(slot, subscriptionId);
    const inAny = subscriptionId === undefined ? undefined : this.slot(slot);
    return remembered(this.slots, name, () => new SlotMemory(name, this.board, inAny));
  }

  /** The single keys of a slot. @param subscriptionId as of {@link slot} */
  key(slot: Slot, subscriptionId?: string): ResourceMemory<KeyOutputs> {
    return remembered(this.keys, nameOf(slot, subscriptionId), () => new ResourceMemory());
  }

  /** The pairs of an account. @param subscriptionId as of {@link slot} */
  pair(account: AccountName, subscriptionId?: string): PairMemory {
    return remembered(this.pairs, nameOf(account, subscriptionId), () => new PairMemory());
  }

  /**
   * Reserves slots for a resource that is about to end their keys and publish a new one, before anything is awaited: the
   * engine creates resources in parallel. False, with nothing reserved, when another one of this deployment publishes one.
   */
  reserve(slots: readonly SlotMemory[]): boolean {
    return slots.every((slot) => !slot.isPublished) && this.publish("reserved", slots, ["shared", "reserved"]);
  }

  /**
   * Notes that a resource publishes the keys that the slots have; any number may. False, with nothing noted, when another
   * process of this deployment may be about to end one of them.
   */
  share(slots: readonly SlotMemory[]): boolean {
    return this.publish("shared", slots, ["reserved"]);
  }

  /** Takes back one reservation, or one share, of slots whose keys were not published after all. */
  release(slots: readonly SlotMemory[]): void {
    for (const slot of slots) slot.countPublisher(-1);
  }

  /** Posts first and looks then, so that of two processes that do so at once at least one sees the other. */
  private publish(
    notice: "shared" | "reserved",
    slots: readonly SlotMemory[],
    bars: readonly ("shared" | "reserved")[],
  ): boolean {
    for (const { name } of slots) this.board.post(notice, name);
    if (slots.some(({ name }) => bars.some((bar) => this.board.isPosted(bar, name)))) return false;
    for (const slot of slots) slot.countPublisher(1);
    return true;
  }
}

/** What one deployment knows of a slot. */
export class SlotMemory {
  /** When a rotation of the slot ended in doubt: ISO 8601. Absent when one has gone through. */
  doubtedAt: string | undefined;
  private claimed: Claim | undefined;
  /** How many resources publish a key of the slot. */
  private publishers = 0;
  private unpublished: { trigger: Trigger; issued: Issued } | undefined;

  /**
   * @param name of the slot, on the board
   * @param inAny the same slot in a subscription that was not resolved yet
   */
  constructor(
    readonly name: string,
    private readonly board: Board,
    private readonly inAny: SlotMemory | undefined,
  ) {}

  get isPublished(): boolean {
    return this.publishers > 0;
  }

  get claim(): Claim | undefined {
    return this.claimed ?? this.inAny?.claimed ?? this.claimElsewhere();
  }

  noteClaim(claim: Claim): void {
    if (this.claimed === "rotated" || this.claimed === claim) return;
    this.claimed = claim;
    this.board.post(claim, this.name);
  }

  countPublisher(change: 1 | -1): void {
    this.publishers += change;
    if (change > 0) this.noteClaim("used");
  }

  /**
   * Keeps a key that was issued for this trigger and not published. A program may have the engine try again at once (the
   * hook `onError`), and that attempt is told nothing of the first one.
   */
  keep(trigger: Trigger, issued: Issued): void {
    this.unpublished = { trigger, issued };
  }

  kept(trigger: Trigger): Issued | undefined {
    return this.unpublished && equalTriggers(this.unpublished.trigger, trigger) ? this.unpublished.issued : undefined;
  }

  forget(): void {
    this.unpublished = undefined;
  }

  private claimElsewhere(): Claim | undefined {
    const names = [this, this.inAny].flatMap((slot) => slot?.name ?? []);
    return (["rotated", "used"] as const).find((claim) => names.some((name) => this.board.isPosted(claim, name)));
  }
}

/** What one deployment knows of the resources that stand for the same thing. */
export class ResourceMemory<Outputs> {
  /** The outputs of one that was compared with the program and may be replaced; its replacement goes on from them. */
  compared: Outputs | undefined;
  private refreshed = false;
  private changeTold = false;
  private readonly subscriptions = new Set<string>();

  /** Notes that a refresh has read the resource: it compares it next, for its display. */
  noteRefresh(): void {
    this.refreshed = true;
  }

  /** Whether this comparison is that of a refresh, which tells nothing of what the program replaces. */
  takeRefresh(): boolean {
    const { refreshed } = this;
    this.refreshed = false;
    return refreshed;
  }

  /** Whether nobody was told yet what a refresh has found of it: the engine may compare it more than once. */
  takeChangeNews(): boolean {
    const isNews = !this.changeTold;
    this.changeTold = true;
    return isNews;
  }

  /** Notes the subscription that a replaced resource is stored with. */
  noteSubscription(subscriptionId: string): void {
    this.subscriptions.add(subscriptionId.toLowerCase());
  }

  /** A subscription that is not this one, and with which a resource is stored. */
  otherSubscription(subscriptionId: string): string | undefined {
    return [...this.subscriptions].find((id) => id !== subscriptionId.toLowerCase());
  }
}

/** What one deployment knows of the pairs of an account. */
export class PairMemory extends ResourceMemory<KeyPairOutputs> {
  /** The slot that a pair which was created here publishes. */
  published: KeyName | undefined;
}

function remembered<Memory>(all: Map<string, Memory>, name: string, begin: () => Memory): Memory {
  const memory = all.get(name) ?? begin();
  all.set(name, memory);
  return memory;
}

function nameOf({ resourceGroupName, accountName, keyName }: AccountName & Partial<Slot>, subscriptionId = ""): string {
  return [subscriptionId, resourceGroupName, accountName, keyName].join("/").toLowerCase();
}
