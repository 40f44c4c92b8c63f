import { listKeysGave, noAgreement, stillFormer, throttled, tryingAgain, unconfirmed } from "../words";
import type { AccountIdentity, AccountKeys, Answer, KeyName, Keys, NoKeys } from "./accountKeys";
import { type Call, failure } from "./callError";
import { pause } from "./pause";
import { backoff, SubscriptionGate, ToldWait, type WaitingPorts } from "./subscriptionGate";
import { causeOf, classify, isForbidden, isForeign, isGone, isThrottled } from "./verdict";

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
  /** The slot's values from before, as far as they are known: a reading that lags may still give them. */
  former?: readonly string[];
}

/** What is known of a slot before it is renewed. */
export interface Known {
  /** Its value in state, which may be months old: an answer that brings it again has renewed nothing. */
  stored?: string;
  /** When an earlier rotation of the slot ended in doubt, whose effect may be still to come: milliseconds since the epoch. */
  doubtedAt?: number;
  /** Both live keys, where they were read right before. */
  live?: Keys;
  /** Has the keys read first, and is told what came of it; what it throws ends the rotation before anything is sent. */
  inspect?(listing: Listing): void;
}

/** Both live keys, or the answer that ended the attempt to read them. */
export type Listing = { keys: Keys } | { answer: NoKeys };

type SlotCall = Call & { keyName: KeyName };

/** What leaves the new key of a slot in doubt. */
interface Doubt {
  /** The slot's values from before, as far as they are known, and whether one of them was read. */
  former: ReadonlySet<string>;
  hasBaseline: boolean;
  /** Whether an answer has brought the new key, and not a reading. */
  answered: boolean;
  /** Whether no other request can have an effect than the one whose key was read. */
  onlyOne: boolean;
  /** When each request without a clear answer was sent: milliseconds since the epoch. */
  doubts: readonly number[];
  /** Milliseconds since the epoch. */
  deadline: number;
}

/** Milliseconds. The service answers regenerateKey in about 0.1 to 0.3 s; the SDK itself has no limit at all. */
const attemptTimeoutMs = 30_000;
const shortestAttemptMs = 2_000;
/** What a new key needs at the end of the budget: an answer, and in doubt its confirmation. */
const reservedMs = 15_000;
/** Milliseconds that one rotation may take in all, and a refresh's reading of one slot. */
const rotationBudgetMs = 300_000;
const readBudgetMs = 60_000;
/** Milliseconds between the two equal readings that confirm a key after an ambiguous answer. */
export const confirmationMs = 10_000;
/** Milliseconds for which a reading may still give what was live before the last request. */
export const staleReadingMs = 30_000;
/** ARM can answer for a moment that there is no such account: milliseconds until it is asked again, and how often. */
const reappearanceMs = 10_000;
const timesMissing = 1;
const timesMissingWhenNew = 2;

/**
 * Issues and reads keys so that a value it returns is the live one (design: section "Rotating safely").
 *
 * Azure gives regenerateKey no idempotency key. That is bearable because nobody holds a value before it is published:
 * sending again only spends a call. What must not happen is to return a key that is not live.
 */
export class Rotation {
  private readonly lastOfAccount = new Map<string, Promise<unknown>>();
  private readonly gates = new Map<string, SubscriptionGate>();
  /** By what makes calls wait. */
  private readonly told = new Map<string, ToldWait>();

  constructor(private readonly ports: RotationPorts) {}

  /**
   * Issues a new key for the slot: one write and nothing else, unless the answer leaves a doubt.
   *
   * @param alternative what the error says beside how to remove the cause
   */
  rotate(account: AccountIdentity, keyName: KeyName, known: Known = {}, alternative?: string): Promise<Rotated> {
    const call = { operation: "regenerateKey", account, keyName, alternative } as const;
    return this.oneAtATime(account, () => this.issue(call, known));
  }

  /** The live keys of an account whose key is adopted; it may have been created a moment ago. */
  async adopt(account: AccountIdentity, keyName?: KeyName): Promise<Keys> {
    const listing = await this.oneAtATime(account, () =>
      this.list(account, keyName, rotationBudgetMs, timesMissingWhenNew),
    );
    if ("keys" in listing) return listing.keys;
    throw failure({ operation: "listKeys", account, keyName }, listing.answer, "unchanged");
  }

  /** The live keys of an account, or why they cannot be read; for callers that can do without. */
  read(account: AccountIdentity, keyName?: KeyName): Promise<Listing> {
    return this.oneAtATime(account, () => this.list(account, keyName, readBudgetMs));
  }

