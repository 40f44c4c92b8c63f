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
import { withFingerprint } from "./fingerprint";
import { type CheckFailure, checkAcceptance, checkAccount, checkBoolean, checkKeyName, checkMaxAge } from "./inputs";
import { KeyError, UnfinishedRotation } from "./keyError";
import {
  adoptAgainst,
  isSuperseded,
  type Left,
  leftBehind,
  lookBeforeFinishing,
  readLiveKeys,
  type Stored,
  waitsForYoungKey,
} from "./liveKeys";
import type { WaitUntilAccepted } from "./rotation/acceptance";
import type { AccountIdentity, KeyName, Keys } from "./rotation/accountKeys";
import { failure } from "./rotation/failure";
import type { Rotated } from "./rotation/rotation";
import { isGone, isLocalAuthOff } from "./rotation/verdict";
import { asksForRotation, checkTrigger, isLost, type Trigger } from "./trigger";
import { isUnknown } from "./unknown";
import {
  deleteWithoutRevoking,
  dropped,
  keyBeforeIsDead,
  notAdopted,
  notRevoked,
  otherDefault,
  renewedElsewhere,
  stillUnfinished,
  taken,
  tryingAdopted,
  tryingNew,
  type Unfinished,
  unfinished,
  unseenProcesses,
} from "./words";

/** The checked inputs of a `RotatingCognitiveAccountKey`. */
export interface KeyInputs extends AccountInputs {
  keyName?: KeyName;
  rotationTrigger?: Trigger;
  revokeOnDelete?: boolean;
  /** ISO 8601 duration. Only checked here: the program warns of an older key. */
  maxAge?: string | null;
  waitUntilAccepted?: WaitUntilAccepted | null;
}

/** Its outputs: pure JSON, as the engine stores them. */
export interface KeyOutputs extends KeyInputs {
  subscriptionId: string;
  keyName: KeyName;
  key: string;
  keyFingerprint: string;
  /** ISO 8601. Present only while `key` was issued by this resource. */
  rotatedAt?: string;
  requestId?: string;
  /** ISO 8601, set by a refresh that found another key than the one in state, until the next update. */
  changedOutsideAt?: string;
  /** Set while something behind the obtained key has failed, until an update has finished it. */
  unfinished?: Left;
  /** Set by a refresh that found state without its secrets, of which the trigger may have held one, until an update. */
  triggerLost?: true;
}

/** The life of one key slot, as the engine drives it. `check` and `diff` make no call. */
export class KeyHandler {
  constructor(private readonly context: Context) {}

  async check(olds: KeyInputs, news: KeyInputs): Promise<{ inputs: KeyInputs; failures: CheckFailure[] }> {
    const failures = [
      ...checkAccount(news),
      ...checkKeyName("keyName", news.keyName),
      ...checkTrigger(news.rotationTrigger),
      ...checkBoolean("revokeOnDelete", news.revokeOnDelete),
      ...checkMaxAge(news.maxAge, olds.maxAge),
      ...checkAcceptance(news.waitUntilAccepted, olds.waitUntilAccepted),
    ];
    // Only what the program declares is checked, so this is how `delete` learns that a slot is still in use.
    if (failures.length === 0 && isAccountKnown(news) && !isUnknown(news.keyName)) {
      this.context.slots.claim(slotOf(news), namedAccount(news).subscriptionId, "used");
    }
    return { inputs: news, failures };
  }

