import type { Answer } from "./answer";
import type { OperationName } from "./armOperation";

/** The call that a fault may strike. Names as the client spelled them; "" where the operation has none. */
export interface FaultCall {
  operation: OperationName;
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
  /** The slot that a regenerateKey names, as sent. */
  keyName?: string;
  /** 1 for the first call with the same operation, account and slot, 2 for the next. */
  attempt: number;
}

/**
 * What goes wrong with one call.
 *
 * @example A rotation that happened but whose answer was lost:
 * `{ strikes: "afterEffect", outcome: "reset" }`
 * @example A gateway that refuses before the service is asked:
 * `{ strikes: "beforeEffect", outcome: { status: 503, headers: { "Retry-After": "1" } } }`
 */
export interface Fault {
  /** `beforeEffect`: nothing has happened to the account. `afterEffect`: the operation was carried out. */
  strikes: "beforeEffect" | "afterEffect";
  /** An answer in place of the real one, a closed connection, or silence for as long as the client waits. */
  outcome: Answer | "reset" | "silence";
}

/**
 * Asked once per control plane call, when it arrives. A promise holds the call back until it is settled, which is how
 * a test lets two calls meet.
 */
export type FaultHook = (call: FaultCall) => Fault | undefined | Promise<Fault | undefined>;
