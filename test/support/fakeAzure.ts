import assert from "node:assert/strict";
import type { AccountIdentity, AccountKeys, Answer, KeyName, Keys } from "../../components/provider/accountKeys";
import { Rotation } from "../../components/provider/rotation";

export const account: AccountIdentity = {
  subscriptionId: "11111111-1111-4111-8111-111111111111",
  resourceGroupName: "rg",
  accountName: "acct",
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
export class FakeAzure implements AccountKeys {
  keys: Keys = { Key1: "old-1", Key2: "old-2" };
  time = Date.parse("2026-01-01T00:00:00Z");
  readonly lines: string[] = [];
  /** `operation@seconds` of each call since the start. */
  readonly calls: string[] = [];
  readonly rotation: Rotation;
  private issued = 0;
  private readonly start = this.time;

  constructor(private readonly turns: Turn[] | ((operation: Turn["operation"]) => Turn)) {
    this.rotation = new Rotation({
      keys: this,
      now: () => this.time,
      sleep: async (ms) => {
        this.time += ms;
      },
      random: () => 1,
      log: (line) => this.lines.push(line),
    });
  }

  /** Azure's effect: a new value in one slot. */
  issue(keyName: KeyName = "Key1"): void {
    this.keys = { ...this.keys, [keyName]: `new-${++this.issued}` };
  }

  async listKeys(_account: AccountIdentity): Promise<Answer> {
    return this.take("listKeys");
  }

  async regenerateKey(_account: AccountIdentity, keyName: KeyName): Promise<Answer> {
    return this.take("regenerateKey", () => this.issue(keyName));
  }

  assertDone(): void {
    if (Array.isArray(this.turns)) assert.deepEqual(this.turns, [], "expected calls that were not made");
  }

  private take(operation: Turn["operation"], effect?: () => void): Answer {
    const seconds = Math.round((this.time - this.start) / 1000);
    this.calls.push(`${operation}@${seconds}`);
    const turn = Array.isArray(this.turns) ? this.turns.shift() : this.turns(operation);
    assert.equal(turn?.operation, operation, `unexpected ${operation} after ${this.calls.join(", ")}`);
    if (turn.effect) turn.effect(this);
    else if (turn.answer === undefined) effect?.();
    if (typeof turn.answer === "number") return { kind: "http", status: turn.answer };
    return turn.answer ?? { kind: "keys", keys: this.keys, requestId: `request-${this.calls.length}` };
  }
}
