import type { Answer, NoKeys } from "./accountKeys";
import { pause } from "./pause";
import { isThrottled } from "./verdict";

/** What the waiting touches of the world. */
export interface WaitingPorts {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when it is interrupted. */
  sleep(ms: number): Promise<void>;
  /** From 0 (included) to 1 (excluded). */
  random(): number;
}

/** Milliseconds. */
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;
const longestRetryAfterMs = 60_000;
const pollMs = 250;
/** ARM refills a caller's bucket at 10 calls a second, which so many at a time more than use up. */
const mostAfterThrottling = 8;
/** A wait that lasts so many times as long as the one that was told is news. */
const muchLonger = 5;
/** Milliseconds without a wait after which the next one is the first again. */
const quietMs = 60_000;

/** Milliseconds: exponential backoff, or what the service asks for, whichever is longer. */
export function backoff(attempt: number, answer: NoKeys, ports: WaitingPorts): number {
  return Math.max(exponential(attempt, ports), retryAfter(answer));
}

/** Milliseconds, of which half is jitter. */
function exponential(attempt: number, { random }: WaitingPorts): number {
  const step = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs);
  return step / 2 + (step / 2) * random();
}

/** Milliseconds, capped; 0 where the service asks for nothing. */
function retryAfter(answer: NoKeys): number {
  const asked = answer.kind === "http" ? (answer.retryAfterMs ?? 0) : 0;
  return Math.min(asked, longestRetryAfterMs);
}

/**
 * The way to ARM for all calls to one subscription. ARM throttles a principal per subscription, so one 429 holds back
 * every call, not only the one that met it. After the wait they go in one, two, four and then eight at a time: of a crowd
 * most would be refused again. Whose time is up first goes first: else some of many would wait until it is too late.
 */
export class SubscriptionGate {
  private heldUntil = 0;
  /** Waits in a row, without a call that went through in between. */
  private waits = 0;
  private readonly told = new ToldWait();
  /** The deadlines of the calls that wait. */
  private readonly waiting: number[] = [];
  private inFlight = 0;
  private admitted = Number.POSITIVE_INFINITY;
  private lastRefusal: NoKeys | undefined;

  /** @param onHold is told of waits in a row once, by the first call that waits: what closed the gate, and for how long */
  constructor(
    private readonly ports: WaitingPorts,
    private readonly onHold: (refusal: NoKeys, delayMs: number) => void,
  ) {}

  /** Milliseconds for which no call may be sent. */
  get heldFor(): number {
    return Math.max(0, this.heldUntil - this.ports.now());
  }

  /** Milliseconds until a call with this deadline may be sent, or may be asked for again. */
  delay(deadline: number): number {
    const sooner = this.waiting.filter((other) => other < deadline).length;
    return this.heldFor || (this.inFlight + sooner < this.admitted ? 0 : pollMs);
  }

  /**
   * Makes the call when it may be made. One that would have to begin after the deadline is not made, and gets the refusal
   * that has closed the gate: all who wait would else be sent at once, in their last seconds.
   */
  async pass(deadline: number, call: () => Promise<Answer>): Promise<Answer> {
    const refusal = await this.enter(deadline);
    if (refusal !== undefined) return refusal;
    try {
      const answer = await call();
      this.note(answer);
      return answer;
    } finally {
      this.inFlight--;
    }
  }

  /** Gives why the call is not to be made, when the gate stays closed until the deadline or the wait is interrupted. */
  private async enter(deadline: number): Promise<NoKeys | undefined> {
    this.waiting.push(deadline);
    try {
      for (;;) {
        const now = this.ports.now();
        // As long after a wait the calls are counted.
        if (now - this.heldUntil > quietMs) this.admitted = Number.POSITIVE_INFINITY;
        const delay = this.delay(deadline);
        if (delay === 0) break;
        if (now + delay > deadline) return this.lastRefusal;
        this.tell();
        if (!(await pause(this.ports, delay))) return { kind: "interrupted" };
      }
      this.inFlight++;
      return undefined;
    } finally {
      this.waiting.splice(this.waiting.indexOf(deadline), 1);
    }
  }

  private tell(): void {
    const { heldFor, lastRefusal } = this;
    if (heldFor === 0 || lastRefusal === undefined || !this.told.isNews(heldFor, this.ports.now())) return;
    this.onHold(lastRefusal, heldFor);
  }

  private note(answer: Answer): void {
    const held = this.heldFor > 0;
    if (answer.kind === "http" && isThrottled(answer)) {
      const asked = retryAfter(answer);
      // Calls that were in flight together are refused together, and wait together. A Retry-After of 0, or in the past, must
      // not become a loop that asks as fast as it can.
      const alone = held ? 0 : exponential(this.waits, this.ports);
      const delay = asked > 0 ? Math.max(asked, firstDelayMs) : alone;
      if (!held) this.waits++;
      // Whoever is told of it without having called has no request to look for.
      this.lastRefusal = { ...answer, requestId: undefined };
      this.heldUntil = Math.max(this.heldUntil, this.ports.now() + delay);
      this.admitted = 1;
    } else if (!held && this.admitted < mostAfterThrottling) {
      this.waits = 0;
      this.admitted++;
    }
  }
}

/** Which of several waits in a row for one reason a person is told: the first, and then one that is much longer. */
export class ToldWait {
  private longestMs = 0;
  private until = 0;

  /** Whether to tell of a wait that begins now. @param now milliseconds since the epoch */
  isNews(delayMs: number, now: number): boolean {
    if (now - this.until > quietMs) this.longestMs = 0;
    this.until = Math.max(this.until, now + delayMs);
    if (delayMs < this.longestMs * muchLonger) return false;
    this.longestMs = delayMs;
    return true;
  }
}
