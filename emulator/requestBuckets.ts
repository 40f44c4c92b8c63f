import { ArmError } from "./armError";

/** The request buckets that ARM charges. */
export type Bucket = "reads" | "writes" | "deletes";

/** A token bucket: so many requests at once, and so many more a second. */
export interface Limit {
  size: number;
  refillPerSecond: number;
}

/** ARM's own limits: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const armLimits: Record<Bucket, Limit> = {
  reads: { size: 250, refillPerSecond: 25 },
  writes: { size: 200, refillPerSecond: 10 },
  deletes: { size: 200, refillPerSecond: 10 },
};

/** ARM lets all callers of a subscription together do this many times what one caller may. */
const globalFactor = 15;

/** What is refused with 429: `{}` is what ARM refuses, and a limit of one's own takes the place of ARM's. */
export type Throttle = Partial<Record<Bucket, Limit>>;

/**
 * The token buckets behind `x-ms-ratelimit-remaining-subscription-*`, one per caller, subscription and kind, and one for
 * all callers of a subscription. Without a {@link Throttle} they are reported and never refuse.
 */
export class RequestBuckets {
  readonly #levels = new Map<string, { level: number; at: number }>();

  constructor(public throttle: Throttle | undefined) {}

  /** Charges one request and gives the headers that say what is left; refuses when nothing is, at no charge. */
  charge(bucket: Bucket, clientId: string, subscriptionId: string, now: number): Record<string, string> {
    const { size, refillPerSecond } = this.throttle?.[bucket] ?? armLimits[bucket];
    const scope = subscriptionId.toLowerCase();
    const own = { key: `${bucket} ${scope} ${clientId}`, size, refillPerSecond };
    const all = {
      key: `${bucket} ${scope}`,
      size: size * globalFactor,
      refillPerSecond: refillPerSecond * globalFactor,
    };
    if (this.throttle !== undefined) {
      const wait = Math.max(...[own, all].map((limit) => (1 - this.#level(limit, now)) / limit.refillPerSecond));
      if (wait > 0) throw throttled(bucket, clientId, subscriptionId, Math.max(1, Math.ceil(wait)));
    }
    return {
      [`x-ms-ratelimit-remaining-subscription-${bucket}`]: String(this.#take(own, now)),
      [`x-ms-ratelimit-remaining-subscription-global-${bucket}`]: String(this.#take(all, now)),
    };
  }

  #level({ key, size, refillPerSecond }: Limit & { key: string }, now: number): number {
    const { level, at } = this.#levels.get(key) ?? { level: size, at: now };
    return Math.min(size, level + ((now - at) / 1000) * refillPerSecond);
  }

  #take(limit: Limit & { key: string }, now: number): number {
    const left = Math.max(0, this.#level(limit, now) - 1);
    this.#levels.set(limit.key, { level: left, at: now });
    return Math.floor(left);
  }
}

/** Shape from reports; ARM gives whole seconds. */
function throttled(bucket: Bucket, clientId: string, subscriptionId: string, seconds: number): ArmError {
  const message =
    `Number of '${bucket}' requests for subscription '${subscriptionId}' actor '${clientId}' exceeded. Please try again ` +
    `after '${seconds}' seconds after additional limits are applied.`;
  return new ArmError(429, "SubscriptionRequestsThrottled", message, {
    "x-ms-failure-cause": "gateway",
    "Retry-After": String(seconds),
  });
}
