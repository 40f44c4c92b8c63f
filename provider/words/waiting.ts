import { type Account, describeAccount, message } from "./message";

/** What an account's own endpoint answered to a key, or that nothing came back. */
type Answer = { status: number } | { code: string };

/** The refusal to rotate or adopt where the key could not be tried. @param problem a message */
export function notBegun(problem: string): string {
  return `Not begun: waitUntilAccepted would fail. No new key was sent or issued. ${problem}`;
}

/** Where a made-up key is not refused. */
export function checksNoKey(host: string, answer: Answer): string {
  const [lead, seen] =
    "code" in answer
      ? ["cannot be reached", `gave no answer to a made-up key (${answer.code})`]
      : ["does not check keys", `answered ${answer.status} to a made-up key`];
  return message(
    "path-checks-no-key",
    `Wait not possible: waitUntilAccepted.url ${lead}.`,
    `${host} ${seen}. It must answer 401.`,
    "Give a URL that can be reached from here, with a path that checks keys, such as " +
      '"openai/models?api-version=2024-10-21".',
  );
}

/** Where the key would go to somebody else. @param hosts those of the cloud */
export function foreignHost(host: string, cloud: string, hosts: readonly string[]): string {
  return message(
    "foreign-host",
    "Wait not possible: waitUntilAccepted.url is not Azure's. Nothing was sent to it.",
    `${host} is not a host of Cognitive Services in the cloud "${cloud}": those are ${hosts.join(", ")}. Give the ` +
      "account's own endpoint.",
  );
}

/** Where nobody says which hosts may be told a key. */
export function unknownHosts(host: string, cloud: string): string {
  return message(
    "unknown-hosts",
    "Wait not possible: this cloud does not name its hosts. Nothing was sent to waitUntilAccepted.url.",
    `Nobody can tell whether ${host} belongs to Cognitive Services in the cloud "${cloud}". Remove waitUntilAccepted.`,
  );
}

/** Said once for all rotations that will wait. */
export const willWait = message(
  "waiting",
  "Do not interrupt the rotation: it waits until the new key is accepted.",
  loses("Meanwhile"),
);

function loses(when: string): string {
  return `${when}, a second Ctrl-C or a killed process loses the new key.`;
}

/** What a key is tried at, what came back, and how long it is tried. */
export interface Trial {
  host: string;
  answer: Answer;
  /** ISO 8601 duration. */
  timeout: string;
}

/** Said while a key is tried that is to be adopted. */
export function tryingAdopted(account: Account, keyName: string, { host, answer, timeout }: Trial): string {
  return message(
    "waiting",
    `Waiting up to ${timeout} until the key is accepted.`,
    `${host} ${describe(answer)}. ${describeAccount(account, keyName)} is to be adopted.`,
  );
}

/** Said while a new key is tried. */
export function tryingNew(account: Account, keyName: string, { host, answer, timeout }: Trial): string {
  return message(
    "waiting",
    `Do not interrupt: waiting up to ${timeout} until the new key is accepted.`,
    `${host} ${describe(answer)}. ${describeAccount(account, keyName)} was rotated. ${loses("Until it is accepted")}`,
  );
}

/** Why a key was not accepted in time. @param timeout absent where the wait was interrupted */
export function notAcceptedFor(host: string, answer: Answer, timeout: string | undefined): string {
  return `${host} ${describe(answer)}, ${timeout === undefined ? "until it was interrupted" : `for ${timeout}`}`;
}

function describe(answer: Answer): string {
  if ("code" in answer) return `did not answer (${answer.code})`;
  return answer.status === 401
    ? "refused it (401)"
    : `answered ${answer.status}, which does not say whether it accepts the key`;
}