  async diff(_id: string, olds: KeyOutputs, news: KeyInputs): Promise<{ changes: boolean; replaces?: string[] }> {
    const isRefresh = this.context.slots.isRefresh("key", slotOf(olds), olds.subscriptionId);
    const replaces = movedProperties(olds, news);
    if ((news.keyName ?? defaultKeyName) !== olds.keyName) replaces.push("keyName");
    const isMoved = replaces.length > 0;
    // An unfinished rotation is finished first, whatever the trigger has become; `update` takes the trigger over.
    if (!olds.unfinished && asksForRotation(olds, news)) replaces.push("rotationTrigger");
    if (replaces.length > 0) {
      if (!isRefresh) this.remember(olds, news, isMoved);
      if (isAccountKnown(news) && namedAccount(news).subscriptionId === undefined) {
        this.context.slots.rememberSubscription(slotOf(news), olds.subscriptionId);
      }
      return { changes: true, replaces };
    }
    const revocationChanged = (news.revokeOnDelete ?? false) !== (olds.revokeOnDelete ?? false);
    const toMend = olds.changedOutsideAt !== undefined || olds.unfinished !== undefined || isLost(olds.key);
    const changes = revocationChanged || toMend;
    // The option replaceOnChanges can make a replacement of any change.
    if (changes && !isRefresh) this.remember(olds, news, false);
    return { changes };
  }

  /**
   * Remembers what `create` and `delete` are not told. Where something that an input comes from is replaced delete-first, the
   * engine compares with an unknown, deletes without a check, and creates: that must neither revoke nor rotate a key whose
   * trigger turns out to be the same.
   */
  private remember(olds: KeyOutputs, news: KeyInputs, isMoved: boolean): void {
    const slot = slotOf(olds);
    const isPlaceKnown = isAccountKnown(news) && !isUnknown(news.keyName);
    // Whoever takes the slot that this key is known to leave is somebody else.
    if (!isMoved || !isPlaceKnown) this.context.slots.rememberCompared("key", slot, olds);
    if (!isPlaceKnown || isUnknown(news.rotationTrigger)) this.context.slots.claim(slot, olds.subscriptionId, "used");
  }

  async create(inputs: KeyInputs): Promise<{ id: string; outs: KeyOutputs }> {
    const slot = slotOf(inputs);
    const { keyName } = slot;
    const account = await resolveAccount(inputs, this.context, keyName);
    const { subscriptionId } = account;
    const stored = this.context.slots.otherStoredSubscription(slot, subscriptionId);
    if (namedAccount(inputs).subscriptionId === undefined && stored !== undefined) {
      throw new KeyError(otherDefault(account, stored, keyName));
    }
    const id = `${account.accountName}/${keyName}`;
    const outs = (issued: Rotated, rotatedAt?: string): KeyOutputs => ({
      ...inputs,
      subscriptionId,
      keyName,
      ...withFingerprint(issued.keys[keyName]),
      ...(rotatedAt !== undefined && { rotatedAt }),
      ...(issued.requestId !== undefined && { requestId: issued.requestId }),
    });
    const before = this.context.slots.comparedWith<KeyOutputs>("key", slot, subscriptionId);
    if (!asksForRotation(before, inputs)) {
      const keys = await this.adopt(account, slot, inputs, before);
      // Deleted and created without a new trigger: the same key goes on.
      if (before && (before.key === keys[keyName] || isSuperseded(keys[keyName], before.unfinished)))
        return { id, outs: (await this.update(id, before, inputs)).outs };
      return { id, outs: outs({ keys }) };
    }
    const issued =
      this.context.slots.kept(slot, subscriptionId, inputs.rotationTrigger) ??
      (await this.issue(account, slot, inputs, before));
    try {
      await this.requireAcceptance(id, account, inputs, outs(issued, issued.rotatedAt), issued);
    } catch (error) {
      this.context.slots.keep(slot, subscriptionId, inputs.rotationTrigger, issued);
      throw error;
    }
    this.context.slots.forget(slot, subscriptionId);
    return { id, outs: outs(issued, issued.rotatedAt) };
  }

  /** Never issues a key: what reaches here changes what is remembered of it, or finishes what was left. */
  async update(id: string, olds: KeyOutputs, news: KeyInputs): Promise<{ outs: KeyOutputs }> {
    const outs: KeyOutputs = {
      ...news,
      subscriptionId: olds.subscriptionId,
      keyName: olds.keyName,
      key: olds.key,
      keyFingerprint: olds.keyFingerprint,
      ...(olds.rotatedAt !== undefined && { rotatedAt: olds.rotatedAt }),
      ...(olds.requestId !== undefined && { requestId: olds.requestId }),
    };
    const lastTrigger = news.rotationTrigger ?? olds.rotationTrigger;
    if (lastTrigger !== undefined) outs.rotationTrigger = lastTrigger;
    if (olds.unfinished) return { outs: await this.finish(id, outs, olds.unfinished, news) };
    return { outs: isLost(olds.key) ? await this.recover(outs) : outs };
  }

