import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./answer";
import type { OperationName } from "./armOperation";

/** What can go wrong or be slow: the operations of ARM, and what is around them. */
export type Endpoint = OperationName | "metadata" | "token" | "dataPlane";

/** The call that a fault may strike. Names as the client spelled them; "" where the operation has none. */
export interface FaultCall {
  operation: Endpoint;
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
  /** The slot that a regenerateKey names, as sent. */
  keyName?: string;
  /** 1 for the first call with the same operation, account and slot, 2 for the next. */
  attempt: number;
}

/** What is written back: an answer, a closed connection, or nothing for as long as the client waits. */
export type Outcome = Answer | "reset" | "silence";

/** What the client sees as the status; none where it gets no whole answer. */
export function statusOf(outcome: Outcome): number | undefined {
  return typeof outcome === "string" || outcome.truncated ? undefined : outcome.status;
}

/**
 * What goes wrong with one call.
 * - `beforeEffect`: nothing has happened to the account.
 * - `afterEffect`: the operation was carried out; `truncated` is the first half of the real answer, and then a closed
 *   connection.
 * - `late`: the operation is carried out `afterMs` milliseconds after its outcome, as by a service that was cut off from
 *   its client, perhaps when a second call has long been answered.
 *
 * @example A rotation that happened but whose answer was lost:
 * `{ strikes: "afterEffect", outcome: "reset" }`
 * @example A gateway that refuses before the service is asked:
 * `{ strikes: "beforeEffect", outcome: { status: 503, headers: { "Retry-After": "1" } } }`
 */
export type Fault =
  | { strikes: "beforeEffect"; outcome: Outcome }
  | { strikes: "afterEffect"; outcome: Outcome | "truncated" }
  | { strikes: "late"; afterMs: number; outcome: Outcome };

/**
 * Asked once per call, when it arrives. A promise holds the call back until it is settled, which is how a test lets two
 * calls meet.
 */
export type FaultHook = (call: FaultCall) => Fault | undefined | Promise<Fault | undefined>;

/** A {@link FaultHook} as data, for an emulator in another process: strikes the calls that it describes. */
export interface FaultRule {
  operation: Endpoint;
  /** @default every account */
  accountName?: string;
  /** @default both slots */
  keyName?: string;
  /** The attempts that it strikes, counting from 1. @default all of them */
  attempts?: readonly number[];
  fault: Fault;
}

/** The first rule that describes a call strikes it. */
export function hookOf(rules: readonly FaultRule[]): FaultHook {
  return (call) =>
    rules.find(
      ({ operation, accountName, keyName, attempts }) =>
        operation === call.operation &&
        (accountName ?? call.accountName).toLowerCase() === call.accountName.toLowerCase() &&
        (keyName ?? call.keyName) === call.keyName &&
        (attempts ?? [call.attempt]).includes(call.attempt),
    )?.fault;
}

/** Milliseconds between the arrival of a call and its effect: for all of them, or for each that should be slow. */
export type Latency = number | Partial<Record<Endpoint, number>>;

/** What is slow and what goes wrong. */
export interface TroubleOptions {
  /** @default 0 */
  latency?: Latency;
  /** Asked once per call, see {@link FaultHook}. @default no faults */
  fault?: FaultHook;
  /** How latency passes. @default in real time */
  sleep?: (ms: number) => Promise<unknown>;
  /** How the time until a late effect passes. @default in real time */
  after?: (ms: number, effect: () => void) => void;
}

/** Lets calls through with their latency and their faults. */
export class Trouble {
  latency: Latency;
  fault: FaultHook | undefined;
  readonly #sleep: (ms: number) => Promise<unknown>;
  readonly #after: (ms: number, effect: () => void) => void;

  constructor(options: TroubleOptions) {
    this.latency = options.latency ?? 0;
    this.fault = options.fault;
    this.#sleep = options.sleep ?? ((ms) => sleep(ms));
    // An effect that is still to come keeps no process alive.
    this.#after = options.after ?? ((ms, effect) => setTimeout(effect, ms).unref());
  }

  /** What the client of the call gets, where `carryOut` is what the operation does. */
  async around(call: FaultCall, carryOut: () => Answer): Promise<Outcome> {
    const fault = await this.fault?.({ ...call });
    const latency = typeof this.latency === "number" ? this.latency : (this.latency[call.operation] ?? 0);
    if (latency > 0) await this.#sleep(latency);
    if (fault === undefined) return carryOut();
    if (fault.strikes === "afterEffect") {
      const answer = carryOut();
      return fault.outcome === "truncated" ? { ...answer, truncated: true } : fault.outcome;
    }
    if (fault.strikes === "late") this.#after(fault.afterMs, carryOut);
    return fault.outcome;
  }
}

/** Counts calls of a kind. */
export class Attempts {
  readonly #counts = new Map<string, number>();

  /** 1 for the first call of a kind, 2 for the next. */
  next(...kind: (string | undefined)[]): number {
    const key = kind.join("/").toLowerCase();
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }
}
