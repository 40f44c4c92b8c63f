import type { Backend, ConditionsName } from "./benchmarkData";
import { type Figures, type StackOf, short, thousands } from "./figures";
import { markdownTable } from "./markdownTable";
import { type Measure, measures } from "./measureStack";
import type { MeasuredName } from "./subjects";

/** The Automation API looks for the engine's events so often. */
const resolutionSeconds = 0.2;

/** A figure, and what it may be: `factor` times `base`, and `plus`. */
interface Comparison {
  /** Which of those that share a bound. */
  which: string;
  found: number;
  base: number;
  factor: number;
  plus: number;
}

/** The best first. */
const verdicts = ["met", "too close to tell", "missed"] as const;

const backends: readonly [Backend, string][] = [
  ["journal", "Pulumi Cloud"],
  ["file", "Bucket"],
];
/** The two forms of the package, and the floor of each class. */
const forms = [
  { form: "npm package", pair: "pair", ofTerraform: 0.45, floors: { pair: "shaped" } },
  { form: "plugin", pair: "pluginPair", ofTerraform: 0.38, floors: { pluginPair: "shapedPlugin" } },
] as const;
const quiet: readonly Measure[] = ["unchanged up", "preview of a rotation"];
const busy = measures.filter((measure) => !quiet.includes(measure));

/**
 * The bounds that this package sets itself: of each the case that misses it most, or is nearest to it. What was measured
 * once is left out.
 */
export function bounds(figures: Figures): string {
  const { keys, data } = figures;
  const rows: string[][] = [];
  const ofAllRounds = (stack: StackOf, measure: Measure) =>
    figures.cell(stack, measure)?.seconds.length === data.rounds ? figures.seconds(stack, measure) : Number.NaN;
  const add = (what: string, comparisons: readonly Comparison[], unit = "s") => {
    const measured = comparisons.filter(({ found, base }) => !Number.isNaN(found + base));
    if (measured.length > 0) rows.push([what, ...worstOf(measured, unit)]);
  };
  const compare = (
    found: StackOf,
    base: StackOf,
    factor: number,
    measure: Measure = "rotation",
    plus = 0,
  ): Comparison => ({
    which: nameOf(measure, found.subject, found.keys ?? figures.most),
    found: ofAllRounds(found, measure),
    base: ofAllRounds(base, measure),
    factor,
    plus,
  });

  const terraform = { subject: "terraform" } as const;
  for (const { form, pair, ofTerraform } of forms) {
    const journal = { subject: pair, backend: "journal" } as const;
    const best = bestOf(figures, journal, ["recorded", "parallel 32", "parallel 64"]);
    const peer = bestOf(figures, terraform, ["recorded", "parallel 32"]);
    add(`Pulumi Cloud, ${form}: ${ofTerraform} × Terraform, each at its best`, [compare(best, peer, ofTerraform)]);
    add(`Pulumi Cloud, ${form}: 0.9 × Terraform, no settings`, [compare(journal, terraform, 0.9)]);
  }
  add("Bucket: plugin 0.85 × npm package", [compare({ subject: "pluginPair" }, { subject: "pair" }, 0.85)]);
  for (const [backend, where] of backends) {
    const one = { keys: 1, backend };
    const comparisons = measures.flatMap((measure) => [
      compare({ ...one, subject: "pluginPair" }, { ...one, subject: "pair" }, 0.8, measure),
      compare({ ...one, subject: "pluginSingle" }, { ...one, subject: "single" }, 0.8, measure),
    ]);
    add(`${where}, one key, every command: plugin 0.80 × npm package`, comparisons);
  }
  for (const [backend, where] of backends) {
    for (const { form, floors } of forms) {
      const comparisons = (some: readonly Measure[], factor: number) =>
        (Object.entries(floors) as [MeasuredName, MeasuredName][]).flatMap(([subject, floor]) =>
          some.flatMap((measure) =>
            keys.map((count) => {
              const found = { subject, backend, keys: count };
              return compare(found, { ...found, subject: floor }, factor, measure, waiting(figures, found, measure));
            }),
          ),
        );
      add(`${where}, ${form}: unchanged and preview 1.05 × the floor`, comparisons(quiet, 1.05));
      add(`${where}, ${form}: all else 1.10 × the floor, and the waiting`, comparisons(busy, 1.1));
    }
  }
  const addAmount = (what: string, found: number, base: number, factor: number, unit: string) =>
    add(what, [{ which: "", found, base, factor, plus: 0 }], unit);
  const memory = (subject: MeasuredName) => figures.memoryMB({ subject }, "rotation");
  addAmount("npm package, provider's memory: 1.2 × the floor", memory("pair"), memory("shaped"), 1.2, "MB");
  addAmount("npm package, state of a pair", figures.stateBytes("pair"), 2600, 1, "B");
  addAmount("plugin, state of a pair", figures.stateBytes("pluginPair"), 1950, 1, "B");
  const single = figures.stateBytes("trivialUpdated") + 1000;
  addAmount("npm package, state of a single key: trivial and 1 000 B", figures.stateBytes("single"), single, 1, "B");
  return markdownTable(["bound", "nearest case", "found", "allowed", "verdict"], rows, 5);
}

function nameOf(measure: Measure, subject: MeasuredName, keys: number): string {
  const name = /pair/i.test(subject) ? "pair" : "single key";
  return `${measure} of ${keys} ${name}${keys === 1 ? "" : "s"}`;
}

/** Calls run side by side, as many as the engine carries out steps. The floor makes none. */
function waiting(figures: Figures, stack: StackOf, measure: Measure): number {
  const { latency, parallelism } = figures.data;
  const calls = figures.cell(stack, measure)?.calls ?? {};
  const milliseconds = (["regenerateKey", "listKeys"] as const).map(
    (operation) => Math.ceil((calls[operation] ?? 0) / parallelism) * latency[operation],
  );
  return milliseconds.reduce((sum, each) => sum + each, 0) / 1000;
}

/** Under the conditions in which its rotation takes the least. */
export function bestOf(figures: Figures, stack: StackOf, conditions: readonly ConditionsName[]): StackOf {
  const stacks = conditions.map((name) => ({ ...stack, conditions: name }));
  const seconds = (each: StackOf) => figures.seconds(each, "rotation");
  return stacks.filter((each) => !Number.isNaN(seconds(each))).sort((a, b) => seconds(a) - seconds(b))[0] ?? stack;
}

function worstOf(comparisons: readonly Comparison[], unit: string): string[] {
  const allowed = ({ base, factor, plus }: Comparison) => factor * base + plus;
  const rank = (comparison: Comparison) => {
    const above = comparison.found - allowed(comparison);
    if (unit === "s" && Math.abs(above) < resolutionSeconds) return 1;
    return above > 0 ? 2 : 0;
  };
  const ratio = (comparison: Comparison) => comparison.found / allowed(comparison);
  const [worst] = [...comparisons].sort((a, b) => rank(b) - rank(a) || ratio(b) - ratio(a));
  const alike = comparisons.filter((comparison) => rank(comparison) === rank(worst)).length;
  const share = comparisons.length === 1 || alike === comparisons.length ? "" : `, ${alike} of ${comparisons.length}`;
  const shown = unit === "B" ? thousands : short;
  return [
    worst.which,
    `${shown(worst.found)} ${unit}${unit === "B" ? "" : `: ${((worst.found - worst.plus) / worst.base).toFixed(2)} ×`}`,
    `${shown(allowed(worst))} ${unit}`,
    `${verdicts[rank(worst)]}${share}`,
  ];
}