  /** Brings the live key into state and never issues one. Without `id` the engine drops the resource. */
  async read(id: string, props: KeyOutputs): Promise<{ id?: string; props?: KeyOutputs }> {
    refuseReadById(props);
    const { keyName } = props;
    this.context.slots.noteRefreshed("key", slotOf(props), props.subscriptionId);
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
    return { id, props: { ...foreign(props, keys[keyName]), ...found } };
  }

  async delete(_id: string, props: KeyOutputs): Promise<void> {
    if (!props.revokeOnDelete || props.rotatedAt === undefined) return;
    const slot = slotOf(props);
    const { keyName } = slot;
    const account = await resolveAccount(props, this.context, keyName);
    if (this.isInUse(account, slot)) return;
    let listing = await this.context.rotation.read(account, keyName);
    if (
      "keys" in listing &&
      (await waitsForYoungKey(account, this.context, storedKeys(props), listing.keys, keyName))
    ) {
      listing = await this.context.rotation.read(account, keyName);
    }
    if ("answer" in listing) {
      if (isGone(listing.answer)) {
        this.context.log(notRevoked(account, keyName, "not-revoked-gone"));
        return;
      }
      if (isLocalAuthOff(listing.answer)) {
        this.context.log(notRevoked(account, keyName, "not-revoked-local-auth"));
        return;
      }
      const call = { operation: "listKeys", account, keyName, alternative: deleteWithoutRevoking } as const;
      throw failure(call, listing.answer, "unchanged");
    }
    // Asked again: the reading takes its time, in which another resource may have come to use the slot.
    if (this.isInUse(account, slot)) return;
    if (listing.keys[keyName] !== props.key) {
      const reason = isLost(props.key) ? "not-revoked-lost" : "not-revoked-renewed";
      this.context.log(notRevoked(account, keyName, reason));
      return;
    }
    const known = { stored: props.key, live: listing.keys };
    await this.context.rotation.rotate(account, keyName, known, deleteWithoutRevoking);
  }

  /** Whether a resource of this deployment has to do with the slot of a key that is to be revoked. */
  private isInUse(account: AccountIdentity, slot: SlotName): boolean {
    const claim = this.context.slots.claimOf(slot, account.subscriptionId);
    // Rotated is the replacement of this very key: its old value died when the new one was issued.
    if (claim === "used") {
      this.context.log(notRevoked(account, slot.keyName, "not-revoked-in-use"));
    }
    const { unseen } = this.context.slots;
    if (claim === undefined && unseen !== undefined) throw new KeyError(unseenProcesses(account, slot.keyName, unseen));
    return claim !== undefined;
  }

  /** Where the program waits for new keys, one that was found is tried as well: it may be one that was refused. */
  private async adopt(
    account: AccountIdentity,
    slot: SlotName,
    { waitUntilAccepted }: KeyInputs,
    before: KeyOutputs | undefined,
  ): Promise<Keys> {
    await this.context.acceptance.prepare(waitUntilAccepted);
    if (!this.context.slots.share([slot], account.subscriptionId))
      throw new KeyError(renewedElsewhere(account, slot.keyName));
    try {
      const keys = await adoptAgainst(account, this.context, before && storedKeys(before), slot.keyName);
      const refusal = await this.context.acceptance.refusal(waitUntilAccepted, keys[slot.keyName], (line) =>
        this.context.log(tryingAdopted(account, slot.keyName, line)),
      );
      if (refusal !== undefined) throw new KeyError(notAdopted(account, slot.keyName, refusal));
      return keys;
    } catch (error) {
      this.context.slots.release([slot], account.subscriptionId);
      throw error;
    }
  }

