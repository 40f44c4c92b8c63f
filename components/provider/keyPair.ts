import type { WaitUntilAccepted } from "./acceptance";
import { resolveAccount } from "./account";
import type { AccountIdentity, KeyName } from "./accountKeys";
import { type Context, timestamp } from "./context";
import { addDuration } from "./duration";
import { describeAccount, notAccepted, taken } from "./failure";
import { withFingerprint } from "./fingerprint";
import {
  type AccountInputs,
  type CheckFailure,
  checkAcceptance,
  checkAccount,
  checkDuration,
  checkKeyName,
  isAccountKnown,
  isUnknown,
  movedProperties,
  namedAccount,
  type Trigger,
  triggerAsksForRotation,
} from "./inputs";
import { KeyError } from "./keyError";
import { readLiveKeys } from "./refresh";
import type { Rotated } from "./rotation";

/** The checked inputs of a `RotatingCognitiveAccountKeyPair`. */
export interface KeyPairInputs extends AccountInputs {
  rotationTrigger?: Trigger;
  initialKeyName?: KeyName;
  /** ISO 8601 duration. */
  minimumOverlap?: string | null;
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
  /** ISO 8601: when `key` was last published otherwise than by the rotation of `rotatedAt`. */
  republishedAt?: string;
  /** Set while something behind the obtained key has failed, until an update has finished it. */
  unfinished?: true;
}

/** The life of both slots of an account, as the engine drives it. `check` and `diff` make no call. */
export class KeyPairHandler {
  constructor(private readonly context: Context) {}

  async check(olds: KeyPairInputs, news: KeyPairInputs): Promise<{ inputs: KeyPairInputs; failures: CheckFailure[] }> {
    const failures = [
      ...checkAccount(news),
      ...checkKeyName("initialKeyName", news.initialKeyName),
      ...(await checkDuration("minimumOverlap", news.minimumOverlap, olds.minimumOverlap)),
      ...(await checkAcceptance(news.waitUntilAccepted, olds.waitUntilAccepted)),
    ];
    // Only what the program declares is checked: a single key that is deleted must not revoke a slot of the pair.
    if (failures.length === 0 && isAccountKnown(news)) {
      const { subscriptionId, ...names } = namedAccount(news);
      for (const keyName of slots) this.context.slots.claim({ ...names, keyName }, subscriptionId, "used");
    }
    return { inputs: news, failures };
  }

  async diff(
    _id: string,
    olds: KeyPairOutputs,
    news: KeyPairInputs,
  ): Promise<{ changes: boolean; replaces?: string[] }> {
    const replaces = movedProperties(olds, news);
    if (replaces.length > 0) return { changes: true, replaces };
    // An unfinished rotation is finished first, whatever the trigger has become; `update` takes the trigger over.
    if (olds.unfinished) return { changes: true };
    if (!triggerAsksForRotation(olds.rotationTrigger, news.rotationTrigger)) {
      return { changes: olds.changedOutsideAt !== undefined };
    }
    if (!isUnknown(news.rotationTrigger) && !isUnknown(news.minimumOverlap)) await this.requireOverlap(olds, news);
    return { changes: true };
  }

  /** Adopts both keys, trigger or not: the first deployment disturbs nobody. */
  async create(inputs: KeyPairInputs): Promise<{ id: string; outs: KeyPairOutputs }> {
    const account = await resolveAccount(inputs, this.context);
    const { subscriptionId, ...names } = account;
    for (const keyName of slots) this.context.slots.reserve({ ...names, keyName }, subscriptionId);
    const keys = await this.context.rotation.adopt(account);
    const keyName = inputs.initialKeyName ?? "Key1";
    const previousKeyName = otherSlot(keyName);
    const outs: KeyPairOutputs = {
      ...inputs,
      subscriptionId,
      ...withFingerprint(keys[keyName]),
      keyName,
      previousKey: keys[previousKeyName],
      previousKeyName,
      rotationCount: 0,
    };
    return { id: account.accountName, outs };
  }

  async update(id: string, olds: KeyPairOutputs, news: KeyPairInputs): Promise<{ outs: KeyPairOutputs }> {
    const account = await resolveAccount({ ...namedAccount(news), subscriptionId: olds.subscriptionId }, this.context);
    const rotate = !olds.unfinished && triggerAsksForRotation(olds.rotationTrigger, news.rotationTrigger);
    const outs = rotate ? await this.rotate(account, olds, news) : unchanged(olds, news);
    if (rotate || olds.unfinished) {
      const refusal = await this.context.acceptance.refusal(news.waitUntilAccepted, outs.key);
      if (refusal !== undefined) throw notAccepted(id, { ...outs, unfinished: true }, account, refusal);
    }
    return { outs: rotate ? outs : { ...outs, republishedAt: timestamp(this.context) } };
  }

