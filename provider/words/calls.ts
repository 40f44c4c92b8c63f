import { type Account, type Code, describeAccount, message, runAgain, sentence } from "./message";

/** What was called, on which account, and on which of its slots when it is about one. */
interface Call {
  operation: "listKeys" | "regenerateKey";
  account: Account;
  keyName?: string;
  /** Another way out when it fails, beside removing the cause. */
  alternative?: string;
}

/** What came back in place of keys. */
interface NoKeys {
  kind: string;
  status?: number;
  code?: string;
  message?: string;
  requestId?: string;
  notRenewed?: true;
}

/** Why a call brought no keys: what a message leads with, and what to do. */
const causes = {
  "login-failed": { lead: "login failed" },
  certificate: { lead: "certificate not trusted" },
  unreachable: { lead: "server not reached" },
  "no-answer": { lead: "no answer in time" },
  "connection-lost": { lead: "connection lost" },
  throttled: { lead: "throttled" },
  busy: { lead: "account busy" },
  "unclear-answer": { lead: "no clear answer" },
  "not-azure": {
    lead: "the answer is not Azure's",
    remedy: "A proxy or a firewall answered instead: check both, and metadataHost.",
  },
  "proxy-login": {
    lead: "the proxy wants a login",
    remedy: "Put the user and the password into HTTPS_PROXY.",
  },
  "login-refused": {
    lead: "login not accepted",
    remedy: "This cloud did not accept the login: check the settings tenantId, environment and metadataHost.",
  },
  forbidden: {
    lead: "role missing",
    remedy: (operation: string) =>
      `Grant the identity that runs Pulumi a role with Microsoft.CognitiveServices/accounts/${operation}/action on the ` +
      "account. A new role takes some minutes to work.",
  },
  policy: {
    lead: "forbidden by a policy",
    remedy:
      "Another role does not help. Do what the policy asks for, such as multifactor authentication, or ask its owner for an " +
      "exemption.",
  },
  "not-found": {
    lead: "not found",
    remedy: "Check account, resource group and subscription. If the account was deleted, recover it first.",
  },
  locked: { lead: "ReadOnly lock", remedy: "Remove the ReadOnly lock that Azure names here." },
  "not-registered": {
    lead: "service not registered",
    remedy: 'Run "az provider register --namespace Microsoft.CognitiveServices".',
  },
  "local-auth-off": {
    lead: "keys are switched off",
    remedy: "Set disableLocalAuth to false on the account, or remove this resource.",
  },
  refused: { lead: "refused" },
  interrupted: { lead: "interrupted" },
} as const satisfies Partial<Record<Code, { lead: string; remedy?: string | ((operation: string) => string) }>>;

export type Cause = keyof typeof causes;

/** The error that ends a rotation, an adoption or a revocation. @param knowledge what is known of the slot then */
export function callFailed(call: Call, cause: Cause, answer: NoKeys, knowledge: "unchanged" | "unknown"): string {
  const { operation, alternative } = call;
  const answered = sentence(`${describeCall(call)}: ${describeAnswer(cause, answer)}`);
  const todo = [remedy(call, cause, knowledge), alternative];
  const text = message(
    knowledge === "unknown" ? "in-doubt" : cause,
    `${outcome(call, knowledge)}: ${causes[cause].lead}.`,
    known(operation, knowledge),
    ...(cause === "login-failed" ? [...todo, answered] : [answered, ...todo]),
  );
  return answer.requestId === undefined ? text : `${text}, request id ${answer.requestId}`;
}

function outcome({ operation, alternative }: Call, knowledge: "unchanged" | "unknown"): string {
  // Only a revocation has an alternative.
  if (knowledge === "unknown") return alternative === undefined ? "Maybe rotated" : "Maybe revoked";
  if (alternative !== undefined) return "Not revoked";
  return operation === "listKeys" ? "Keys not read" : "Not rotated";
}

function known(operation: Call["operation"], knowledge: "unchanged" | "unknown"): string {
  if (knowledge === "unknown") return "It is not known whether the key was changed.";
  return operation === "listKeys" ? "No key was changed." : "The key was not changed.";
}