  private async issue(call: SlotCall, { stored, live, inspect, doubtedAt }: Known): Promise<Rotated> {
    const { account, keyName } = call;
    const deadline = this.ports.now() + rotationBudgetMs;
    const lastStart = deadline - reservedMs;
    const looks = inspect !== undefined || (doubtedAt !== undefined && live === undefined);
    const baseline = looks ? await this.look(call, inspect, lastStart) : live;
    const former = new Set([stored, baseline?.[keyName]].filter((key): key is string => Boolean(key)));
    let hasBaseline = baseline !== undefined;
    /** When each request was sent that may have taken effect, now or in a moment. */
    const doubts: number[] = doubtedAt === undefined ? [] : [doubtedAt];
    let missing = 0;
    for (let attempt = 0; ; attempt++) {
      let sent = 0;
      const given = await this.gate(account).pass(lastStart, () => {
        sent = this.ports.now();
        return this.ports.keys.regenerateKey(account, keyName, this.attemptTimeout(deadline));
      });
      const renewed = given.kind === "keys" && !former.has(given.keys[keyName]);
      if (renewed && doubts.length === 0) return { ...given, former: [...former] };
      if (renewed) {
        return this.confirm(call, given, { former, hasBaseline, answered: true, onlyOne: false, doubts, deadline });
      }
      const answer = given.kind === "keys" ? notRenewed(given) : given;
      const verdict = classify(answer);
      // Also a 200, and a 4xx without a code: who answers so, say a proxy with its own page, need not be the service.
      if (verdict === "ambiguous" || isForeign(answer)) doubts.push(sent);
      // A busy service has done nothing, and in a throttled subscription the reading would take the place of the call.
      if (doubts.length > 0 && verdict !== "busy") {
        const live = await this.list(account, keyName, deadline - this.ports.now());
        if ("keys" in live) {
          // The baseline is read right before or after the first doubt, never taken from state, which may be months old.
          if (hasBaseline && !former.has(live.keys[keyName])) {
            const onlyOne = doubts.length === 1 && doubtedAt === undefined;
            const issued = { keys: live.keys };
            return this.confirm(call, issued, { former, hasBaseline, answered: false, onlyOne, doubts, deadline });
          }
          hasBaseline = true;
          former.add(live.keys[keyName]);
        }
      }
      if (verdict === "refused") {
        if (doubts.length === 0 && isGone(answer) && missing++ < timesMissingWhenNew) {
          if (await this.waitForAccount(call, answer)) continue;
          throw failure(call, interrupted, "unchanged");
        }
        throw failure(call, answer, doubts.length > 0 ? "unknown" : "unchanged");
      }
      const end = await this.wait(call, answer, attempt, lastStart);
      if (end !== undefined) throw failure(call, end, doubts.length > 0 ? "unknown" : "unchanged");
    }
  }

  private async look(call: SlotCall, inspect: Known["inspect"], deadline: number): Promise<Keys | undefined> {
    const listing = await this.list(call.account, call.keyName, deadline - this.ports.now());
    inspect?.(listing);
    if ("keys" in listing) return listing.keys;
    // What is looked at without an inspection is a doubt.
    if (listing.answer.kind === "interrupted") throw failure(call, listing.answer, "unknown");
    return undefined;
  }

  /**
   * After any doubt an earlier request may still land, so a key counts as live only when two readings
   * {@link confirmationMs} apart agree. Readings can lag: a value from before the rotation confirms nothing, and where
   * several requests may have taken effect, one that no answer has brought counts only when it is still read for as long
   * after the last of them as it took to read a new one after the first, and for {@link staleReadingMs} at least.
   */
  private async confirm(
    call: SlotCall,
    issued: Rotated,
    { former, hasBaseline, answered, onlyOne, doubts, deadline }: Doubt,
  ): Promise<Rotated> {
    const { account, keyName } = call;
    const begin = this.ports.now();
    let settleMs: number | undefined;
    let previous: Keys | undefined;
    const inDoubt = (doubt: string): Rotated => {
      return { ...(answered || previous === undefined ? issued : { keys: previous }), doubt, former: [...former] };
    };
    for (;;) {
      const live = await this.list(account, keyName, deadline - this.ports.now());
      const isIssued = ({ [keyName]: key }: Keys) => answered && key === issued.keys[keyName];
      if ("keys" in live) {
        if (!former.has(live.keys[keyName])) {
          settleMs ??= Math.max(staleReadingMs, this.ports.now() - doubts[0]);
          // Without a baseline it may be the one from before.
          const settled = isIssued(live.keys) || onlyOne || (hasBaseline && this.ports.now() - begin >= settleMs);
          if (settled && previous?.[keyName] === live.keys[keyName]) {
            const requestId = isIssued(live.keys) ? issued.requestId : undefined;
            return { keys: live.keys, requestId, former: [...former] };
          }
          previous = live.keys;
        }
      } else if (isForbidden(live.answer) && (previous === undefined || isIssued(previous))) {
        this.ports.log(unconfirmed(call, causeOf(live.answer), live.answer));
        return previous === undefined ? issued : { keys: previous, requestId: issued.requestId };
      } else if (classify(live.answer) === "refused") {
        return inDoubt(listKeysGave(causeOf(live.answer), live.answer));
      }
      if (this.ports.now() + confirmationMs >= deadline) {
        if ("answer" in live) return inDoubt(listKeysGave(causeOf(live.answer), live.answer));
        return inDoubt(former.has(live.keys[keyName]) ? stillFormer : noAgreement);
      }
      if (!(await pause(this.ports, confirmationMs))) return inDoubt(listKeysGave("interrupted", interrupted));
    }
  }

