import type { AccountIdentity, AccountKeys, KeyName, Keys } from "./accountKeys";
import {
  type Call,
  classify,
  describeAnswer,
  describeCall,
  failure,
  isGone,
  isLocalAuthOff,
  isThrottled,
  type NoKeys,
} from "./failure";
import { backoff, SubscriptionGate, type WaitingPorts } from "./subscriptionGate";

/** What the rotation touches of the world, so that a test can hold all of it in its hand. */
export interface RotationPorts extends WaitingPorts {
  keys: AccountKeys;
  /** Tells the person who waits; never gets a key. */
  log(line: string): void;
}

/** The new key of a slot, and the live key of the other. */
export interface Rotated {
  keys: Keys;
  /** `x-ms-request-id` of the call that issued the key; absent when its answer was lost. */
  requestId?: string;
  /** Why the key is not confirmed although an answer was ambiguous: it must be read once more before it is published. */
  doubt?: string;
}

/** Both live keys, or the answer that ended the attempt to read them. */
export type Listing = { keys: Keys } | { answer: NoKeys };

type SlotCall = Call & { keyName: KeyName };

/** Milliseconds. The service answers regenerateKey in about 0.1 to 0.3 s; the SDK itself has no limit at all. */
const attemptTimeoutMs = 30_000;
const shortestAttemptMs = 2_000;
/** What a new key needs at the end of the budget: an answer, and in doubt its confirmation. */
const reservedMs = 15_000;
/** Milliseconds that one rotation may take in all, and a refresh's reading of one slot. */
const rotationBudgetMs = 300_000;
const readBudgetMs = 60_000;
/** Milliseconds between the two equal readings that confirm a key after an ambiguous answer. */
const confirmationMs = 10_000;

/**
 * Issues and reads keys so that a value it returns is the live one (design: section "Rotating safely").
 *
 * Azure gives regenerateKey no idempotency key. That is bearable because nobody holds a value before it is published:
 * sending again only spends a call. What must not happen is to return a key that is not live.
 */
export class Rotation {
  private readonly lastOfAccount = new Map<string, Promise<unknown>>();
  private readonly gates = new Map<string, SubscriptionGate>();

  constructor(private readonly ports: RotationPorts) {}

  /**
   * Issues a new key for the slot: one write and nothing else, unless the answer leaves a doubt.
   *
   * @param alternative what the error says beside how to remove the cause
   */
  rotate(account: AccountIdentity, keyName: KeyName, alternative?: string): Promise<Rotated> {
    return this.oneAtATime(account, () => this.issue({ operation: "regenerateKey", account, keyName, alternative }));
  }

  /** The live keys of an account whose key is adopted. */
  async adopt(account: AccountIdentity, keyName?: KeyName): Promise<Keys> {
    const listing = await this.oneAtATime(account, () => this.list(account, keyName, rotationBudgetMs));
    if ("keys" in listing) return listing.keys;
    throw failure({ operation: "listKeys", account, keyName }, listing.answer, "unchanged");
  }

  /** The live keys of an account, or why they cannot be read; for callers that can do without. */
  read(account: AccountIdentity, keyName?: KeyName): Promise<Listing> {
    return this.oneAtATime(account, () => this.list(account, keyName, readBudgetMs));
  }

