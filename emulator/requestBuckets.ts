const limits = {
  reads: { size: 250, refillPerSecond: 25 },
  writes: { size: 200, refillPerSecond: 10 },
  deletes: { size: 200, refillPerSecond: 10 },
};

/** ARM lets all callers of a subscription together do this many times what one caller may. */
const globalFactor = 15;

/**
 * The token buckets behind `x-ms-ratelimit-remaining-subscription-*`, one per caller, subscription and kind:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 *
 * They are reported and never refuse: a test that wants a 429 asks for one with a fault.
 */
export class RequestBuckets {
  readonly #levels = new Map<string, { level: number; at: number }>();

  /** Charges one request and gives the headers that say what is left. */
  charge(kind: keyof typeof limits, clientId: string, subscriptionId: string, now: number): Record<string, string> {
    const scope = subscriptionId.toLowerCase();
    const own = this.#take(`${kind} ${scope} ${clientId}`, limits[kind], 1, now);
    const all = this.#take(`${kind} ${scope}`, limits[kind], globalFactor, now);
    return {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(own),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(all),
    };
  }

  #take(key: string, { size, refillPerSecond }: (typeof limits)["reads"], factor: number, now: number): number {
    const { level, at } = this.#levels.get(key) ?? { level: size * factor, at: now };
    const refilled = Math.min(size * factor, level + ((now - at) / 1000) * refillPerSecond * factor);
    const left = Math.max(0, refilled - 1);
    this.#levels.set(key, { level: left, at: now });
    return Math.floor(left);
  }
}
