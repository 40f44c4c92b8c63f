import { type Context, timestamp } from "./context";
import type { SlotMemory } from "./deploymentMemory";
import type { Issued, Stored } from "./issuance";
import { KeyError } from "./keyError";
import { adoptAgainst } from "./liveKeys";
import type { WaitUntilAccepted } from "./rotation/acceptance";
import type { AccountIdentity, KeyName, Keys } from "./rotation/accountKeys";
import { failure } from "./rotation/callError";
import type { Rotated } from "./rotation/rotation";
import type { Trigger } from "./trigger";
import { notAdopted, renewedElsewhere, taken, tryingAdopted, tryingNew, type Unfinished, willWait } from "./words";

type Wait = WaitUntilAccepted | null | undefined;

/** The slots of an account whose keys a resource publishes: one, or both. */
export interface Published {
  account: AccountIdentity;
  /** The only slot of a resource that stands for one. */
  keyName?: KeyName;
  slots: readonly SlotMemory[];
}

/** How a resource comes to keys that it may publish, whether it stands for one slot or for both. */
export class Issuing {
  constructor(private readonly context: Context) {}

  /**
   * The live keys of an account, for a resource that ends none. Where the program waits for new keys, one that was found
   * is tried as well: it may be one that was refused.
   *
   * @param before what state holds, where the resource is created again
   * @param tried the slot that is about to be published anew; `undefined` where it goes on as it was
   */
  async adopt(
    { account, keyName, slots }: Published,
    wait: Wait,
    before: Stored | undefined,
    tried: (keys: Keys) => { keyName: KeyName; other?: KeyName } | undefined,
  ): Promise<Keys> {
    const { acceptance, log, memory } = this.context;
    await acceptance.prepare(wait);
    if (!memory.share(slots)) throw new KeyError(renewedElsewhere(account, keyName));
    try {
      const keys = await adoptAgainst(account, this.context, before, keyName);
      const slot = tried(keys);
      if (slot === undefined) return keys;
      const refusal = await acceptance.refusal(wait, keys[slot.keyName], (trial) =>
        log(tryingAdopted(account, slot.keyName, trial)),
      );
      if (refusal !== undefined) throw new KeyError(notAdopted(account, slot.keyName, refusal, slot.other));
      return keys;
    } catch (error) {
      memory.release(slots);
      throw error;
    }
  }

  /** The live keys of an account that exists, for a resource that is imported, or only read. */
  async find({ account, keyName, slots }: Published): Promise<Keys> {
    const { memory, rotation } = this.context;
    if (!memory.share(slots)) throw new KeyError(renewedElsewhere(account, keyName));
    const listing = await rotation.read(account, keyName);
    if ("keys" in listing) return listing.keys;
    memory.release(slots);
    throw failure({ operation: "listKeys", account, keyName }, listing.answer, "unchanged");
  }

  /**
   * Issues a new key in a slot. Nothing is awaited between the reservation and the call, so that no other call for the slot
   * comes in between.
   *
   * @param rotate makes the call, once the slots are reserved
   */
  async issue(
    { account, slots }: Published,
    renewed: { keyName: KeyName; slot: SlotMemory },
    wait: Wait,
    rotate: () => Promise<Rotated>,
  ): Promise<Issued> {
    const { acceptance, memory } = this.context;
    await acceptance.prepare(wait);
    if (!memory.reserve(slots)) throw new KeyError(taken(account, renewed.keyName));
    try {
      const issued = await rotate();
      renewed.slot.noteClaim("rotated");
      return { ...issued, rotatedAt: timestamp(this.context) };
    } catch (error) {
      memory.release(slots);
      throw error;
    }
  }

  /** Issues a key once for a trigger, however often it is asked, until the key is published. */
  async once<Outputs>(
    slot: SlotMemory,
    trigger: Trigger,
    issue: () => Promise<Issued>,
    publish: (issued: Issued) => Promise<Outputs>,
  ): Promise<Outputs> {
    const issued = slot.kept(trigger) ?? (await issue());
    try {
      const outputs = await publish(issued);
      slot.forget();
      return outputs;
    } catch (error) {
      slot.keep(trigger, issued);
      throw error;
    }
  }

  /**
   * Says before a rotation what is lost when its wait is interrupted. While it waits, a terminal of 100 columns has no room
   * for that. One line is for all resources.
   */
  announceWait(wait: Wait): void {
    if (wait && this.context.memory.takeWaitNews()) this.context.log(willWait);
  }

  /** What keeps a new key from being published; `undefined` when nothing does. @param doubt why it is not confirmed */
  async leftToDo(
    account: AccountIdentity,
    keyName: KeyName,
    key: string,
    wait: Wait,
    doubt: string | undefined,
  ): Promise<Unfinished | undefined> {
    if (doubt !== undefined) return { doubt };
    const refusal = await this.context.acceptance.refusal(wait, key, (trial) =>
      this.context.log(tryingNew(account, keyName, trial)),
    );
    return refusal === undefined ? undefined : { refusal };
  }
}
