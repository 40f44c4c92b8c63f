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
import { isDoubtOpen, isInDoubt } from "./doubt";
import { checkCommon, checkDuration, checkKeyName } from "./inputs";
import {
  confirmed,
  type Issuance,
  isLost,
  isSuperseded,
  issuance,
  type Left,
  leftBehind,
  withoutIssuance,
} from "./issuance";
import { Issuing, type Published } from "./issuing";
import { KeyError, RotationInDoubt, UnfinishedRotation } from "./keyError";
import {
  adopted,
  dueUpdates,
  follow,
  goesOn,
  heldBack,
  type KeyPairInputs,
  type KeyPairOutputs,
  needsReading,
  published,
  storedKeys,
  unchanged,
} from "./keyPairOutcomes";
import { lookBeforeFinishing, readLiveKeys, readUnlessForbidden, unlessForbidden, waitWhileStale } from "./liveKeys";
import { isWithoutOverlap, requireOverlap } from "./overlap";
import type { AccountIdentity, Keys } from "./rotation/accountKeys";
import type { Listing, Rotated } from "./rotation/rotation";
import { bothSlots, initialSlot, nextSlot, otherSlot, slotOf } from "./slots";
import { asksForRotation, triggerAsksForRotation } from "./trigger";
import { isUnknown } from "./unknown";
import {
  changeFound,
  createdAgain,
  dropped,
  inUseChanged,
  keyInUseMeanwhile,
  lostFound,
  publishesFound,
  renewalUnread,
  spareChanged,
  spareUnread,
  stillUnfinished,
  unfinished,
} from "./words";

/** The life of both slots of an account, as the engine drives it. `check` and `diff` make no call. */
export class KeyPairHandler {
  private readonly issuing: Issuing;

  constructor(private readonly context: Context) {
    this.issuing = new Issuing(context);
  }

  async check(olds: KeyPairInputs, news: KeyPairInputs): Promise<{ inputs: KeyPairInputs; failures: CheckFailure[] }> {
    const failures = [
      ...checkCommon(olds, news),
      ...checkKeyName("initialKeyName", news.initialKeyName),
      ...checkDuration("minimumOverlap", news.minimumOverlap, olds.minimumOverlap),
    ];
    // Only what the program declares is checked: a single key that is deleted must not revoke a slot of the pair.
    if (failures.length === 0 && isAccountKnown(news)) {
      const account = namedAccount(news);
      for (const slot of bothSlots(account)) this.context.memory.slot(slot, account.subscriptionId).noteClaim("used");
    }
    return { inputs: news, failures };
  }

