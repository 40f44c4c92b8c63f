import { createHash } from "node:crypto";
import type { AccountIdentity, KeyName } from "./accountKeys";
import { describeSlot, failure, isGone, isLocalAuthOff } from "./failure";
import {
  type AccountInputs,
  type CheckFailure,
  checkAccount,
  checkBoolean,
  checkKeyName,
  isUnknown,
  movedProperties,
  namedAccount,
  type Trigger,
  triggerAsksForRotation,
} from "./inputs";
import { KeyError, toKeyError } from "./keyError";
import type { Rotated, Rotation } from "./rotation";
import type { SlotName, Slots } from "./slots";

/** The checked inputs of a `RotatingCognitiveAccountKey`. */
export interface KeyInputs extends AccountInputs {
  keyName?: KeyName;
  rotationTrigger?: Trigger;
  revokeOnDelete?: boolean;
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
}

/** What one provider process shares between all keys. */
export interface KeyContext {
  rotation: Rotation;
  slots: Slots;
  /** The subscription of resources that name none. */
  defaultSubscription(): Promise<string>;
  /** Milliseconds since the epoch. */
  now(): number;
  log(line: string): void;
}

/** The life of one key slot, as the engine drives it. `check` and `diff` make no call. */
export class KeyHandler {
  constructor(private readonly context: KeyContext) {}

  async check(_olds: KeyInputs, news: KeyInputs): Promise<{ inputs: KeyInputs; failures: CheckFailure[] }> {
    const failures = [
      ...checkAccount(news),
      ...checkKeyName("keyName", news.keyName),
      ...checkBoolean("revokeOnDelete", news.revokeOnDelete),
    ];
    // Only what the program declares is checked, so this is how `delete` learns that a slot is still in use.
    if (failures.length === 0 && !isUnknown(accountOf(news)) && !isUnknown(news.keyName)) {
      this.context.slots.claim(slotOf(news), namedAccount(news).subscriptionId, "used");
    }
    return { inputs: news, failures };
  }

  async diff(_id: string, olds: KeyOutputs, news: KeyInputs): Promise<{ changes: boolean; replaces?: string[] }> {
    const replaces = movedProperties(olds, news);
    if ((news.keyName ?? defaultKeyName) !== olds.keyName) replaces.push("keyName");
    if (triggerAsksForRotation(olds.rotationTrigger, news.rotationTrigger)) replaces.push("rotationTrigger");
    if (replaces.length > 0) {
      if (!isUnknown(accountOf(news)) && namedAccount(news).subscriptionId === undefined) {
        this.context.slots.rememberSubscription(slotOf(news), olds.subscriptionId);
      }
      return { changes: true, replaces };
    }
    const revocationChanged = (news.revokeOnDelete ?? false) !== (olds.revokeOnDelete ?? false);
    return { changes: revocationChanged || olds.changedOutsideAt !== undefined };
  }

  async create(inputs: KeyInputs): Promise<{ id: string; outs: KeyOutputs }> {
    const account = await this.resolve(inputs);
    const slot = slotOf(inputs);
    const { keyName } = slot;
    const stored = this.context.slots.otherStoredSubscription(slot, account.subscriptionId);
    if (namedAccount(inputs).subscriptionId === undefined && stored !== undefined) {
      throw new KeyError(
        `${describeSlot(account, keyName)} was not rotated: the key in state is in subscription ${stored}, and the ` +
          `default is now ${account.subscriptionId}. Set subscriptionId on the resource to the one that is meant. ` +
          "No call was made and no key was changed.",
      );
    }
    const rotate = inputs.rotationTrigger !== undefined && inputs.rotationTrigger !== null;
    const reserved = this.context.slots.reserve(slot, account.subscriptionId);
    if (rotate && !reserved) {
      throw new KeyError(
        `${describeSlot(account, keyName)} was not rotated: another resource of this deployment publishes it, ` +
          "and that key would be dead. Declare one resource for one key. No call was made and no key was changed.",
      );
    }
    this.context.slots.claim(slot, account.subscriptionId, rotate ? "rotated" : "used");
    const issued = await this.issueOrAdopt(account, keyName, rotate).catch((error) => {
      if (reserved) this.context.slots.release(slot, account.subscriptionId);
      throw error;
    });
    const outs: KeyOutputs = {
      ...inputs,
      subscriptionId: account.subscriptionId,
      keyName,
      ...published(issued.keys[keyName]),
      ...(rotate && { rotatedAt: this.timestamp() }),
      ...(issued.requestId !== undefined && { requestId: issued.requestId }),
    };
    return { id: `${account.accountName}/${keyName}`, outs };
  }

