import {
  type AccountInputs,
  isAccountKnown,
  movedProperties,
  namedAccount,
  refuseReadById,
  resolveAccount,
} from "./account";
import { type Context, timestamp } from "./context";
import type { Issued, SlotName } from "./deploymentMemory";
import { addDuration } from "./duration";
import { withFingerprint } from "./fingerprint";
import { type CheckFailure, checkAcceptance, checkAccount, checkDuration, checkKeyName, checkMaxAge } from "./inputs";
import { KeyError, RotationInDoubt, UnfinishedRotation } from "./keyError";
import {
  adoptAgainst,
  isSuperseded,
  type Left,
  leftBehind,
  lookBeforeFinishing,
  readLiveKeys,
  readUnlessForbidden,
  type Stored,
  unlessForbidden,
  waitWhileStale,
} from "./liveKeys";
import type { WaitUntilAccepted } from "./rotation/acceptance";
import type { AccountIdentity, KeyName, Keys } from "./rotation/accountKeys";
import type { Listing } from "./rotation/rotation";
import { asksForRotation, checkTrigger, isLost, type Trigger, triggerAsksForRotation } from "./trigger";
import { isUnknown } from "./unknown";
import {
  dropped,
  inUseChanged,
  keyInUseMeanwhile,
  madeAnew,
  notAdopted,
  otherDefault,
  renewalUnread,
  renewedElsewhere,
  spareChanged,
  spareLost,
  spareUnread,
  stillUnfinished,
  taken,
  tooSoon,
  tryingAdopted,
  tryingNew,
  unfinished as unfinishedMessage,
  unpublished,
} from "./words";

/** The checked inputs of a `RotatingCognitiveAccountKeyPair`. */
export interface KeyPairInputs extends AccountInputs {
  rotationTrigger?: Trigger;
  initialKeyName?: KeyName;
  /** ISO 8601 duration. */
  minimumOverlap?: string | null;
  /** ISO 8601 duration. Only checked here: the program warns of an older key. */
  maxAge?: string | null;
  waitUntilAccepted?: WaitUntilAccepted | null;
}

/** Its outputs: pure JSON, as the engine stores them. */
export interface KeyPairOutputs extends KeyPairInputs {
  subscriptionId: string;
  /** The key in use, and its slot. */
  key: string;
  keyName: KeyName;
  keyFingerprint: string;
  /** The key that was in use before, and its slot: the next one to be regenerated. */
  previousKey: string;
  previousKeyName: KeyName;
  /** 0 while both keys are only adopted. */
  rotationCount: number;
  /** ISO 8601. Present only while `key` was issued by this resource. */
  rotatedAt?: string;
  requestId?: string;
  /** ISO 8601, set by a refresh that found another key than one in state, until the next update. */
  changedOutsideAt?: string;
  /** ISO 8601: when `key` became the one to publish, where that was not by the rotation of `rotatedAt`. */
  publishedAt?: string;
  /**
   * Set while something behind an obtained key has failed, until an update has finished it. Until then `key` is the one
   * in use as before, since the engine may publish outputs of a resource that has failed, and `previousKey` the new one.
   */
  unfinished?: Issuance & Left;
  /**
   * ISO 8601, set by a rotation of which it is not known whether it changed the slot of `previousKey`, until an update goes
   * through: nobody else holds a key that is found there.
   */
  rotationInDoubt?: string;
  /** Set by a refresh that found state without its secrets, of which the trigger may have held one, until an update. */
  triggerLost?: true;
}

type Issuance = Pick<KeyPairOutputs, "rotatedAt" | "requestId">;

/** The life of both slots of an account, as the engine drives it. `check` and `diff` make no call. */
export class KeyPairHandler {
  constructor(private readonly context: Context) {}

