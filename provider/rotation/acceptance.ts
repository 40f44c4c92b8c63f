import { addDuration } from "../duration";
import { KeyError, toKeyError } from "../keyError";
import {
  acceptanceUrl,
  checksNoKey,
  foreignHost,
  interruptedEarly,
  notAcceptedFor,
  notBegun,
  type Trial,
  unknownHosts,
} from "../words";
import { pause } from "./pause";

/** The input `waitUntilAccepted` of both resources. */
export interface WaitUntilAccepted {
  /** An https URL on the account's own endpoint. */
  url: string;
  /** ISO 8601 duration. */
  timeout?: string | null;
}

/** What an account's own endpoint answered to a key, or that nothing came back. */
export type DataPlaneAnswer = { status: number } | { code: string };

/** The port to accounts' own endpoints: sends one request once, and tells what came back without judging it. */
export interface DataPlane {
  /** `GET url` with the key. */
  request(url: string, key: string, timeoutMs: number): Promise<DataPlaneAnswer>;
}

/** A cloud, as far as it says which hosts may be told a key. */
export interface KeyHosts {
  name: string;
  /** The domains below which accounts' own endpoints are; empty where nobody says. */
  dataPlaneHosts: readonly string[];
  /** The host that described this cloud, with its port: an emulator serves accounts there too. */
  metadataHost?: string;
}

/** What waiting touches of the world, so that a test can hold all of it in its hand. */
export interface AcceptancePorts {
  dataPlane: DataPlane;
  /** The cloud whose hosts may be told a key. */
  cloud(): Promise<KeyHosts>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when it is interrupted. */
  sleep(ms: number): Promise<void>;
}

const defaultTimeout = "PT5M";
/** A `pulumi up` that is killed while it waits loses what it has not stored. */
export const longestAcceptance = "PT1H";
/** How long the endpoint may take to refuse the made-up key. */
const controlTimeout = "PT30S";
const madeUpKey = "0".repeat(32);
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

  /**
   * Makes sure, before anything is rotated, that the URL may be told a key and can tell a wrong one: a made-up key must
   * be answered with 401. Otherwise a path that nobody checks, or a firewall, would accept everything.
   */
  async prepare(wait: WaitUntilAccepted | null | undefined): Promise<void> {
    if (!wait) return;
    const problem = await this.controlProblem(wait.url).catch((error) => toKeyError(error).message);
    if (problem !== undefined) throw new KeyError(notBegun(problem));
  }

  /**
   * Sends the key until it is accepted. Gives `undefined` then, and otherwise why not; it never throws, because its
   * caller holds a key that must not be lost.
   *
   * @param onWait is told once when the key is not accepted at once
   */
  async refusal(
    wait: WaitUntilAccepted | null | undefined,
    key: string,
    onWait: (trial: Trial) => void,
  ): Promise<string | undefined> {
    if (!wait) return undefined;
    const { url } = wait;
    const timeout = wait.timeout ?? defaultTimeout;
    try {
      const problem = await this.hostProblem(url);
      if (problem !== undefined) return problem;
      const { host } = new URL(url);
      const { answer, interrupted } = await this.ask(url, key, timeout, isAccepted, (first) =>
        onWait({ host, answer: first, timeout }),
      );
      return isAccepted(answer) ? undefined : notAcceptedFor(host, answer, interrupted ? undefined : timeout);
    } catch (error) {
      return toKeyError(error).message;
    }
  }

  /** Sends the key until the answer settles it, the time is up or the wait is interrupted, and gives the last answer. */
  private async ask(
    url: string,
    key: string,
    timeout: string,
    settles: (answer: DataPlaneAnswer) => boolean,
    onWait?: (first: DataPlaneAnswer) => void,
  ): Promise<{ answer: DataPlaneAnswer; interrupted?: true }> {
    const deadline = addDuration(this.ports.now(), timeout);
    for (let attempt = 0; ; attempt++) {
      const left = Math.max(firstDelayMs, deadline - this.ports.now());
      const answer = await this.ports.dataPlane.request(url, key, Math.min(attemptTimeoutMs, left));
      const delay = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs);
      if (settles(answer) || this.ports.now() + delay > deadline) return { answer };
      if (attempt === 0) onWait?.(answer);
      if (!(await pause(this.ports, delay))) return { answer, interrupted: true };
    }
  }

  private async controlProblem(url: string): Promise<string | undefined> {
    const problem = await this.hostProblem(url);
    if (problem !== undefined) return problem;
    const { answer, interrupted } = await this.ask(
      url,
      madeUpKey,
      controlTimeout,
      (control) => isRefused(control) || isAccepted(control),
    );
    if (isRefused(answer)) return undefined;
    if (interrupted) return interruptedEarly;
    return checksNoKey(new URL(url).host, answer);
  }

  private async hostProblem(text: string): Promise<string | undefined> {
    const url = new URL(text);
    const cloud = await this.ports.cloud();
    if (isHostOf(cloud, url)) return undefined;
    if (cloud.dataPlaneHosts.length === 0) return unknownHosts(url.host, cloud.name);
    const hosts = [...cloud.dataPlaneHosts.map((host) => `*.${host}`), cloud.metadataHost];
    return foreignHost(
      url.host,
      cloud.name,
      hosts.filter((host) => host !== undefined),
    );
  }
}

/** Why a URL may not be told a key, whatever the cloud turns out to be; `undefined` when it may. */
export function acceptanceUrlRule(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return acceptanceUrl.noUrl;
  }
  if (url.protocol !== "https:") return acceptanceUrl.notSecure;
  return url.username || url.password ? acceptanceUrl.withPassword : undefined;
}

function isHostOf(cloud: KeyHosts, { host, hostname }: URL): boolean {
  if (cloud.metadataHost !== undefined && host.toLowerCase() === cloud.metadataHost.toLowerCase()) return true;
  return cloud.dataPlaneHosts.some((suffix) => hostname.toLowerCase().endsWith(`.${suffix}`));
}

function isRefused(answer: DataPlaneAnswer): boolean {
  return "status" in answer && answer.status === 401;
}

/**
 * Where a made-up key is answered with 401, whatever else the endpoint says proves that the key passed, also 400, 403 and
 * 404. A server error, a throttled request or a redirect may come from in front of the key check.
 */
function isAccepted(answer: DataPlaneAnswer): boolean {
  if ("code" in answer) return false;
  const { status } = answer;
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && ![401, 408, 429].includes(status));
}
