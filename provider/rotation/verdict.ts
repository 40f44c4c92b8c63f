import { networkCauseOf } from "../networkCause";
import type { Cause } from "../words";
import type { Answer, NoKeys } from "./accountKeys";

/**
 * What an answer without keys means for the call that got it; rotation.ts acts on it, as long as there is time:
 * - `refused`: the service, or TLS before it, said no; this call changed nothing and never will. It is not sent again, but
 *   where the account is missing ({@link isGone}), which may be there in a moment.
 * - `busy`: this call changed nothing; the same call may succeed later, and is sent again after a wait.
 * - `ambiguous`: the service may or may not have carried it out, now or in a moment. The keys are read, and it is sent again
 *   where they do not show that it was.
 */
export type Verdict = "refused" | "busy" | "ambiguous";

const verdicts: Record<Cause, Verdict> = {
  "login-failed": "refused",
  certificate: "refused",
  "not-azure": "refused",
  "proxy-login": "refused",
  "login-refused": "refused",
  forbidden: "refused",
  policy: "refused",
  "not-found": "refused",
  locked: "refused",
  "not-registered": "refused",
  "local-auth-off": "refused",
  refused: "refused",
  interrupted: "refused",
  throttled: "busy",
  busy: "busy",
  unreachable: "busy",
  "no-answer": "ambiguous",
  "connection-lost": "ambiguous",
  "unclear-answer": "ambiguous",
};

export function classify(answer: NoKeys): Verdict {
  return verdicts[causeOf(answer)];
}

/** Conflicts that pass by themselves: the account is being worked on. All other 409s stay until somebody acts. */
const passingConflicts = new Set(["RequestConflict", "AccountProvisioningStateInvalid"]);

/** Why a call brought no keys. */
export function causeOf(answer: NoKeys): Cause {
  if (answer.kind === "login") return "login-failed";
  if (answer.kind === "interrupted") return "interrupted";
  if (answer.kind === "network") return networkCauseOf(answer.code);
  const { status, code } = answer;
  if (isThrottled(answer)) return "throttled";
  if (status === 409 && passingConflicts.has(code ?? "")) return "busy";
  if (status === 408 || status >= 500 || status < 400) return "unclear-answer";
  if (isLocalAuthOff(answer)) return "local-auth-off";
  if (status === 407) return "proxy-login";
  // ARM always gives a code.
  if (code === undefined && [401, 403, 404].includes(status)) return "not-azure";
  if (status === 401) return "login-refused";
  if (status === 404) return "not-found";
  if (status === 403 && code === "AuthorizationFailed") return "forbidden";
  if (status === 403 && code?.startsWith("RequestDisallowedBy")) return "policy";
  if (code === "ScopeLocked") return "locked";
  return code === "MissingSubscriptionRegistration" ? "not-registered" : "refused";
}

/** Whether the account, or the group it was in, is definitely gone. A missing subscription is a matter of the login. */
export function isGone(answer: NoKeys): boolean {
  return (
    answer.kind === "http" &&
    answer.status === 404 &&
    (answer.code === "ResourceNotFound" || answer.code === "ResourceGroupNotFound")
  );
}

/**
 * Whether this caller may not use the operation, by its roles or by a lock: that stays so, and says nothing about the key.
 * Of all that keeps a new key from being confirmed, only this lets it be published.
 */
export function isForbidden(answer: NoKeys): boolean {
  if (answer.kind !== "http") return false;
  const { status, code } = answer;
  return (status === 403 && code === "AuthorizationFailed") || (status === 409 && code === "ScopeLocked");
}

/** Whether the refusal is none of ARM, which always gives a code: what is in front of it may hold back any answer. */
export function isForeign(answer: NoKeys): boolean {
  return answer.kind === "http" && answer.code === undefined && classify(answer) === "refused";
}

/** Whether keys are switched off for the account (`disableLocalAuth`). */
export function isLocalAuthOff(answer: NoKeys): boolean {
  return answer.kind === "http" && answer.status === 400 && /disableLocalAuth|local auth/i.test(answer.message ?? "");
}

/** Whether the subscription is asked too much, by whomever. */
export function isThrottled(answer: Answer): boolean {
  return answer.kind === "http" && answer.status === 429;
}