  /** Nothing is awaited between the reservation and the call, so that no other call for the slot comes in between. */
  private async issue(
    account: AccountIdentity,
    slot: SlotName,
    { waitUntilAccepted }: KeyInputs,
    before: KeyOutputs | undefined,
  ): Promise<Issued> {
    await this.context.acceptance.prepare(waitUntilAccepted);
    const { subscriptionId } = account;
    if (!this.context.slots.reserve([slot], subscriptionId)) throw new KeyError(taken(account, slot.keyName));
    try {
      const issued = await this.context.rotation.rotate(account, slot.keyName, { stored: before?.key });
      this.context.slots.claim(slot, subscriptionId, "rotated");
      return { ...issued, rotatedAt: timestamp(this.context) };
    } catch (error) {
      this.context.slots.release([slot], subscriptionId);
      throw error;
    }
  }

  /** What was left behind a key that is in state: whether that is still the live one, and whether it is accepted. */
  private async finish(id: string, outs: KeyOutputs, left: Left, news: KeyInputs): Promise<KeyOutputs> {
    const { keyName } = outs;
    const account = await resolveAccount(outs, this.context, keyName);
    await this.context.acceptance.prepare(news.waitUntilAccepted);
    const { live, doubt } = await lookBeforeFinishing(account, this.context, storedKeys(outs), left, keyName, keyName);
    if (doubt !== undefined) throw this.leftUnfinished(id, account, { ...outs, unfinished: left }, { doubt });
    const finished = live === undefined || live[keyName] === outs.key ? outs : foreign(outs, live[keyName]);
    await this.requireAcceptance(id, account, news, finished, {}, left);
    return finished;
  }

  /** The live key in place of one that state does not hold. */
  private async recover(outs: KeyOutputs): Promise<KeyOutputs> {
    const account = await resolveAccount(outs, this.context, outs.keyName);
    const keys = await this.context.rotation.adopt(account, outs.keyName);
    return foreign(outs, keys[outs.keyName]);
  }

  /** @param left what is known of a key whose rotation was unfinished before */
  private async requireAcceptance(
    id: string,
    account: AccountIdentity,
    { waitUntilAccepted }: KeyInputs,
    outs: KeyOutputs,
    issued: Pick<Rotated, "doubt" | "former">,
    left: Left = leftBehind(issued),
  ): Promise<void> {
    const { doubt } = issued;
    if (doubt !== undefined) throw this.leftUnfinished(id, account, { ...outs, unfinished: left }, { doubt });
    const refusal = await this.context.acceptance.refusal(waitUntilAccepted, outs.key, (line) =>
      this.context.log(tryingNew(account, outs.keyName, line)),
    );
    if (refusal === undefined) return;
    const { unconfirmed: _confirmed, ...unfinished } = left;
    throw this.leftUnfinished(id, account, { ...outs, unfinished }, { refusal });
  }

  private leftUnfinished(id: string, account: AccountIdentity, kept: KeyOutputs, left: Unfinished): UnfinishedRotation {
    const message = unfinished(account, kept.keyName, left, keyBeforeIsDead);
    return new UnfinishedRotation(id, kept, message);
  }
}

/** The outputs with a key that this resource has not issued, or not for certain. */
function foreign({ rotatedAt: _rotatedAt, requestId: _requestId, ...kept }: KeyOutputs, key: string): KeyOutputs {
  return { ...kept, ...withFingerprint(key) };
}

function storedKeys({ keyName, key, rotatedAt }: KeyOutputs): Stored {
  return { keys: { [keyName]: key }, issuedAt: rotatedAt };
}

const defaultKeyName: KeyName = "Key1";

function slotOf(inputs: KeyInputs): SlotName {
  const { resourceGroupName, accountName } = namedAccount(inputs);
  return { resourceGroupName, accountName, keyName: inputs.keyName ?? defaultKeyName };
}