  private async issue(call: SlotCall): Promise<Rotated> {
    const { account, keyName } = call;
    const deadline = this.ports.now() + rotationBudgetMs;
    const lastStart = deadline - reservedMs;
    let baseline: Keys | undefined;
    let doubtful = false;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.gate(account).pass(lastStart, () =>
        this.ports.keys.regenerateKey(account, keyName, this.attemptTimeout(deadline)),
      );
      if (answer.kind === "keys") {
        return doubtful ? this.confirm(call, answer, deadline) : answer;
      }
      const verdict = classify(answer);
      // Also a 200: who answers without keys, say a proxy with its own page, need not be the service.
      if (verdict === "ambiguous") doubtful = true;
      // A busy service has done nothing, and in a throttled subscription the reading would take the place of the call.
      if (doubtful && verdict !== "busy") {
        const live = await this.list(account, keyName, deadline - this.ports.now());
        if ("keys" in live) {
          // The baseline is read after the first doubt, never taken from state, which may be months old.
          if (baseline !== undefined && baseline[keyName] !== live.keys[keyName]) {
            return this.confirm(call, { keys: live.keys }, deadline);
          }
          baseline = live.keys;
        }
      }
      const knowledge = doubtful ? "unknown" : "unchanged";
      if (verdict === "refused") throw failure(call, answer, knowledge);
      if (!(await this.wait(call, answer, attempt, lastStart))) throw failure(call, answer, knowledge);
    }
  }

  /**
   * After any doubt an earlier request may still land, so a key counts as live only when two readings
   * {@link confirmationMs} apart agree; the live value wins over the one that was answered.
   */
  private async confirm(call: SlotCall, issued: Rotated, deadline: number): Promise<Rotated> {
    const { account, keyName } = call;
    let previous: Keys | undefined;
    for (;;) {
      const live = await this.list(account, keyName, deadline - this.ports.now());
      if ("keys" in live) {
        if (previous?.[keyName] === live.keys[keyName]) {
          const same = live.keys[keyName] === issued.keys[keyName];
          return { keys: live.keys, requestId: same ? issued.requestId : undefined };
        }
        previous = live.keys;
      } else if (isGone(live.answer) || isLocalAuthOff(live.answer)) {
        throw failure({ ...call, operation: "listKeys" }, live.answer, "changed");
      } else if (classify(live.answer) === "refused") {
        this.ports.log(
          `${describeCall(call)}: the new key was not confirmed, although an earlier attempt was answered ambiguously, ` +
            `because listKeys gave ${describeAnswer(live.answer)}. If consumers are refused, rotate once more.`,
        );
        return previous === undefined ? issued : { keys: previous };
      }
      if (this.ports.now() + confirmationMs >= deadline) {
        const doubt =
          "answer" in live
            ? `listKeys gave ${describeAnswer(live.answer)}`
            : "two readings that agree could not be had in time";
        return previous === undefined ? { ...issued, doubt } : { keys: previous, doubt };
      }
      await this.ports.sleep(confirmationMs);
    }
  }

  /** listKeys changes nothing, so whatever may pass is simply sent again until the time is up. */
  private async list(account: AccountIdentity, keyName: KeyName | undefined, budgetMs: number): Promise<Listing> {
    const call: Call = { operation: "listKeys", account, keyName };
    const deadline = this.ports.now() + budgetMs;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.gate(account).pass(deadline, () =>
        this.ports.keys.listKeys(account, this.attemptTimeout(deadline)),
      );
      if (answer.kind === "keys") return answer;
      if (classify(answer) === "refused" || !(await this.wait(call, answer, attempt, deadline))) return { answer };
    }
  }

  /** Milliseconds; a call that begins near the deadline still gets a chance to be answered. */
  private attemptTimeout(deadline: number): number {
    return Math.max(shortestAttemptMs, Math.min(attemptTimeoutMs, deadline - this.ports.now()));
  }

  /** Waits before the call is sent again; false, without a wait, where that would be too late. */
  private async wait(call: Call, answer: NoKeys, attempt: number, deadline: number): Promise<boolean> {
    // After a 429 the gate does the waiting, for all calls of the subscription.
    const throttled = isThrottled(answer);
    const delay = throttled ? this.gate(call.account).heldFor : backoff(attempt, answer, this.ports);
    if (this.ports.now() + delay >= deadline) return false;
    this.ports.log(`${describeCall(call)}: ${describeAnswer(answer)}. Trying again in ${Math.ceil(delay / 1000)} s.`);
    if (!throttled) await this.ports.sleep(delay);
    return true;
  }

  private gate({ subscriptionId }: AccountIdentity): SubscriptionGate {
    const key = subscriptionId.toLowerCase();
    const gate = this.gates.get(key) ?? new SubscriptionGate(this.ports);
    this.gates.set(key, gate);
    return gate;
  }

  /** An account's slots are worked on one after the other: Azure answers 409 to two writes at once. */
  private oneAtATime<T>(account: AccountIdentity, work: () => Promise<T>): Promise<T> {
    const key = [account.subscriptionId, account.resourceGroupName, account.accountName].join("/").toLowerCase();
    const previous = this.lastOfAccount.get(key) ?? Promise.resolve();
    const next = previous.then(work, work);
    this.lastOfAccount.set(key, next);
    return next;
  }
}
