import { KeyError } from "../keyError";
import { type Call, callFailed, type Knowledge } from "../words";
import type { NoKeys } from "./accountKeys";

/** The one error that ends a rotation, an adoption or a revocation. */
export function failure(call: Call, answer: NoKeys, knowledge: Knowledge): KeyError {
  return new KeyError(callFailed(call, answer, knowledge), knowledge === "unknown");
}
