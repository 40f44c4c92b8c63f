import {
  isAccountKnown,
  movedProperties,
  namedAccount,
  refuseReadById,
  requireSameSubscription,
  resolveAccount,
} from "./account";
import type { CheckFailure } from "./checkFailure";
import { type Context, timestamp } from "./context";
import type { SlotMemory } from "./deploymentMemory";
import { checkBoolean, checkCommon, checkKeyName } from "./inputs";
import { confirmed, type Issued, isLost, isSuperseded, type Left, leftBehind } from "./issuance";
import { Issuing, type Published } from "./issuing";
import { KeyError, UnfinishedRotation } from "./keyError";
import {
  dueUpdates,
  followed,
  heldBack,
  type KeyInputs,
  type KeyOutputs,
  obtained,
  storedKeys,
  unchanged,
} from "./keyOutcomes";
import { lookBeforeFinishing, readLiveKeys, waitsForYoungKey } from "./liveKeys";
import type { AccountIdentity, KeyName } from "./rotation/accountKeys";
import { failure } from "./rotation/callError";
import { isGone, isLocalAuthOff } from "./rotation/verdict";
import { firstSlot, type Slot, slotOf } from "./slots";
import { asksForRotation } from "./trigger";
import { isUnknown } from "./unknown";
import {
  changeFound,
  deleteWithoutRevoking,
  dropped,
  keyBeforeIsDead,
  lostFound,
  notRevoked,
  publishesFound,
  stillUnfinished,
  type Unfinished,
  unfinished,
  unseenProcesses,
} from "./words";

/** The life of one key slot, as the engine drives it. `check` and `diff` make no call. */
export class KeyHandler {
  private readonly issuing: Issuing;

  constructor(private readonly context: Context) {
    this.issuing = new Issuing(context);
  }

  async check(olds: KeyInputs, news: KeyInputs): Promise<{ inputs: KeyInputs; failures: CheckFailure[] }> {
    const failures = [
      ...checkCommon(olds, news),
      ...checkKeyName("keyName", news.keyName),
      ...checkBoolean("revokeOnDelete", news.revokeOnDelete),
    ];
    // Only what the program declares is checked, so this is how `delete` learns that a slot is still in use.
    if (failures.length === 0 && isAccountKnown(news) && !isUnknown(news.keyName)) {
      this.context.memory.slot(ownSlot(news), namedAccount(news).subscriptionId).noteClaim("used");
    }
    return { inputs: news, failures };
  }

  async diff(_id: string, olds: KeyOutputs, news: KeyInputs): Promise<{ changes: boolean; replaces?: string[] }> {
    const { memory } = this.context;
    const isRefresh = memory.key(ownSlot(olds), olds.subscriptionId).takeRefresh();
    const replaces = movedProperties(olds, news);
    if ((news.keyName ?? firstSlot) !== olds.keyName) replaces.push("keyName");
    const isMoved = replaces.length > 0;
    // An unfinished rotation is finished first, whatever the trigger has become; `update` takes the trigger over.
    if (!olds.unfinished && asksForRotation(olds, news)) replaces.push("rotationTrigger");
    if (!isRefresh && (olds.unfinished || replaces.includes("rotationTrigger"))) {
      this.issuing.announceWait(news.waitUntilAccepted);
    }
    if (replaces.length > 0) {
      if (!isRefresh) this.remember(olds, news, isMoved);
      if (isAccountKnown(news) && namedAccount(news).subscriptionId === undefined) {
        memory.key(ownSlot(news)).noteSubscription(olds.subscriptionId);
      }
      return { changes: true, replaces };
    }
    const changes = dueUpdates(olds, news).length > 0;
    // The option replaceOnChanges can make a replacement of any change.
    if (changes && !isRefresh) {
      this.remember(olds, news, false);
      this.sayWhatIsPublished(olds);
    }
    return { changes };
  }

  private sayWhatIsPublished(olds: KeyOutputs): void {
    const { log, memory } = this.context;
    if (olds.changedOutsideAt === undefined || olds.triggerLost) return;
    if (memory.key(ownSlot(olds), olds.subscriptionId).takeChangeNews())
      log(publishesFound({ ...namedAccount(olds), subscriptionId: olds.subscriptionId }));
  }

