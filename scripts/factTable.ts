import { isDeepStrictEqual } from "node:util";
import Table from "cli-table3";

/** Something that is promised, and what was measured. */
export interface Fact {
  fact: string;
  expected: unknown;
  seen: unknown;
}

export function holds({ expected, seen }: Fact): boolean {
  return isDeepStrictEqual(expected, seen);
}

/** 0 when there are facts and each is as it should be, otherwise 1. */
export function exitStatus(facts: readonly Fact[]): number {
  return facts.length > 0 && facts.every(holds) ? 0 : 1;
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
  if (Array.isArray(value)) return value.map(show).join(", ") || "none";
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