  /** Brings the live keys into state and never issues one. Without `id` the engine drops the resource. */
  async read(id: string, props: KeyPairOutputs): Promise<{ id?: string; props?: KeyPairOutputs }> {
    const keys = await readLiveKeys(await resolveAccount(props, this.context), this.context);
    if (keys === "gone") return {};
    if (keys === "unreadable") return { id, props };
    const [key, previousKey] = [keys[props.keyName], keys[props.previousKeyName]];
    if (key === props.key && previousKey === props.previousKey) return { id, props };
    const { rotatedAt, requestId, ...kept } = props;
    const issued = key === props.key && { ...(rotatedAt && { rotatedAt }), ...(requestId && { requestId }) };
    const changedOutsideAt = timestamp(this.context);
    return { id, props: { ...kept, ...issued, ...withFingerprint(key), previousKey, changedOutsideAt } };
  }

  /** Both keys stay as they are. */
  async delete(): Promise<void> {}

  /** Issues a new key in the slot that is not in use, so that the one consumers hold stays valid. */
  private async rotate(account: AccountIdentity, olds: KeyPairOutputs, news: KeyPairInputs): Promise<KeyPairOutputs> {
    // Asked again because a preview may not have known the trigger or the overlap.
    await this.requireOverlap(olds, news);
    await this.context.acceptance.requireHost(news.waitUntilAccepted);
    const keyName = olds.previousKeyName;
    const previousKeyName = olds.keyName;
    const { keys, requestId } = await this.issue(account, keyName);
    if (keys[previousKeyName] !== olds.key) {
      this.context.log(
        `warning: ${describeAccount(account, previousKeyName)}, the key in use until now, had been changed outside ` +
          "Pulumi. previousKey is its live value; consumers that hold another one are refused until they deploy.",
      );
    }
    return {
      ...news,
      subscriptionId: olds.subscriptionId,
      ...withFingerprint(keys[keyName]),
      keyName,
      previousKey: keys[previousKeyName],
      previousKeyName,
      rotationCount: olds.rotationCount + 1,
      rotatedAt: timestamp(this.context),
      ...(requestId !== undefined && { requestId }),
    };
  }

  private async issue(account: AccountIdentity, keyName: KeyName): Promise<Rotated> {
    const { subscriptionId, ...names } = account;
    const slot = { ...names, keyName };
    if (!this.context.slots.reserve(slot, subscriptionId)) throw taken(account, keyName);
    this.context.slots.claim(slot, subscriptionId, "rotated");
    try {
      return await this.context.rotation.rotate(account, keyName);
    } catch (error) {
      this.context.slots.release(slot, subscriptionId);
      throw error;
    }
  }

  /**
   * Refuses a rotation that comes so soon after the last one that consumers may still hold the key it would end: a
   * `pulumi up` that failed in another resource has rotated, but published nothing.
   */
  private async requireOverlap(olds: KeyPairOutputs, { minimumOverlap }: KeyPairInputs): Promise<void> {
    const changes = [olds.rotatedAt, olds.republishedAt, olds.changedOutsideAt].filter((at) => at !== undefined);
    const last = changes.sort().at(-1);
    if (last === undefined) return;
    const overlap = minimumOverlap ?? defaultOverlap;
    const from = await addDuration(Date.parse(last), overlap);
    if (this.context.now() >= from) return;
    const account = { ...namedAccount(olds), subscriptionId: olds.subscriptionId };
    throw new KeyError(
      `${describeAccount(account, olds.previousKeyName)} was not rotated: the key in use changed at ${last}, and until ` +
        `minimumOverlap (${overlap}) has passed, at ${new Date(from).toISOString()}, consumers may still hold this one. ` +
        'Rotate then; or, if every consumer has deployed since that change, set minimumOverlap to "PT0S". ' +
        "No call was made and no key was changed.",
    );
  }
}

const slots: readonly KeyName[] = ["Key1", "Key2"];
const defaultOverlap = "PT1H";

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
    ...(olds.rotatedAt !== undefined && { rotatedAt: olds.rotatedAt }),
    ...(olds.requestId !== undefined && { requestId: olds.requestId }),
    ...(olds.republishedAt !== undefined && { republishedAt: olds.republishedAt }),
  };
}

function otherSlot(keyName: KeyName): KeyName {
  return keyName === "Key1" ? "Key2" : "Key1";
}