  /** Makes no call: what reaches here changes what is remembered of the key, never the key. */
  async update(_id: string, olds: KeyOutputs, news: KeyInputs): Promise<{ outs: KeyOutputs }> {
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
    return { outs };
  }

  /** Brings the live key into state and never issues one. Without `id` the engine drops the resource. */
  async read(id: string, props: KeyOutputs): Promise<{ id?: string; props?: KeyOutputs }> {
    const account = await this.resolve(props);
    const listing = await this.context.rotation.read(account, props.keyName);
    if ("keys" in listing) {
      const live = listing.keys[props.keyName];
      if (live === props.key) return { id, props };
      const { rotatedAt: _rotatedAt, requestId: _requestId, ...kept } = props;
      return { id, props: { ...kept, ...published(live), changedOutsideAt: this.timestamp() } };
    }
    const { answer } = listing;
    if (isGone(answer)) return {};
    const error = failure({ operation: "listKeys", account, keyName: props.keyName }, answer, "unchanged");
    // 409 is what a ReadOnly lock answers, as it forbids every POST.
    const mayBeIgnored = answer.kind === "http" && [403, 409, 429].includes(answer.status);
    if (!mayBeIgnored && !isLocalAuthOff(answer)) throw error;
    this.context.log(`The key was not refreshed, and state is kept as it was. ${error.message}`);
    return { id, props };
  }

  async delete(_id: string, props: KeyOutputs): Promise<void> {
    if (!props.revokeOnDelete || props.rotatedAt === undefined) return;
    const slot = slotOf(props);
    const claim = this.context.slots.claimOf(slot, props.subscriptionId);
    // The replacement of this very key: its old value died when the new one was issued.
    if (claim === "rotated") return;
    const account = await this.resolve(props);
    const { keyName } = slot;
    if (claim === "used") {
      this.context.log(`${describeSlot(account, keyName)} was not revoked: a resource of this deployment uses it.`);
      return;
    }
    const listing = await this.context.rotation.read(account, keyName);
    if ("answer" in listing) {
      if (isGone(listing.answer)) return;
      if (isLocalAuthOff(listing.answer)) {
        this.context.log(
          `${describeSlot(account, keyName)} was not revoked: local authentication is off, so the key is of no use while that lasts.`,
        );
        return;
      }
      throw failure({ operation: "listKeys", account, keyName }, listing.answer, "unchanged", goOnWithoutRevoking);
    }
    if (listing.keys[keyName] === props.key) await this.context.rotation.rotate(account, keyName);
  }

  private async resolve(inputs: KeyInputs): Promise<AccountIdentity> {
    const { resourceGroupName, accountName, subscriptionId } = namedAccount(inputs);
    if (subscriptionId !== undefined) return { subscriptionId, resourceGroupName, accountName };
    try {
      return { subscriptionId: await this.context.defaultSubscription(), resourceGroupName, accountName };
    } catch (error) {
      const slot = `${inputs.keyName ?? defaultKeyName} of account "${accountName}" (resource group "${resourceGroupName}")`;
      throw new KeyError(`finding the subscription of ${slot}: ${toKeyError(error).message}. No key was changed.`);
    }
  }

  private async issueOrAdopt(account: AccountIdentity, keyName: KeyName, rotate: boolean): Promise<Rotated> {
    if (rotate) return this.context.rotation.rotate(account, keyName);
    return { keys: await this.context.rotation.adopt(account, keyName) };
  }

  private timestamp(): string {
    return new Date(this.context.now()).toISOString();
  }
}

const defaultKeyName: KeyName = "Key1";

const goOnWithoutRevoking =
  "The key was to be revoked because of revokeOnDelete, and whether it is still the live one cannot be read. " +
  'Grant that right, or set revokeOnDelete to false and run "pulumi up" before deleting, or give the resource up with "pulumi state delete".';

function accountOf({ accountId, resourceGroupName, accountName, subscriptionId }: AccountInputs): AccountInputs {
  return { accountId, resourceGroupName, accountName, subscriptionId };
}

function slotOf(inputs: KeyInputs): SlotName {
  const { resourceGroupName, accountName } = namedAccount(inputs);
  return { resourceGroupName, accountName, keyName: inputs.keyName ?? defaultKeyName };
}

function published(key: string): { key: string; keyFingerprint: string } {
  return { key, keyFingerprint: createHash("sha256").update(key).digest("hex").slice(0, 12) };
}