  async diff(
    _id: string,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<{ changes: boolean; replaces?: string[] }> {
    const { memory } = this.context;
    const own = memory.pair(namedAccount(olds), olds.subscriptionId);
    const isRefresh = own.takeRefresh();
    const replaces = movedProperties(olds, news);
    if (replaces.length > 0) {
      // Whoever takes an account that this pair is known to leave is somebody else.
      if (!isAccountKnown(news)) own.compared = olds;
      else if (namedAccount(news).subscriptionId === undefined) {
        memory.pair(namedAccount(news)).noteSubscription(olds.subscriptionId);
      }
      return { changes: true, replaces };
    }
    const due = dueUpdates(olds, news);
    const changes = due.length > 0;
    const isKnown = !isUnknown(news.rotationTrigger) && !isUnknown(news.minimumOverlap);
    if (due.includes("rotationTrigger") && isKnown) requireOverlap(olds, news, this.context.now());
    // The option replaceOnChanges can make a replacement of any change.
    if (changes && !isRefresh) {
      own.compared = olds;
      if (due.includes("rotationTrigger") || due.includes("unfinished"))
        this.issuing.announceWait(news.waitUntilAccepted);
      const isPublished = due.includes("changedOutsideAt") && !olds.triggerLost;
      if (isPublished && own.takeChangeNews())
        this.context.log(publishesFound({ ...namedAccount(olds), subscriptionId: olds.subscriptionId }));
    }
    return { changes };
  }

  /** Adopts both keys, trigger or not: the first deployment disturbs nobody. */
  async create(inputs: KeyPairInputs): Promise<{ id: string; outs: KeyPairOutputs }> {
    const { memory } = this.context;
    const account = await resolveAccount(inputs, this.context);
    const { subscriptionId, accountName: id } = account;
    requireSameSubscription(inputs, account, memory.pair(account));
    const own = memory.pair(account, subscriptionId);
    const before = own.compared;
    const both = this.published(account);
    const keyName = initialSlot(inputs);
    const keys = await this.issuing.adopt(both, inputs.waitUntilAccepted, before && storedKeys(before), (found) =>
      before && goesOn(before, found) ? undefined : { keyName, other: otherSlot(keyName) },
    );
    if (before && goesOn(before, keys)) {
      // Created again in the middle of a deployment that has compared it: it goes on with the slot in use.
      memory.release(both.slots);
      const { outs } = await this.update(id, before, inputs);
      memory.share(both.slots);
      return { id, outs };
    }
    own.published = keyName;
    // A pair with a trigger may be one that is created again, and consumers hold the key of the other slot.
    const publishedAt = triggerAsksForRotation(undefined, inputs.rotationTrigger) ? timestamp(this.context) : undefined;
    return { id, outs: adopted(inputs, subscriptionId, keys, publishedAt) };
  }

  async update(id: string, olds: KeyPairOutputs, news: KeyPairInputs): Promise<{ outs: KeyPairOutputs }> {
    const account = await resolveAccount({ ...namedAccount(news), subscriptionId: olds.subscriptionId }, this.context);
    if (olds.unfinished) return { outs: await this.finish(id, account, olds, olds.unfinished, news) };
    if (asksForRotation(olds, news)) return { outs: await this.rotate(id, account, olds, news) };
    const outs = unchanged(olds, news);
    const live = needsReading(olds) ? await this.readLive(account, olds, renewalUnread) : undefined;
    const doubtful = isInDoubt(olds, this.context.now());
    if (live === undefined && olds.changedOutsideAt === undefined) {
      // Not looked at, so the doubt stays.
      return { outs: { ...outs, ...(doubtful && { rotationInDoubt: olds.rotationInDoubt }) } };
    }
    if (live === undefined || live[olds.keyName] === olds.key) {
      const found = live !== undefined && live[olds.previousKeyName] !== olds.previousKey && !doubtful;
      const republished = (found || olds.changedOutsideAt !== undefined) && { publishedAt: timestamp(this.context) };
      return { outs: { ...outs, ...(live && { previousKey: live[olds.previousKeyName] }), ...republished } };
    }
    return { outs: { ...withoutIssuance(outs), ...follow(olds, live), publishedAt: timestamp(this.context) } };
  }

  /** Brings the live keys into state and never issues one. Without `id` the engine drops the resource. */
  async read(id: string, props: KeyPairOutputs): Promise<{ id?: string; props?: KeyPairOutputs }> {
    refuseReadById(props);
    const { log, memory, now } = this.context;
    memory.pair(namedAccount(props), props.subscriptionId).noteRefresh();
    const account = await resolveAccount(props, this.context);
    const keys = await readLiveKeys(account, this.context, storedKeys(props));
    if (keys === "gone") {
      log(dropped(account, { initial: initialSlot(props), inUse: props.keyName }));
      return {};
    }
    if (keys === "unreadable") return { id, props };
    const spare = keys[props.previousKeyName];
    const isOpen = props.unfinished?.unconfirmed && spare !== props.previousKey;
    if (isOpen || isSuperseded(spare, props.unfinished)) {
      log(stillUnfinished(account, props.previousKeyName));
      return { id, props };
    }
    const followed = follow(props, keys);
    const sameKey = followed.key === props.key;
    const { rotationInDoubt: _over, ...looked } = props;
    // A spare key that a rotation of this resource may have left behind is nobody else's. Once it is known, and nothing more
    // of that rotation can come, the doubt is over: who renews the slot from now on is somebody else.
    const kept = isDoubtOpen(props, now()) ? props : looked;
    if (sameKey && spare === props.previousKey) return { id, props: kept };
    if (sameKey && isInDoubt(props, now())) return { id, props: { ...kept, ...followed } };
    const triggerLost = isLost(props.key) && { triggerLost: true as const };
    const changed = [
      ...(sameKey ? [] : [props.keyName]),
      ...(spare === props.previousKey ? [] : [props.previousKeyName]),
    ];
    const found = sameKey ? props : withoutIssuance(props);
    log(
      isLost(props.key) || isLost(props.previousKey)
        ? lostFound(account)
        : changeFound(account, changed, props.keyName),
    );
    return { id, props: { ...found, ...followed, changedOutsideAt: timestamp(this.context), ...triggerLost } };
  }

  async find(inputs: KeyPairInputs): Promise<{ id: string; outs: KeyPairOutputs }> {
    const account = await resolveAccount(inputs, this.context);
    const keys = await this.issuing.find(this.published(account));
    return { id: account.accountName, outs: adopted(inputs, account.subscriptionId, keys, undefined) };
  }

  /** Both keys stay as they are. One that was replaced may have published another slot than the new one. */
  async delete(_id: string, props: KeyPairOutputs): Promise<void> {
    const { subscriptionId, keyName } = props;
    const { resourceGroupName, accountName } = namedAccount(props);
    const account = { subscriptionId, resourceGroupName, accountName };
    const anew = this.context.memory.pair(account, subscriptionId).published;
    if (anew !== undefined && anew !== keyName) this.context.log(createdAgain(account, anew, keyName));
  }

  /** Issues a new key in the slot that is not in use, so that the one consumers hold stays valid. */
  private async rotate(
    id: string,
    account: AccountIdentity,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<KeyPairOutputs> {
    // Asked again because a preview may not have known the trigger or the overlap.
    requireOverlap(olds, news, this.context.now());
    const keyName = nextSlot(olds);
    const spare = this.context.memory.slot(slotOf(account, keyName), account.subscriptionId);
    const renewed = { keyName, slot: spare };
    const rotate = () => this.rotateSpare(id, account, spare, olds, news);
    // Both slots: a new key in either would be published beside one that another resource ends.
    const issue = () => this.issuing.issue(this.published(account), renewed, news.waitUntilAccepted, rotate);
    return this.issuing.once(spare, news.rotationTrigger, issue, (issued) => {
      const pending = { ...unchanged(olds, news), unfinished: { ...issuance(issued), ...leftBehind(issued) } };
      return this.publish(id, account, pending, issued.keys, news, issued.doubt);
    });
  }

  /** Nothing is awaited before the call. */
  private async rotateSpare(
    id: string,
    account: AccountIdentity,
    spare: SlotMemory,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<Rotated> {
    const remembered = spare.doubtedAt;
    const rotationInDoubt = olds.rotationInDoubt ?? remembered;
    const marked = { ...olds, ...(rotationInDoubt !== undefined && { rotationInDoubt }) };
    const inspect = isWithoutOverlap(news)
      ? undefined
      : (listing: Listing) => this.requireSpare(account, marked, listing);
    const doubtedAt = isDoubtOpen(marked, this.context.now()) ? Date.parse(rotationInDoubt ?? "") : undefined;
    try {
      const known = { stored: olds.previousKey, inspect, doubtedAt };
      const rotated = await this.context.rotation.rotate(account, nextSlot(olds), known);
      spare.doubtedAt = undefined;
      return rotated;
    } catch (error) {
      const at = error instanceof KeyError && error.inDoubt ? timestamp(this.context) : remembered;
      if (!(error instanceof KeyError) || at === undefined) throw error;
      // The engine may try again at once (the hook `onError`), and tells that attempt nothing of this one.
      spare.doubtedAt = at;
      throw new RotationInDoubt(id, { ...olds, rotationInDoubt: at }, error.message);
    }
  }

  /** Makes sure that nobody holds the key which is about to be ended: whoever has issued it, say a colleague, may use it. */
  private requireSpare(account: AccountIdentity, olds: KeyPairOutputs, listing: Listing): void {
    const { previousKey, previousKeyName } = olds;
    const live = unlessForbidden(account, listing, this.context, spareUnread(previousKeyName), previousKeyName);
    if (live === undefined || live[previousKeyName] === previousKey || isInDoubt(olds, this.context.now())) return;
    throw new KeyError(spareChanged(account, previousKeyName));
  }

  /** The live keys, where they may be read; where they may not, state must hold both. */
  private async readLive(account: AccountIdentity, olds: KeyPairOutputs, notKnown: string): Promise<Keys | undefined> {
    if (isLost(olds.key) || isLost(olds.previousKey)) return this.context.rotation.adopt(account);
    await waitWhileStale(account, this.context, olds.rotationInDoubt);
    return readUnlessForbidden(account, this.context, notKnown);
  }

  private published(account: AccountIdentity): Published {
    const slots = bothSlots(account).map((slot) => this.context.memory.slot(slot, account.subscriptionId));
    return { account, slots };
  }

  /** What was left behind a key that is in state: whether both are still the live ones, and whether it is accepted. */
  private async finish(
    id: string,
    account: AccountIdentity,
    olds: KeyPairOutputs,
    left: Issuance & Left,
    news: KeyPairInputs,
  ): Promise<KeyPairOutputs> {
    await this.context.acceptance.prepare(news.waitUntilAccepted);
    const slot = olds.previousKeyName;
    const { live, doubt } = await lookBeforeFinishing(account, this.context, storedKeys(olds), left, slot);
    const inState = { [olds.keyName]: olds.key, [slot]: olds.previousKey } as Keys;
    const keys = { ...inState, ...live, ...(doubt !== undefined && { [slot]: olds.previousKey }) };
    const unfinished = doubt !== undefined ? left : (follow(olds, keys).unfinished ?? confirmed(left));
    const outs = await this.publish(id, account, { ...unchanged(olds, news), unfinished }, keys, news, doubt);
    return { ...outs, publishedAt: timestamp(this.context) };
  }

  /**
   * The outputs with the new key in use, once nothing keeps it from being published.
   *
   * @param pending the outputs with the key in use as before, and in `unfinished` what is known of the new one
   * @param keys the live keys
   */
  private async publish(
    id: string,
    account: AccountIdentity,
    pending: KeyPairOutputs,
    keys: Keys,
    { waitUntilAccepted }: KeyPairInputs,
    doubt: string | undefined,
  ): Promise<KeyPairOutputs> {
    const { keyName, previousKeyName } = pending;
    const changedOutside = keys[keyName] !== pending.key;
    if (changedOutside) this.context.log(inUseChanged(account, keyName));
    const key = keys[previousKeyName];
    const left = await this.issuing.leftToDo(account, previousKeyName, key, waitUntilAccepted, doubt);
    // Waiting takes its time, in which nobody could have the new key.
    if (left === undefined) return published(pending, keys, waitUntilAccepted ? timestamp(this.context) : undefined);
    const message = unfinished(account, previousKeyName, left, keyInUseMeanwhile(keyName, changedOutside));
    throw new UnfinishedRotation(id, heldBack(pending, keys), message);
  }
}
