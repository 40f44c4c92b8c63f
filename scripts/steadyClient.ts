import * as http from "node:http";
import * as https from "node:https";

/** One request of a client, and what became of it. */
export interface SteadyRequest {
  /** When it was sent: milliseconds since the epoch. */
  at: number;
  /** The HTTP status; 0 when no answer came. */
  status: number;
}

export interface SteadyClientOptions {
  /** What is requested, with the key in the header `api-key`. */
  url: URL | string;
  /** Milliseconds from one request to the next, whether or not the last one has been answered. */
  intervalMs: number;
}

/**
 * How long an answer may take, and how long an idle connection is kept: less than the 5 s of a Node server, which would
 * otherwise close it just when the next request is on its way.
 */
const silenceMs = 4_000;

/** A client that goes on calling an account at a fixed rate with the key that it was given last. */
export class SteadyClient {
  /** In the order of sending; without a status while the answer is due. */
  private readonly sent: { at: number; status?: number }[] = [];
  private readonly inFlight = new Set<Promise<void>>();
  private readonly url: URL;
  private readonly protocol: typeof http | typeof https;
  private readonly agent: http.Agent;
  private readonly intervalMs: number;
  private timer: NodeJS.Timeout | undefined;
  private key = "";

  constructor({ url, intervalMs }: SteadyClientOptions) {
    this.url = new URL(url);
    this.protocol = this.url.protocol === "https:" ? https : http;
    this.agent = new this.protocol.Agent({ keepAlive: true, timeout: silenceMs });
    this.intervalMs = intervalMs;
  }

  /** Every request that has come to an end, in the order of sending. */
  get requests(): readonly SteadyRequest[] {
    return this.sent.flatMap(({ at, status }) => (status === undefined ? [] : { at, status }));
  }

  /**
   * Sends the first request at once. The others are due at whole intervals from it, by a clock that nobody can set. When
   * the process is too busy to send one at its time it is left out, not sent later together with the next.
   */
  start(key: string): void {
    if (this.timer !== undefined) throw new Error("The client is running already.");
    this.key = key;
    const begun = performance.now();
    let beat = 0;
    const tick = () => {
      this.send();
      // A timer can also come a little early, and would then be set for the same moment again.
      beat = Math.max(beat, Math.floor((performance.now() - begun) / this.intervalMs)) + 1;
      this.timer = setTimeout(tick, begun + beat * this.intervalMs - performance.now());
    };
    tick();
  }

  /** Takes another key from the next request on, as a workload does that is deployed anew. */
  hold(key: string): void {
    this.key = key;
  }

  /** Sends nothing more, waits for the answers that are due, and closes the connections. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await Promise.all(this.inFlight);
    this.agent.destroy();
  }

  private send(): void {
    const record: (typeof this.sent)[number] = { at: Date.now() };
    this.sent.push(record);
    let status = 0;
    const options = { agent: this.agent, headers: { "api-key": this.key } };
    const request = this.protocol.request(this.url, options, (response) => {
      response.resume().once("end", () => {
        status = response.statusCode ?? 0;
      });
    });
    request
      .once("timeout", () => request.destroy())
      // "close" comes next, with the status still 0.
      .on("error", () => {})
      .end();
    const ended = new Promise((close) => request.once("close", close)).then(() => {
      record.status = status;
      this.inFlight.delete(ended);
    });
    this.inFlight.add(ended);
  }
}

/** Anything but a 200 is a failure for the person who waits. */
export function failuresOf(requests: readonly SteadyRequest[]): SteadyRequest[] {
  return requests.filter(({ status }) => status !== 200);
}

/** Consecutive requests of which either all were answered with 200 or none. */
export interface Stretch {
  accepted: boolean;
  /** How many requests they are. */
  count: number;
  /** When the first of them was sent. */
  from: number;
  /** When the first one after them was sent; when there is none, the last of them. */
  to: number;
}

/** The requests, in the order of sending, cut where the outcome changes. */
export function stretchesOf(requests: readonly SteadyRequest[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { at, status } of requests) {
    const accepted = status === 200;
    const last = stretches.at(-1);
    if (last !== undefined) last.to = at;
    if (last?.accepted === accepted) last.count++;
    else stretches.push({ accepted, count: 1, from: at, to: at });
  }
  return stretches;
}

/**
 * Milliseconds of the longest stretch of failures: from the sending of its first request to that of the first one that was
 * accepted again, or of the last request when none was. Without failures 0. It is as exact as the requests are dense:
 * both ends lie within one interval of the truth.
 */
export function outageMs(requests: readonly SteadyRequest[]): number {
  const outages = stretchesOf(requests).filter(({ accepted }) => !accepted);
  return Math.max(0, ...outages.map(({ from, to }) => to - from));
}
