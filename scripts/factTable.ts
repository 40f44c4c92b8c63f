import { isDeepStrictEqual } from "node:util";
import Table from "cli-table3";

/** Something that is promised, and what was measured. */
export interface Fact {
  fact: string;
  expected: unknown;
  seen: unknown;
  /** Whether it is one of the few that matter most. */
  leads?: boolean;
}

/** An expectation that any number from this one on fulfils. */
export class AtLeast {
  constructor(readonly minimum: number) {}

  toString(): string {
    return `at least ${this.minimum}`;
  }
}

export function holds({ expected, seen }: Fact): boolean {
  if (expected instanceof AtLeast) return typeof seen === "number" && seen >= expected.minimum;
  return isDeepStrictEqual(expected, seen);
}

/** 0 when there are facts and each is as it should be, otherwise 1. */
export function exitStatus(facts: readonly Fact[]): number {
  return facts.length > 0 && facts.every(holds) ? 0 : 1;
}

/** The facts that matter most come first. Of the others it leaves out those that hold, unless all are wanted. */
export function shownFacts(facts: readonly Fact[], all: boolean): Fact[] {
  return [...facts.filter(({ leads }) => leads), ...facts.filter((fact) => !fact.leads && (all || !holds(fact)))];
}

/** The facts as text, one row each; the last column says whether what was seen is what was expected. */
export function factTable(facts: readonly Fact[]): string {
  const table = new Table({
    head: ["fact", "expected", "seen", "ok"],
    style: { head: [], border: [], compact: true },
  });
  for (const fact of facts) table.push([fact.fact, show(fact.expected), show(fact.seen), holds(fact) ? "✔" : "✘"]);
  return table.toString();
}

function show(value: unknown): string {
  if (value instanceof AtLeast) return value.toString();
  if (Array.isArray(value)) return value.map(show).join(", ") || "none";
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