function remedy({ operation, alternative }: Call, cause: Cause, knowledge: "unchanged" | "unknown"): string {
  const words = causes[cause];
  const ofCause = "remedy" in words ? words.remedy : undefined;
  const first = typeof ofCause === "function" ? ofCause(operation) : ofCause;
  if (knowledge === "unknown") {
    // A revocation that is repeated and finds another key issues nothing.
    const result = alternative === undefined ? ": it issues another key" : "";
    return [first, `Wait a minute, then run the same command again${result}.`].filter(Boolean).join(" ");
  }
  if (first !== undefined) return `${first} ${runAgain}`;
  if (cause === "interrupted") return "Run the same command again.";
  if (cause === "throttled" || cause === "busy") return "Run the same command again later.";
  return "Remove the cause, then run the same command again.";
}

/** Said before a call is sent again. What Azure says of it stands in the error, if it comes to that. */
export function tryingAgain(call: Call, cause: Cause, answer: NoKeys, delayMs: number): string {
  const { lead } = causes[cause];
  return message(
    cause,
    `${capital(lead)}, trying again in ${seconds(delayMs)} s.`,
    sentence(`${describeCall(call)}: ${describeAnswer(cause, withoutWords(answer))}`),
  );
}

/** Said once for all calls to a subscription that wait. */
export function throttled(subscriptionId: string, answer: NoKeys, delayMs: number): string {
  return message(
    "throttled",
    `Throttled, trying again in ${seconds(delayMs)} s.`,
    `Azure takes no more calls for subscription ${subscriptionId}: ${describeAnswer("throttled", withoutWords(answer))}.`,
    "All its keys wait, some of them several times.",
  );
}

function withoutWords(answer: NoKeys): NoKeys {
  return answer.kind === "http" ? { ...answer, message: undefined } : answer;
}

/** Said where a key is published as it was answered, because the keys may not be read. */
export function unconfirmed(call: Call, cause: Cause, answer: NoKeys): string {
  return message(
    "unconfirmed",
    "warning: New key not confirmed: keys cannot be read.",
    `${describeCall(call)}: an earlier attempt had no clear answer, and ${listKeysGave(cause, answer)}. The key in ` +
      "Azure's answer is published.",
    'Ask somebody who can read the keys to run "pulumi refresh", then "pulumi up": if another key is live, that publishes it.',
  );
}

/** Why a new key is not confirmed where the keys cannot be read. */
export function listKeysGave(cause: Cause, answer: NoKeys): string {
  return cause === "interrupted" ? interrupted : `listKeys gave ${describeAnswer(cause, answer)}`;
}

const interrupted = "it was interrupted while it waited";

/** The end of a command that was interrupted before it had changed anything. */
export const interruptedEarly = message(
  "interrupted",
  "Interrupted while it waited.",
  "No key was changed. Run the same command again.",
);

/** Why a new key is not confirmed where readings change. */
export const noAgreement = "no two readings in a row agreed in time";

/** Why a new key is not confirmed where readings lag. */
export const stillFormer = "listKeys still gives the old key";

function describeCall({ operation, account, keyName }: Call): string {
  return `${operation} ${keyName === undefined ? "of " : ""}${describeAccount(account, keyName)}`;
}

function describeAnswer(cause: Cause, answer: NoKeys): string {
  const { kind, status = 0, code } = answer;
  if (kind === "login") return answer.message ?? "";
  if (kind === "interrupted") return interrupted;
  if (kind === "network") return networkReason(cause, code ?? "");
  if (answer.notRenewed) return `${status} with the slot's old key`;
  if (status < 300) return `${status} without two keys in the answer`;
  const words = answer.message?.replace(/\.$/, "");
  return `${[status, code].filter(Boolean).join(" ")}${words ? `: ${words}` : ""}`;
}

/** What a network error of Node or OpenSSL means to a person, and what to do. @param code its own */
export function networkReason(cause: Cause, code: string): string {
  if (cause === "certificate") {
    return (
      `the server's certificate is not trusted (${code}); if a proxy or a private cloud has its own CA, name the CA's file ` +
      "in NODE_EXTRA_CA_CERTS"
    );
  }
  if (cause === "unreachable") {
    return `the server cannot be reached (${code}); check the network, the proxy and the cloud's settings`;
  }
  return cause === "no-answer" ? `no answer in time (${code})` : `the connection failed (${code})`;
}

/** Why an answer cannot be used. */
export const notJson = "the answer is not JSON";

/** The same, of a time limit that has passed. */
export function noAnswerWithin(timeoutMs: number): string {
  return `no answer within ${timeoutMs / 1000} s`;
}

/** The same, of a status that is no success. */
export function answered(status: number): string {
  return `answered ${status}`;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
