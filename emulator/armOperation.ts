import type { Answer } from "./answer";
import type { State } from "./state";

/**
 * The control plane operations, as the call log names them; `unknown` is a request that no operation serves. One with a
 * dot is not the emulator's own, but of whoever started it.
 */
export type OperationName =
  | "listSubscriptions"
  | "getSubscription"
  | "getAccount"
  | "putAccount"
  | "deleteAccount"
  | "listKeys"
  | "regenerateKey"
  | `${string}.${string}`
  | "unknown";

/** A request that has been authenticated, authorized and taken apart. A name is "" where the path has none. */
export interface ArmRequest {
  path: string;
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
  /** The body as received: one caller sends it compact, another with spaces, a third indented with CRLF. */
  body: string;
}

/** One operation of the control plane. The emulator's own have a file each in operations/. */
export interface ArmOperation {
  name: OperationName;
  method: string;
  /** Matches the path without regard to case; named groups become the fields of {@link ArmRequest}. */
  path: RegExp;
  /** The right a caller needs; none where ARM filters the answer instead of refusing. */
  action?: string;
  /** The request bucket that ARM charges. listKeys and regenerateKey count as writes. */
  bucket: "reads" | "writes" | "deletes";
  answer(request: ArmRequest, state: State): Answer;
}

/** The path of an account, with `suffix` below it. */
export function accountPath(suffix = ""): RegExp {
  return resourcePath(`Microsoft\\.CognitiveServices/accounts/(?<accountName>[^/]+)${suffix}`);
}

/** The path of a resource; what stands below its provider is the source of a regular expression. */
export function resourcePath(belowProviders: string): RegExp {
  const above = "/subscriptions/(?<subscriptionId>[^/]+)/resourceGroups/(?<resourceGroup>[^/]+)";
  return new RegExp(`^${above}/providers/${belowProviders}$`, "i");
}
