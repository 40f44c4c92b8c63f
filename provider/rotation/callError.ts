import { KeyError } from "../keyError";
import { callFailed } from "../words";
import type { AccountIdentity, KeyName, NoKeys } from "./accountKeys";
import { causeOf } from "./verdict";

/** What was called, on which account, and on which of its slots when it is about one. */
export interface Call {
  operation: "listKeys" | "regenerateKey";
  account: AccountIdentity;
  keyName?: KeyName;
  /** What else than to remove the cause would help when it fails. */
  alternative?: string;
}

/** What is known of the slot after a call that brought no keys. */
export type Knowledge = "unchanged" | "unknown";

/** The one error that ends a rotation, an adoption or a revocation. */
export function failure(call: Call, answer: NoKeys, knowledge: Knowledge): KeyError {
  return new KeyError(callFailed(call, causeOf(answer), answer, knowledge), knowledge === "unknown");
}
