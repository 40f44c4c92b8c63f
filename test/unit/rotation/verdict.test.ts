import assert from "node:assert/strict";
import type { NoKeys } from "../../../provider/rotation/accountKeys";
import {
  causeOf,
  classify,
  isForbidden,
  isForeign,
  isGone,
  isLocalAuthOff,
  isThrottled,
  type Verdict,
} from "../../../provider/rotation/verdict";
import type { Cause } from "../../../provider/words";

const http = (status: number, code?: string, message?: string): NoKeys => ({ kind: "http", status, code, message });
const network = (code: string): NoKeys => ({ kind: "network", code });
const questions = { isForbidden, isForeign, isGone, isLocalAuthOff, isThrottled };
const off = "Failed to list key. disableLocalAuth is set to be true";

/** Each answer without keys, why it brought none, what that means for the call, and the questions that it answers with yes. */
const rows: [answer: NoKeys, cause: Cause, verdict: Verdict, ...is: (keyof typeof questions)[]][] = [
  [{ kind: "login", message: "no" }, "login-failed", "refused"],
  [{ kind: "interrupted" }, "interrupted", "refused"],
  [network("SELF_SIGNED_CERT_IN_CHAIN"), "certificate", "refused"],
  [network("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "certificate", "refused"],
  [network("ECONNREFUSED"), "unreachable", "busy"],
  [network("ENOTFOUND"), "unreachable", "busy"],
  [network("ETIMEDOUT"), "no-answer", "ambiguous"],
  [network("ECONNRESET"), "connection-lost", "ambiguous"],
  [network("PARSE_ERROR"), "connection-lost", "ambiguous"],
  // An open connection may have carried the request: neither is a certificate that was not trusted.
  [network("EPROTO"), "connection-lost", "ambiguous"],
  [network("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "connection-lost", "ambiguous"],
  [http(429, "TooManyRequests"), "throttled", "busy", "isThrottled"],
  [http(429), "throttled", "busy", "isThrottled"],
  [http(409, "RequestConflict"), "busy", "busy"],
  [http(409, "AccountProvisioningStateInvalid"), "busy", "busy"],
  ...[200, 202, 204, 301, 302, 307, 408, 500, 502, 503, 504].map((status): [NoKeys, Cause, Verdict] => [
    http(status, status < 400 ? undefined : "Code"),
    "unclear-answer",
    "ambiguous",
  ]),
  [{ kind: "http", status: 200, notRenewed: true }, "unclear-answer", "ambiguous"],
  [http(400, "BadRequest"), "refused", "refused"],
  [http(400, "BadRequest", off), "local-auth-off", "refused", "isLocalAuthOff"],
  [http(401, "InvalidAuthenticationToken"), "login-refused", "refused"],
  [http(403, "AuthorizationFailed"), "forbidden", "refused", "isForbidden"],
  [http(403, "RequestDisallowedByPolicy"), "policy", "refused"],
  [http(403, "RequestDisallowedByAzure"), "policy", "refused"],
  [http(403, "DenyAssignmentAuthorizationFailed"), "refused", "refused"],
  [http(404, "ResourceNotFound"), "not-found", "refused", "isGone"],
  [http(404, "ResourceGroupNotFound"), "not-found", "refused", "isGone"],
  [http(404, "SubscriptionNotFound"), "not-found", "refused"],
  [http(409, "ScopeLocked"), "locked", "refused", "isForbidden"],
  [http(409, "MissingSubscriptionRegistration"), "not-registered", "refused"],
  [http(409, "Conflict"), "refused", "refused"],
  [http(422, "Unprocessable"), "refused", "refused"],
  ...[401, 403, 404].map((status): (typeof rows)[number] => [http(status), "not-azure", "refused", "isForeign"]),
  [http(407), "proxy-login", "refused", "isForeign"],
  [http(400), "refused", "refused", "isForeign"],
];

describe("an answer without keys", () => {
  for (const [answer, cause, verdict, ...is] of rows) {
    it(`${JSON.stringify(answer)} is ${[cause, verdict, ...is].join(", ")}`, () => {
      assert.deepEqual([causeOf(answer), classify(answer)], [cause, verdict]);
      const yes = Object.entries(questions).filter(([, question]) => question(answer));
      assert.deepEqual(
        yes.map(([name]) => name),
        is,
      );
    });
  }
});
