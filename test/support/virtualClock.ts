interface Timer {
  at: number;
  wake: () => void;
  /** Whether time goes on only to reach it. */
  awaited: boolean;
}

/**
 * Time that passes only while nobody works: when all calls in flight are answered, it jumps to the next moment that
 * somebody sleeps for. Real clients and servers can so live through minutes of waiting in milliseconds, in one order.
 */
export class VirtualClock {
  private time = Date.parse("2026-01-01T00:00:00Z");
  private working = 0;
  /** Calls that will never be answered: they wait for the time limit of their clients. */
  private abandoned = 0;
  private orphans = 0;
  private timers: Timer[] = [];
  private scheduled = false;

  readonly now = (): number => this.time;

  readonly sleep = (ms: number): Promise<void> => new Promise((wake) => this.after(ms, wake));

  readonly after = (ms: number, wake: () => void): void => this.add(ms, wake, true);

  /** A signal that aborts after so many milliseconds, as `AbortSignal.timeout` does. */
  readonly timeout = (ms: number): AbortSignal => {
    const controller = new AbortController();
    this.add(ms, () => controller.abort(new DOMException("The operation timed out.", "TimeoutError")), false);
    return controller.signal;
  };

  /** Time stands still while this is done, but for what it waits for in {@link park}. */
  async work<T>(task: () => Promise<T>): Promise<T> {
    this.working++;
    try {
      return await task();
    } finally {
      this.working--;
      this.schedule();
    }
  }

  async park<T>(waiting: () => Promise<T>): Promise<T> {
    this.working--;
    this.schedule();
    try {
      return await waiting();
    } finally {
      if (this.orphans > 0) this.orphans--;
      else this.working++;
    }
  }

  /** The task at {@link work} has ended while what it waits for is still parked. */
  orphan(): void {
    this.working++;
    this.orphans++;
  }

  /** A call in flight that is never answered: time goes on, to the time limit of its client. */
  abandon(): void {
    this.working--;
    this.abandoned++;
    this.schedule();
  }

  /** The client of such a call has given up. */
  recover(): void {
    this.working++;
    this.abandoned--;
  }

  /** Lets everything that is still to happen happen. */
  async runOut(): Promise<void> {
    while (this.working > 0 || this.timers.some(({ awaited }) => awaited)) {
      this.schedule();
      await new Promise(setImmediate);
    }
  }

  private add(ms: number, wake: () => void, awaited: boolean): void {
    this.timers.push({ at: this.time + Math.max(0, ms), wake, awaited });
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // Twice: what was just answered or woken gets to begin its next piece of work first.
    setImmediate(() => setImmediate(() => this.advance()));
  }

  private advance(): void {
    this.scheduled = false;
    if (this.working > 0 || !(this.abandoned > 0 || this.timers.some(({ awaited }) => awaited))) return;
    const at = Math.min(...this.timers.map((timer) => timer.at));
    const next = this.timers.find((timer) => timer.at === at);
    if (next === undefined) return;
    this.timers = this.timers.filter((timer) => timer !== next);
    this.time = Math.max(this.time, at);
    next.wake();
    this.schedule();
  }
}