  /**
   * Remembers what `create` and `delete` are not told. Where something that an input comes from is replaced delete-first, the
   * engine compares with an unknown, deletes without a check, and creates: that must neither revoke nor rotate a key whose
   * trigger turns out to be the same.
   */
  private remember(olds: KeyOutputs, news: KeyInputs, isMoved: boolean): void {
    const { memory } = this.context;
    const slot = ownSlot(olds);
    const isPlaceKnown = isAccountKnown(news) && !isUnknown(news.keyName);
    // Whoever takes the slot that this key is known to leave is somebody else.
    if (!isMoved || !isPlaceKnown) memory.key(slot, olds.subscriptionId).compared = olds;
    if (!isPlaceKnown || isUnknown(news.rotationTrigger)) memory.slot(slot, olds.subscriptionId).noteClaim("used");
  }

  async create(inputs: KeyInputs): Promise<{ id: string; outs: KeyOutputs }> {
    const { memory } = this.context;
    const slot = ownSlot(inputs);
    const { keyName } = slot;
    const account = await resolveAccount(inputs, this.context, keyName);
    requireSameSubscription(inputs, account, memory.key(slot), keyName);
    const published = this.published(account, slot);
    const id = resourceId(account, keyName);
    const place = { subscriptionId: account.subscriptionId, keyName };
    const before = memory.key(slot, account.subscriptionId).compared;
    const wait = inputs.waitUntilAccepted;
    if (!asksForRotation(before, inputs)) {
      const keys = await this.issuing.adopt(published, wait, before && storedKeys(before), () => slot);
      const key = keys[keyName];
      // Deleted and created without a new trigger: the same key goes on.
      const goesOn = before !== undefined && (before.key === key || isSuperseded(key, before.unfinished));
      return goesOn ? { id, ...(await this.update(id, before, inputs)) } : { id, outs: obtained(inputs, place, key) };
    }
    const [slotMemory] = published.slots;
    const rotate = () => this.context.rotation.rotate(account, keyName, { stored: before?.key });
    const issue = () => this.issuing.issue(published, { keyName, slot: slotMemory }, wait, rotate);
    const outs = await this.issuing.once(slotMemory, inputs.rotationTrigger, issue, (issued) =>
      this.publish(id, account, inputs, obtained(inputs, place, issued.keys[keyName], issued), issued),
    );
    return { id, outs };
  }

  /** Never issues a key: what reaches here changes what is remembered of it, or finishes what was left. */
  async update(id: string, olds: KeyOutputs, news: KeyInputs): Promise<{ outs: KeyOutputs }> {
    const outs = unchanged(olds, news);
    if (olds.unfinished) return { outs: await this.finish(id, outs, olds.unfinished, news) };
    return { outs: isLost(olds.key) ? await this.recover(outs) : outs };
  }

  /** Brings the live key into state and never issues one. Without `id` the engine drops the resource. */
  async read(id: string, props: KeyOutputs): Promise<{ id?: string; props?: KeyOutputs }> {
    refuseReadById(props);
    const { keyName } = props;
    this.context.memory.key(ownSlot(props), props.subscriptionId).noteRefresh();
    const account = await resolveAccount(props, this.context, keyName);
    const keys = await readLiveKeys(account, this.context, storedKeys(props), keyName);
    if (keys === "gone") {
      this.context.log(dropped(account));
      return {};
    }
    if (keys === "unreadable" || keys[keyName] === props.key) return { id, props };
    if (props.unfinished?.unconfirmed || isSuperseded(keys[keyName], props.unfinished)) {
      this.context.log(stillUnfinished(account, keyName));
      return { id, props };
    }
    const triggerLost = isLost(props.key) && { triggerLost: true as const };
    const found = { changedOutsideAt: timestamp(this.context), ...triggerLost };
    this.context.log(isLost(props.key) ? lostFound(account) : changeFound(account, [keyName], keyName));
    return { id, props: { ...followed(props, keys[keyName]), ...found } };
  }

  async find(inputs: KeyInputs): Promise<{ id: string; outs: KeyOutputs }> {
    const slot = ownSlot(inputs);
    const { keyName } = slot;
    const account = await resolveAccount(inputs, this.context, keyName);
    const keys = await this.issuing.find(this.published(account, slot));
    const place = { subscriptionId: account.subscriptionId, keyName };
    return { id: resourceId(account, keyName), outs: obtained(inputs, place, keys[keyName]) };
  }

