import assert from "node:assert/strict";
import type { Cloud } from "../../provider/azure/clouds";
import { type Context, createContext } from "../../provider/context";
import { KeyError } from "../../provider/keyError";
import type { DataPlane, DataPlaneAnswer } from "../../provider/rotation/acceptance";
import type { AccountIdentity, AccountKeys, Answer, KeyName, Keys } from "../../provider/rotation/accountKeys";
import { Rotation } from "../../provider/rotation/rotation";
import { interruptedEarly } from "../../provider/words";

export const account: AccountIdentity = {
  subscriptionId: "11111111-1111-4111-8111-111111111111",
  resourceGroupName: "rg",
  accountName: "acct",
};

const cloud: Cloud = {
  name: "AzureCloud",
  resourceManager: "https://management.example",
  authorityHost: "https://login.example",
  scope: "https://management.example/.default",
  dataPlaneHosts: ["cognitive.example"],
};

/** What one call does: how it changes the keys, and what it answers. A number is an HTTP status without an envelope. */
export interface Turn {
  operation: "listKeys" | "regenerateKey";
  /** Runs when the call arrives, before the answer is made. */
  effect?: (azure: FakeAzure) => void;
  /** @default the live keys */
  answer?: Answer | number;
}

export const list = (turn: Partial<Turn> = {}): Turn => ({ operation: "listKeys", ...turn });
export const regenerate = (turn: Partial<Turn> = {}): Turn => ({ operation: "regenerateKey", ...turn });
export const http = (status: number, code?: string, more: object = {}): Answer => ({
  kind: "http",
  status,
  code,
  ...more,
});
export const network = (code: string): Answer => ({ kind: "network", code });

/** An account and a clock in the hand of a test. Every call must be expected: turns are taken in order. */
export class FakeAzure implements AccountKeys, DataPlane {
  keys: Keys = { Key1: "old-1", Key2: "old-2" };
  time = Date.parse("2026-01-01T00:00:00Z");
  readonly lines: string[] = [];
  /** `operation@seconds` of each call since the start. */
  readonly calls: string[] = [];
  readonly rotation: Rotation;
  /** What the account's own endpoint answers to the keys it is asked with; an account that takes every key by default. */
  dataPlane: (key: string) => DataPlaneAnswer = () => ({ status: 200 });
  /** What it answers to a made-up key. */
  madeUp: DataPlaneAnswer = { status: 401 };
  /** `key@seconds` of each request to the account's own endpoint, but for those with the made-up key. */
  readonly tried: string[] = [];
  /** The slots that were renewed, or asked to be. */
  readonly regenerated: KeyName[] = [];
  /** A wait that would end later, in seconds since the start, is interrupted. */
  interruptedAt = Number.POSITIVE_INFINITY;
  /** How many keys were issued; the values go on from here. */
  issued = 0;
  private readonly start = this.time;

  constructor(private readonly turns: Turn[] | ((operation: Turn["operation"]) => Turn)) {
    this.rotation = new Rotation({ ...this.world, keys: this, random: () => 1 });
  }

  /** What one provider process, started anew, shares between its resources. */
  context(defaultSubscription = account.subscriptionId): Context {
    const context = createContext({
      ...this.world,
      keys: this,
      random: () => 1,
      dataPlane: this,
      cloud: async () => cloud,
      defaultSubscription: async () => defaultSubscription,
    });
    return { ...context, rotation: this.rotation };
  }

  private get world() {
    return {
      now: () => this.time,
      sleep: async (ms: number) => {
        if (this.time + ms > this.start + this.interruptedAt * 1000) throw new KeyError(interruptedEarly);
        this.time += ms;
      },
      log: (line: string) => {
        this.lines.push(line);
      },
    };
  }

  async request(_url: string, key: string): Promise<DataPlaneAnswer> {
    if (/^0+$/.test(key)) return this.madeUp;
    this.tried.push(`${key}@${this.seconds()}`);
    return this.dataPlane(key);
  }

  /** Azure's effect: a new value in one slot. */
  issue(keyName: KeyName = "Key1"): void {
    this.keys = { ...this.keys, [keyName]: `new-${++this.issued}` };
  }

  async listKeys(_account: AccountIdentity): Promise<Answer> {
    return this.take("listKeys");
  }

  async regenerateKey(_account: AccountIdentity, keyName: KeyName): Promise<Answer> {
    this.regenerated.push(keyName);
    return this.take("regenerateKey", () => this.issue(keyName));
  }

  /** One more call that is to come. */
  expect(turn: Turn): void {
    if (Array.isArray(this.turns)) this.turns.push(turn);
  }

  assertDone(): void {
    if (Array.isArray(this.turns)) assert.deepEqual(this.turns, [], "expected calls that were not made");
  }

  private take(operation: Turn["operation"], effect?: () => void): Answer {
    this.calls.push(`${operation}@${this.seconds()}`);
    const turn = Array.isArray(this.turns) ? this.turns.shift() : this.turns(operation);
    assert.equal(turn?.operation, operation, `unexpected ${operation} after ${this.calls.join(", ")}`);
    if (turn.effect) turn.effect(this);
    else if (turn.answer === undefined) effect?.();
    if (typeof turn.answer === "number") return { kind: "http", status: turn.answer };
    return turn.answer ?? { kind: "keys", keys: this.keys, requestId: `request-${this.calls.length}` };
  }

  private seconds(): number {
    return Math.round((this.time - this.start) / 1000);
  }
}
