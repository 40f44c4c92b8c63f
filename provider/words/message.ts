/** What ends every message in brackets: its heading in docs/failures.md. */
export const codes = [
  // Inputs
  "which-account",
  "not-text",
  "account-id",
  "subscription-id",
  "resource-group-name",
  "account-name",
  "key-name",
  "not-boolean",
  "duration",
  "wait-until-accepted",
  "acceptance-url",
  "trigger",
  // The program and the package
  "foreign-provider",
  "second-process",
  "two-providers",
  "no-import",
  "import-id",
  "no-such-type",
  "moved-back",
  "keys-switched-off",
  "inherited-provider",
  "unreached-configuration",
  "two-versions",
  "old-key",
  "unknown-age",
  "not-installed",
  "unexpected",
  // Login and cloud
  "missing-setting",
  "unknown-setting",
  "boolean-setting",
  "client-id",
  "metadata-host",
  "environment",
  "auxiliary-tenants",
  "oidc-token",
  "two-identities",
  "azure-cli",
  "azure-cli-cloud",
  "two-clouds",
  "two-tenants",
  "cloud-metadata",
  "login-failed",
  "login-host",
  "unknown-tenant",
  "client-certificate",
  "token-file",
  "identity-token",
  // Calls to Azure
  "certificate",
  "unreachable",
  "no-answer",
  "connection-lost",
  "throttled",
  "busy",
  "unclear-answer",
  "not-azure",
  "proxy-login",
  "login-refused",
  "forbidden",
  "policy",
  "not-found",
  "locked",
  "not-registered",
  "local-auth-off",
  "refused",
  "in-doubt",
  "interrupted",
  "reading-lags",
  "unconfirmed",
  "not-confirmed",
  // Waiting until a key is accepted
  "path-checks-no-key",
  "foreign-host",
  "unknown-hosts",
  "waiting",
  "not-accepted",
  "adopted-key-not-accepted",
  // Rotations, refreshes and revocations
  "too-soon",
  "changed-outside",
  "changed-outside-found",
  "unpublished-change",
  "key-lost",
  "in-use-changed",
  "two-resources",
  "other-subscription",
  "created-again",
  "dropped",
  "still-unfinished",
  "not-revoked-in-use",
  "not-revoked-renewed",
  "not-revoked-lost",
  "not-revoked-gone",
  "not-revoked-local-auth",
  "unseen-processes",
] as const;

export type Code = (typeof codes)[number];

/** The code at the end of a message; `undefined` where there is none. */
export function codeOf(text: string): Code | undefined {
  const [, found] = /\[([a-z-]+)\](?:, request id \S+)?$/.exec(text) ?? [];
  return codes.find((code) => code === found);
}

/** A message without its code. */
export function withoutCode(text: string): string {
  return codeOf(text) === undefined ? text : text.slice(0, text.lastIndexOf(" ["));
}

/** Sentences and their code. If the last one is a message itself, only its code is kept: it is the code of the cause. */
export function message(code: Code, ...sentences: (string | undefined)[]): string {
  const text = sentences.filter((one) => one !== undefined && one !== "").join(" ");
  return codeOf(text) === undefined ? `${text} [${code}]` : text;
}

/** A reason as a sentence; a message that is the reason is one already. */
export function sentence(reason: string): string {
  return codeOf(reason) === undefined ? `${reason.replace(/\.$/, "")}.` : reason;
}

/** What follows a remedy. */
export const runAgain = "Then run the same command again.";

/** What there is in place of an import. */
export const adoptedByCreation =
  "A new pair adopts the keys that the account has, and so does a new key without a rotationTrigger.";

/** An account as a person names it, and its subscription where that is known. */
export interface Account {
  accountName: string;
  resourceGroupName: string;
  subscriptionId?: string;
}

/** The account, or one slot of it. */
export function describeAccount({ accountName, resourceGroupName, subscriptionId }: Account, keyName?: string): string {
  const subscription = subscriptionId === undefined ? "" : `, subscription ${subscriptionId}`;
  const account = `account "${accountName}" (resource group "${resourceGroupName}"${subscription})`;
  return keyName === undefined ? account : `${keyName} of ${account}`;
}

/** A value as a message may show it. One without the right form may be a secret that was set in a wrong place. */
export function shown(value: string, form: RegExp): string {
  return form.test(value) ? value : "[not shown]";
}
