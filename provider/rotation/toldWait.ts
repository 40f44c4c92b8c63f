/** A wait that lasts so many times as long as the one that was told is news. */
const muchLonger = 5;
/** Milliseconds without a wait after which the next one is the first again. */
export const quietMs = 60_000;

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