  async check(olds: KeyPairInputs, news: KeyPairInputs): Promise<{ inputs: KeyPairInputs; failures: CheckFailure[] }> {
    const failures = [
      ...checkAccount(news),
      ...checkKeyName("initialKeyName", news.initialKeyName),
      ...checkTrigger(news.rotationTrigger),
      ...checkDuration("minimumOverlap", news.minimumOverlap, olds.minimumOverlap),
      ...checkMaxAge(news.maxAge, olds.maxAge),
      ...checkAcceptance(news.waitUntilAccepted, olds.waitUntilAccepted),
    ];
    // Only what the program declares is checked: a single key that is deleted must not revoke a slot of the pair.
    if (failures.length === 0 && isAccountKnown(news)) {
      const account = namedAccount(news);
      for (const slot of bothSlots(account)) this.context.slots.claim(slot, account.subscriptionId, "used");
    }
    return { inputs: news, failures };
  }

  async diff(
    _id: string,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<{ changes: boolean; replaces?: string[] }> {
    const { slots } = this.context;
    const own = slotOf(namedAccount(olds), "Key1");
    const isRefresh = slots.isRefresh("pair", own, olds.subscriptionId);
    const replaces = movedProperties(olds, news);
    if (replaces.length > 0) {
      // Whoever takes an account that this pair is known to leave is somebody else.
      if (!isAccountKnown(news)) slots.rememberCompared("pair", own, olds);
      else if (namedAccount(news).subscriptionId === undefined) {
        slots.rememberSubscription(slotOf(namedAccount(news), "Key1"), olds.subscriptionId);
      }
      return { changes: true, replaces };
    }
    const changes = this.toDo(olds, news);
    // The option replaceOnChanges can make a replacement of any change.
    if (changes && !isRefresh) slots.rememberCompared("pair", own, olds);
    return { changes };
  }

  private toDo(olds: KeyPairOutputs, news: KeyPairInputs): boolean {
    // An unfinished rotation is finished first, whatever the trigger has become; `update` takes the trigger over.
    if (olds.unfinished) return true;
    if (asksForRotation(olds, news)) {
      if (!isUnknown(news.rotationTrigger) && !isUnknown(news.minimumOverlap)) this.requireOverlap(olds, news);
      return true;
    }
    return olds.changedOutsideAt !== undefined || needsReading(olds);
  }

  /** Adopts both keys, trigger or not: the first deployment disturbs nobody. */
  async create(inputs: KeyPairInputs): Promise<{ id: string; outs: KeyPairOutputs }> {
    const account = await resolveAccount(inputs, this.context);
    const { subscriptionId, accountName: id } = account;
    const { slots } = this.context;
    const stored = slots.otherStoredSubscription(slotOf(account, "Key1"), subscriptionId);
    if (namedAccount(inputs).subscriptionId === undefined && stored !== undefined)
      throw new KeyError(otherDefault(account, stored));
    const before = slots.comparedWith<KeyPairOutputs>("pair", slotOf(account, "Key1"), subscriptionId);
    const keys = await this.adopt(account, inputs, before);
    if (before && goesOn(before, keys)) {
      // Made anew in the middle of a deployment that has compared it: it goes on with the slot in use.
      slots.release(bothSlots(account), subscriptionId);
      const { outs } = await this.update(id, before, inputs);
      slots.share(bothSlots(account), subscriptionId);
      return { id, outs };
    }
    await this.requireAcceptance(account, keys, inputs);
    const keyName = initialKeyName(inputs);
    const previousKeyName = otherSlot(keyName);
    slots.noteInUse(slotOf(account, keyName), subscriptionId);
    const outs: KeyPairOutputs = {
      ...inputs,
      subscriptionId,
      ...withFingerprint(keys[keyName]),
      keyName,
      previousKey: keys[previousKeyName],
      previousKeyName,
      rotationCount: 0,
      // A pair with a trigger may be one that is made anew, and consumers hold the key of the other slot.
      ...(triggerAsksForRotation(undefined, inputs.rotationTrigger) && { publishedAt: timestamp(this.context) }),
    };
    return { id, outs };
  }

  async update(id: string, olds: KeyPairOutputs, news: KeyPairInputs): Promise<{ outs: KeyPairOutputs }> {
    const account = await resolveAccount({ ...namedAccount(news), subscriptionId: olds.subscriptionId }, this.context);
    if (olds.unfinished) return { outs: await this.finish(id, account, olds, olds.unfinished, news) };
    if (asksForRotation(olds, news)) return { outs: await this.rotate(id, account, olds, news) };
    const outs = unchanged(olds, news);
    const live = needsReading(olds) ? await this.readLive(account, olds, renewalUnread) : undefined;
    if (live === undefined && olds.changedOutsideAt === undefined) {
      // Not looked at, so the doubt stays.
      return { outs: { ...outs, ...(this.isInDoubt(olds) && { rotationInDoubt: olds.rotationInDoubt }) } };
    }
    if (live === undefined || live[olds.keyName] === olds.key) {
      const found = live !== undefined && live[olds.previousKeyName] !== olds.previousKey && !this.isInDoubt(olds);
      const republished = (found || olds.changedOutsideAt !== undefined) && { publishedAt: timestamp(this.context) };
      return { outs: { ...outs, ...(live && { previousKey: live[olds.previousKeyName] }), ...republished } };
    }
    return { outs: { ...foreign(outs), ...follow(olds, live), publishedAt: timestamp(this.context) } };
  }

  /** Brings the live keys into state and never issues one. Without `id` the engine drops the resource. */
  async read(id: string, props: KeyPairOutputs): Promise<{ id?: string; props?: KeyPairOutputs }> {
    refuseReadById(props);
    this.context.slots.noteRefreshed("pair", slotOf(namedAccount(props), "Key1"), props.subscriptionId);
    const account = await resolveAccount(props, this.context);
    const keys = await readLiveKeys(account, this.context, storedKeys(props));
    if (keys === "gone") {
      this.context.log(dropped(account, { initial: initialKeyName(props), inUse: props.keyName }));
      return {};
    }
    if (keys === "unreadable") return { id, props };
    const spare = keys[props.previousKeyName];
    const isOpen = props.unfinished?.unconfirmed && spare !== props.previousKey;
    if (isOpen || isSuperseded(spare, props.unfinished)) {
      this.context.log(stillUnfinished(account, props.previousKeyName));
      return { id, props };
    }
    const followed = follow(props, keys);
    const sameKey = followed.key === props.key;
    const { rotationInDoubt: _over, ...looked } = props;
    // A spare key that a rotation of this resource may have left behind is nobody else's. Once it is known, and nothing more
    // of that rotation can come, the doubt is over: who renews the slot from now on is somebody else.
    const kept = this.isDoubtOpen(props) ? props : looked;
    if (sameKey && spare === props.previousKey) return { id, props: kept };
    if (sameKey && this.isInDoubt(props)) return { id, props: { ...kept, ...followed } };
    const triggerLost = isLost(props.key) && { triggerLost: true as const };
    const found = sameKey ? props : foreign(props);
    return { id, props: { ...found, ...followed, changedOutsideAt: timestamp(this.context), ...triggerLost } };
  }

  /** Both keys stay as they are. One that was replaced may have published another slot than the new one. */
  async delete(_id: string, props: KeyPairOutputs): Promise<void> {
    const { subscriptionId } = props;
    const slot = slotOf(namedAccount(props), props.keyName);
    const published = this.context.slots.otherInUse(slot, subscriptionId);
    if (published === undefined) return;
    this.context.log(madeAnew({ ...slot, subscriptionId }, published, slot.keyName));
  }

  /** Issues a new key in the slot that is not in use, so that the one consumers hold stays valid. */
  private async rotate(
    id: string,
    account: AccountIdentity,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<KeyPairOutputs> {
    // Asked again because a preview may not have known the trigger or the overlap.
    this.requireOverlap(olds, news);
    const { subscriptionId } = account;
    const slot = slotOf(account, olds.previousKeyName);
    const issued =
      this.context.slots.kept(slot, subscriptionId, news.rotationTrigger) ??
      (await this.issue(id, account, slot, olds, news));
    const pending = { ...unchanged(olds, news), unfinished: { ...issuance(issued), ...leftBehind(issued) } };
    try {
      const outs = await this.accepted(id, account, pending, issued.keys, news, issued.doubt);
      this.context.slots.forget(slot, subscriptionId);
      return outs;
    } catch (error) {
      this.context.slots.keep(slot, subscriptionId, news.rotationTrigger, issued);
      throw error;
    }
  }

  private async issue(
    id: string,
    account: AccountIdentity,
    slot: SlotName,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<Issued> {
    await this.context.acceptance.prepare(news.waitUntilAccepted);
    const { subscriptionId } = account;
    // Both slots: a new key in either would be published beside one that another resource ends.
    if (!this.context.slots.reserve(bothSlots(account), subscriptionId))
      throw new KeyError(taken(account, slot.keyName));
    const remembered = this.context.slots.doubtOf(slot, subscriptionId);
    const rotationInDoubt = olds.rotationInDoubt ?? remembered;
    const marked = { ...olds, ...(rotationInDoubt !== undefined && { rotationInDoubt }) };
    try {
      const inspect = isNone(overlapOf(news.minimumOverlap))
        ? undefined
        : (listing: Listing) => this.requireSpare(account, marked, listing);
      const doubtedAt = this.isDoubtOpen(marked) ? Date.parse(rotationInDoubt ?? "") : undefined;
      const known = { stored: olds.previousKey, inspect, doubtedAt };
      const issued = await this.context.rotation.rotate(account, slot.keyName, known);
      this.context.slots.claim(slot, subscriptionId, "rotated");
      this.context.slots.noteDoubt(slot, subscriptionId, undefined);
      return { ...issued, rotatedAt: timestamp(this.context) };
    } catch (error) {
      this.context.slots.release(bothSlots(account), subscriptionId);
      const isInDoubt = error instanceof KeyError && error.inDoubt;
      const at = isInDoubt ? timestamp(this.context) : remembered;
      if (!(error instanceof KeyError) || at === undefined) throw error;
      // The engine may try again at once (the hook `onError`), and tells that attempt nothing of this one.
      this.context.slots.noteDoubt(slot, subscriptionId, at);
      throw new RotationInDoubt(id, { ...olds, rotationInDoubt: at }, error.message);
    }
  }

  /** Makes sure that nobody holds the key which is about to be ended: whoever has issued it, say a colleague, may use it. */
  private requireSpare(account: AccountIdentity, olds: KeyPairOutputs, listing: Listing): void {
    const { previousKey, previousKeyName } = olds;
    const live = unlessForbidden(account, listing, this.context, spareUnread(previousKeyName), previousKeyName);
    if (live === undefined || live[previousKeyName] === previousKey || this.isInDoubt(olds)) return;
    throw new KeyError(spareChanged(account, previousKeyName));
  }

  /** The live keys, where they may be read; where they may not, state must hold both. */
  private async readLive(account: AccountIdentity, olds: KeyPairOutputs, notKnown: string): Promise<Keys | undefined> {
    if (isLost(olds.key) || isLost(olds.previousKey)) return this.context.rotation.adopt(account);
    await waitWhileStale(account, this.context, olds.rotationInDoubt);
    return readUnlessForbidden(account, this.context, notKnown);
  }

  private async adopt(
    account: AccountIdentity,
    { waitUntilAccepted }: KeyPairInputs,
    before: KeyPairOutputs | undefined,
  ): Promise<Keys> {
    const { acceptance, slots } = this.context;
    await acceptance.prepare(waitUntilAccepted);
    if (!slots.share(bothSlots(account), account.subscriptionId)) throw new KeyError(renewedElsewhere(account));
    try {
      return await adoptAgainst(account, this.context, before && storedKeys(before));
    } catch (error) {
      slots.release(bothSlots(account), account.subscriptionId);
      throw error;
    }
  }

  /** Where the program waits for new keys, one that was found is tried as well: it may be one that was refused. */
  private async requireAcceptance(account: AccountIdentity, keys: Keys, inputs: KeyPairInputs): Promise<void> {
    const keyName = initialKeyName(inputs);
    const refusal = await this.context.acceptance.refusal(inputs.waitUntilAccepted, keys[keyName], (line) =>
      this.context.log(tryingAdopted(account, keyName, line)),
    );
    if (refusal === undefined) return;
    this.context.slots.release(bothSlots(account), account.subscriptionId);
    throw new KeyError(notAdopted(account, keyName, refusal, otherSlot(keyName)));
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
    const { unconfirmed: _confirmed, ...confirmed } = left;
    const unfinished = doubt !== undefined ? left : (follow(olds, keys).unfinished ?? confirmed);
    const outs = await this.accepted(id, account, { ...unchanged(olds, news), unfinished }, keys, news, doubt);
    return { ...outs, publishedAt: timestamp(this.context) };
  }

  /**
   * The outputs with the new key in use, once it is accepted; until then it is only kept.
   *
   * @param pending the outputs with the key in use as before, and in `unfinished` what is known of the new one
   * @param keys the live keys
   */
  private async accepted(
    id: string,
    account: AccountIdentity,
    pending: KeyPairOutputs,
    keys: Keys,
    { waitUntilAccepted }: KeyPairInputs,
    doubt?: string,
  ): Promise<KeyPairOutputs> {
    const { keyName, previousKeyName } = pending;
    const { unfinished = {}, rotatedAt: _rotatedAt, requestId: _requestId, publishedAt, ...kept } = pending;
    const changedOutside = keys[keyName] !== pending.key;
    if (changedOutside) {
      this.context.log(inUseChanged(account, keyName));
    }
    const refusal =
      doubt === undefined
        ? await this.context.acceptance.refusal(waitUntilAccepted, keys[previousKeyName], (line) =>
            this.context.log(tryingNew(account, previousKeyName, line)),
          )
        : undefined;
    const left = doubt !== undefined ? { doubt } : refusal !== undefined ? { refusal } : undefined;
    if (left !== undefined) {
      const outs = {
        ...kept,
        ...withFingerprint(keys[keyName]),
        previousKey: keys[previousKeyName],
        ...(!changedOutside && issuance(pending)),
        ...(publishedAt !== undefined && { publishedAt }),
        unfinished,
      } satisfies KeyPairOutputs;
      const meanwhile = keyInUseMeanwhile(keyName, changedOutside);
      throw new UnfinishedRotation(id, outs, unfinishedMessage(account, previousKeyName, left, meanwhile));
    }
    return {
      ...kept,
      ...withFingerprint(keys[previousKeyName]),
      keyName: previousKeyName,
      previousKey: keys[keyName],
      previousKeyName: keyName,
      rotationCount: pending.rotationCount + 1,
      ...issuance(unfinished),
      // Waiting takes its time, in which nobody could have the new key.
      ...(waitUntilAccepted && { publishedAt: timestamp(this.context) }),
    };
  }

  /**
   * Refuses a rotation that comes so soon after the last one that consumers may still hold the key it would end: a
   * `pulumi up` that failed in another resource has rotated, but published nothing.
   */
  private requireOverlap(olds: KeyPairOutputs, { minimumOverlap }: KeyPairInputs): void {
    const overlap = overlapOf(minimumOverlap);
    // Without one nothing is compared with a clock, which may have been ahead when the time was taken.
    if (isNone(overlap)) return;
    const account = { ...namedAccount(olds), subscriptionId: olds.subscriptionId };
    if (isLost(olds.previousKey)) throw new KeyError(spareLost(account, olds.previousKeyName));
    // Also a change of the key that is not in use: it may be the one that consumers hold, where this state is an old one. As
    // long as it is not published the time says nothing: nobody could deploy.
    if (olds.changedOutsideAt !== undefined)
      throw new KeyError(unpublished(account, olds.previousKeyName, olds.changedOutsideAt, overlap));
    const last = [olds.rotatedAt, olds.publishedAt]
      .filter((at) => at !== undefined)
      .sort()
      .at(-1);
    if (last === undefined) return;
    const from = addDuration(Date.parse(last), overlap);
    if (this.context.now() >= from) return;
    throw new KeyError(tooSoon(account, olds.previousKeyName, last, overlap, new Date(from).toISOString()));
  }

  /** Whether an effect of a rotation that ended in doubt may be still to come. */
  private isDoubtOpen({ rotationInDoubt }: KeyPairOutputs): boolean {
    return rotationInDoubt !== undefined && this.context.now() < addDuration(Date.parse(rotationInDoubt), doubtLasts);
  }

  /**
   * Whether a rotation of this resource ended in doubt, and nobody else can hold what is in the slot of `previousKey` now. A
   * mark that is old may be that of a restored state, whose later rotations are published.
   */
  private isInDoubt({ rotationInDoubt }: KeyPairOutputs): boolean {
    return rotationInDoubt !== undefined && this.context.now() < addDuration(Date.parse(rotationInDoubt), doubtCounts);
  }
}

const keyNames: readonly KeyName[] = ["Key1", "Key2"];
const defaultOverlap = "PT1H";
/** How long an effect of a rotation that ended in doubt may be still to come. */
const doubtLasts = "PT5M";
/** How long a rotation in doubt explains a key that state does not know: enough for a deployment that runs every day. */
const doubtCounts = "P1D";

function overlapOf(minimumOverlap: string | null | undefined): string {
  return minimumOverlap ?? defaultOverlap;
}

function isNone(overlap: string): boolean {
  return addDuration(0, overlap) === 0;
}

function initialKeyName(inputs: KeyPairInputs): KeyName {
  return inputs.initialKeyName ?? "Key1";
}

/** Whether state may hold a key that is none, or that a rotation of this resource has ended. */
function needsReading({ key, previousKey, rotationInDoubt }: KeyPairOutputs): boolean {
  return rotationInDoubt !== undefined || isLost(key) || isLost(previousKey);
}

function storedKeys({ key, keyName, previousKey, previousKeyName, rotatedAt, unfinished }: KeyPairOutputs): Stored {
  const times = [rotatedAt, unfinished?.rotatedAt].filter((at) => at !== undefined);
  return { keys: { [keyName]: key, [previousKeyName]: previousKey }, issuedAt: times.sort().at(-1) };
}

/** The outputs without what is known of who has issued the key. */
function foreign({ rotatedAt: _rotatedAt, requestId: _requestId, ...kept }: KeyPairOutputs): KeyPairOutputs {
  return kept;
}

/** Whether the keys are those of a pair that was compared in this deployment, as far as readings that lag can tell. */
function goesOn(before: KeyPairOutputs, keys: Keys): boolean {
  const { key, keyName, previousKey, previousKeyName, unfinished } = before;
  const spare = keys[previousKeyName];
  return keys[keyName] === key && (spare === previousKey || isSuperseded(spare, unfinished));
}

/** Who has issued a key and when, as far as that is known. */
function issuance({ rotatedAt, requestId }: Issuance): Issuance {
  return { ...(rotatedAt !== undefined && { rotatedAt }), ...(requestId !== undefined && { requestId }) };
}

/** The live keys in place of those in state. Of a key that somebody else has issued nothing is known. */
function follow(props: KeyPairOutputs, keys: Keys): Pick<KeyPairOutputs, "key" | "previousKey" | "unfinished"> {
  const previousKey = keys[props.previousKeyName];
  const issuedElsewhere = props.unfinished !== undefined && previousKey !== props.previousKey;
  return { ...withFingerprint(keys[props.keyName]), previousKey, ...(issuedElsewhere && { unfinished: {} }) };
}

/** What is remembered of both keys, under the program's present inputs and without the marks. */
function unchanged(olds: KeyPairOutputs, news: KeyPairInputs): KeyPairOutputs {
  const lastTrigger = news.rotationTrigger ?? olds.rotationTrigger;
  return {
    ...news,
    ...(lastTrigger !== undefined && { rotationTrigger: lastTrigger }),
    subscriptionId: olds.subscriptionId,
    key: olds.key,
    keyName: olds.keyName,
    keyFingerprint: olds.keyFingerprint,
    previousKey: olds.previousKey,
    previousKeyName: olds.previousKeyName,
    rotationCount: olds.rotationCount,
    ...issuance(olds),
    ...(olds.publishedAt !== undefined && { publishedAt: olds.publishedAt }),
  };
}

function slotOf({ resourceGroupName, accountName }: Omit<SlotName, "keyName">, keyName: KeyName): SlotName {
  return { resourceGroupName, accountName, keyName };
}

function bothSlots(account: Omit<SlotName, "keyName">): SlotName[] {
  return keyNames.map((keyName) => slotOf(account, keyName));
}

function otherSlot(keyName: KeyName): KeyName {
  return keyName === "Key1" ? "Key2" : "Key1";
}