  async delete(_id: string, props: KeyOutputs): Promise<void> {
    if (!props.revokeOnDelete || props.rotatedAt === undefined) return;
    const { rotation, log } = this.context;
    const { keyName } = props;
    const account = await resolveAccount(props, this.context, keyName);
    const [slot] = this.published(account, ownSlot(props)).slots;
    if (this.isInUse(account, keyName, slot)) return;
    let listing = await rotation.read(account, keyName);
    if (
      "keys" in listing &&
      (await waitsForYoungKey(account, this.context, storedKeys(props), listing.keys, keyName))
    ) {
      listing = await rotation.read(account, keyName);
    }
    if ("answer" in listing) {
      const { answer } = listing;
      if (isGone(answer)) return log(notRevoked(account, keyName, "not-revoked-gone"));
      if (isLocalAuthOff(answer)) return log(notRevoked(account, keyName, "not-revoked-local-auth"));
      const call = { operation: "listKeys", account, keyName, alternative: deleteWithoutRevoking } as const;
      throw failure(call, answer, "unchanged");
    }
    // Asked again: the reading takes its time, in which another resource may have come to use the slot.
    if (this.isInUse(account, keyName, slot)) return;
    if (listing.keys[keyName] !== props.key) {
      return log(notRevoked(account, keyName, isLost(props.key) ? "not-revoked-lost" : "not-revoked-renewed"));
    }
    await rotation.rotate(account, keyName, { stored: props.key, live: listing.keys }, deleteWithoutRevoking);
  }

  /** Whether a resource of this deployment has to do with the slot of a key that is to be revoked. */
  private isInUse(account: AccountIdentity, keyName: KeyName, { claim }: SlotMemory): boolean {
    const { log, memory } = this.context;
    // Rotated is the replacement of this very key: its old value died when the new one was issued.
    if (claim === "used") log(notRevoked(account, keyName, "not-revoked-in-use"));
    const { unseen } = memory;
    if (claim === undefined && unseen !== undefined) throw new KeyError(unseenProcesses(account, keyName, unseen));
    return claim !== undefined;
  }

  private published(account: AccountIdentity, slot: Slot): Published & { slots: readonly [SlotMemory] } {
    return { account, keyName: slot.keyName, slots: [this.context.memory.slot(slot, account.subscriptionId)] };
  }

  /** What was left behind a key that is in state: whether that is still the live one, and whether it is accepted. */
  private async finish(id: string, outs: KeyOutputs, left: Left, news: KeyInputs): Promise<KeyOutputs> {
    const { keyName } = outs;
    const account = await resolveAccount(outs, this.context, keyName);
    await this.context.acceptance.prepare(news.waitUntilAccepted);
    const { live, doubt } = await lookBeforeFinishing(account, this.context, storedKeys(outs), left, keyName, keyName);
    if (doubt !== undefined) throw leftUnfinished(id, account, heldBack(outs, left), { doubt });
    const finished = live === undefined || live[keyName] === outs.key ? outs : followed(outs, live[keyName]);
    return this.publish(id, account, news, finished, {}, left);
  }

  /** The live key in place of one that state does not hold. */
  private async recover(outs: KeyOutputs): Promise<KeyOutputs> {
    const account = await resolveAccount(outs, this.context, outs.keyName);
    const keys = await this.context.rotation.adopt(account, outs.keyName);
    return followed(outs, keys[outs.keyName]);
  }

  /** The outputs, once nothing keeps their key from being published. @param left what is known of an unfinished rotation */
  private async publish(
    id: string,
    account: AccountIdentity,
    { waitUntilAccepted }: KeyInputs,
    outs: KeyOutputs,
    { doubt, former }: Pick<Issued, "doubt" | "former">,
    left: Left = leftBehind({ doubt, former }),
  ): Promise<KeyOutputs> {
    const { keyName, key } = outs;
    const toDo = await this.issuing.leftToDo(account, keyName, key, waitUntilAccepted, doubt);
    if (toDo === undefined) return outs;
    throw leftUnfinished(id, account, heldBack(outs, doubt === undefined ? confirmed(left) : left), toDo);
  }
}

function leftUnfinished(id: string, account: AccountIdentity, kept: KeyOutputs, left: Unfinished): UnfinishedRotation {
  return new UnfinishedRotation(id, kept, unfinished(account, kept.keyName, left, keyBeforeIsDead));
}

function resourceId({ accountName }: AccountIdentity, keyName: KeyName): string {
  return `${accountName}/${keyName}`;
}

function ownSlot(inputs: KeyInputs): Slot {
  return slotOf(namedAccount(inputs), inputs.keyName ?? firstSlot);
}