  /** listKeys changes nothing, so whatever may pass is simply sent again until the time is up. */
  private async list(
    account: AccountIdentity,
    keyName: KeyName | undefined,
    budgetMs: number,
    mayBeMissing = timesMissing,
  ): Promise<Listing> {
    const call: Call = { operation: "listKeys", account, keyName };
    const deadline = this.ports.now() + budgetMs;
    let missing = 0;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.gate(account).pass(deadline, () =>
        this.ports.keys.listKeys(account, this.attemptTimeout(deadline)),
      );
      if (answer.kind === "keys") return answer;
      if (isGone(answer) && missing++ < mayBeMissing) {
        if (await this.waitForAccount(call, answer)) continue;
        return { answer: interrupted };
      }
      const end = classify(answer) === "refused" ? answer : await this.wait(call, answer, attempt, deadline);
      if (end !== undefined) return { answer: end };
    }
  }

  /** False when the wait was interrupted. */
  private waitForAccount(call: Call, answer: NoKeys): Promise<boolean> {
    this.sayRetry(call, answer, reappearanceMs);
    return pause(this.ports, reappearanceMs);
  }

  private sayRetry(call: Call, answer: NoKeys, delayMs: number): void {
    const cause = causeOf(answer);
    // What is in front of Azure is the same for all accounts.
    const reason =
      cause === "unreachable" ? cause : [cause, call.operation, accountId(call.account), call.keyName].join(" ");
    const told = this.told.get(reason) ?? new ToldWait();
    this.told.set(reason, told);
    if (!told.isNews(delayMs, this.ports.now())) return;
    this.ports.log(tryingAgain(call, cause, answer, delayMs));
  }

  /** Milliseconds; a call that begins near the deadline still gets a chance to be answered. */
  private attemptTimeout(deadline: number): number {
    return Math.max(shortestAttemptMs, Math.min(attemptTimeoutMs, deadline - this.ports.now()));
  }

  /** Waits before the call is sent again; gives the answer to end with when that would be too late, or is interrupted. */
  private async wait(call: Call, answer: NoKeys, attempt: number, deadline: number): Promise<NoKeys | undefined> {
    const throttled = isThrottled(answer);
    const delay = throttled ? this.gate(call.account).delay(deadline) : backoff(attempt, answer, this.ports);
    if (this.ports.now() + delay >= deadline) return answer;
    // After a 429 the gate does the waiting, and says so, for all calls of the subscription.
    if (throttled) return undefined;
    this.sayRetry(call, answer, delay);
    return (await pause(this.ports, delay)) ? undefined : interrupted;
  }

  private gate({ subscriptionId }: AccountIdentity): SubscriptionGate {
    const key = subscriptionId.toLowerCase();
    const gate =
      this.gates.get(key) ??
      new SubscriptionGate(this.ports, (answer, delayMs) => this.ports.log(throttled(subscriptionId, answer, delayMs)));
    this.gates.set(key, gate);
    return gate;
  }

  /** An account's slots are worked on one after the other: Azure answers 409 to two writes at once. */
  private oneAtATime<T>(account: AccountIdentity, work: () => Promise<T>): Promise<T> {
    const key = accountId(account);
    const previous = this.lastOfAccount.get(key) ?? Promise.resolve();
    const next = previous.then(work, work);
    this.lastOfAccount.set(key, next);
    return next;
  }
}

function accountId({ subscriptionId, resourceGroupName, accountName }: AccountIdentity): string {
  return [subscriptionId, resourceGroupName, accountName].join("/").toLowerCase();
}

/** A 200 that brought what the slot had before: whether anything was done is not known. */
function notRenewed({ requestId }: Answer & { kind: "keys" }): NoKeys {
  return { kind: "http", status: 200, requestId, notRenewed: true };
}

/** Ends a call that was not sent again. */
const interrupted: NoKeys = { kind: "interrupted" };
