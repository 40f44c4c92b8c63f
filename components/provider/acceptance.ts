import type { Cloud } from "./clouds";
import type { DataPlane, DataPlaneAnswer } from "./dataPlane";
import { addDuration } from "./duration";
import { KeyError, toKeyError } from "./keyError";

/** The input `waitUntilAccepted` of both resources. */
export interface WaitUntilAccepted {
  /** An https URL on the account's own endpoint. */
  url: string;
  /** ISO 8601 duration. */
  timeout?: string | null;
}

/** What waiting touches of the world, so that a test can hold all of it in its hand. */
export interface AcceptancePorts {
  dataPlane: DataPlane;
  /** The cloud whose hosts may be told a key. */
  cloud(): Promise<Cloud>;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

const defaultTimeout = "PT5M";
/** Milliseconds. */
const attemptTimeoutMs = 10_000;
const firstDelayMs = 1_000;
const longestDelayMs = 10_000;

/**
 * Waits until an account's own endpoint takes a new key: Azure can need minutes for that
 * (https://github.com/Azure/azure-cli/issues/29674).
 */
export class Acceptance {
  constructor(private readonly ports: AcceptancePorts) {}

  /** Refuses a host that must not be told a key; called before anything is rotated. */
  async requireHost(wait: WaitUntilAccepted | null | undefined): Promise<void> {
    if (!wait) return;
    const problem = await this.hostProblem(wait.url).catch((error) => toKeyError(error).message);
    if (problem !== undefined) throw new KeyError(`${problem.replace(/\.$/, "")}. No key was sent or changed.`);
  }

  /**
   * Sends the key until it is accepted. Gives `undefined` then, and otherwise why not; it never throws, because its
   * caller holds a key that must not be lost.
   */
  async refusal(wait: WaitUntilAccepted | null | undefined, key: string): Promise<string | undefined> {
    if (!wait) return undefined;
    const { url } = wait;
    const timeout = wait.timeout ?? defaultTimeout;
    try {
      const problem = await this.hostProblem(url);
      if (problem !== undefined) return problem;
      const deadline = await addDuration(this.ports.now(), timeout);
      for (let attempt = 0; ; attempt++) {
        const left = deadline - this.ports.now();
        const answer = await this.ports.dataPlane.request(
          url,
          key,
          Math.max(firstDelayMs, Math.min(attemptTimeoutMs, left)),
        );
        if (isAccepted(answer)) return undefined;
        const delay = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs);
        if (this.ports.now() + delay > deadline) return `${new URL(url).host} ${describe(answer)}, for ${timeout}`;
        await this.ports.sleep(delay);
      }
    } catch (error) {
      return toKeyError(error).message.replace(/\.$/, "");
    }
  }

  private async hostProblem(text: string): Promise<string | undefined> {
    const url = new URL(text);
    const cloud = await this.ports.cloud();
    if (isHostOf(cloud, url)) return undefined;
    return (
      `waitUntilAccepted.url was not asked: ${url.host} is no host of Cognitive Services in the cloud ` +
      `"${cloud.name}", which are ${cloud.dataPlaneHosts.map((host) => `*.${host}`).join(", ")}`
    );
  }
}

/** Why a URL may not be told a key, whatever the cloud turns out to be; `undefined` when it may. */
export function acceptanceUrlRule(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "must be the https URL of the account's own endpoint, and is no URL";
  }
  if (url.protocol !== "https:") return `must begin with https://, as the key is sent there, got ${url.protocol}//`;
  return url.username || url.password ? "must not hold a user name or password" : undefined;
}

function isHostOf(cloud: Cloud, { host, hostname }: URL): boolean {
  if (cloud.metadataHost !== undefined && host.toLowerCase() === cloud.metadataHost.toLowerCase()) return true;
  return cloud.dataPlaneHosts.some((suffix) => hostname.toLowerCase().endsWith(`.${suffix}`));
}

/**
 * The key check comes before all else, so whatever the endpoint says behind it proves that the key passed: also 400, 403
 * (network rules) and 404 (no such path). A server error, a throttled request or a redirect comes from in front of it.
 */
function isAccepted(answer: DataPlaneAnswer): boolean {
  if ("code" in answer) return false;
  const { status } = answer;
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && ![401, 408, 429].includes(status));
}

function describe(answer: DataPlaneAnswer): string {
  if ("code" in answer) return `did not answer (${answer.code})`;
  return answer.status === 401
    ? "refused it (401)"
    : `answered ${answer.status}, which does not say whether it takes it`;
}
