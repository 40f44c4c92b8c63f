import { type Backend, type ConditionsName, spreadOf } from "./benchmarkData";
import { type Figures, type StackOf, short, thousands } from "./figures";
import { markdownTable } from "./markdownTable";
import { type Measure, measures } from "./measureStack";
import type { MeasuredName } from "./subjects";

/** A figure, and what it may be: `factor` times `base`, and `plus`. */
interface Comparison {
  /** Which of those that share a bound. */
  which: string;
  /** One of each round. */
  found: readonly number[];
  base: number;
  factor: number;
  plus: number;
}

const backends: readonly [Backend, string][] = [
  ["journal", "Pulumi Cloud"],
  ["file", "Bucket"],
];
/** The two forms of the package, and the floor of each class. */
const forms = [
  { form: "npm package", pair: "pair", ofTerraform: 0.45, floors: { pair: "shaped", single: "shapedSingle" } },
  {
    form: "plugin",
    pair: "pluginPair",
    ofTerraform: 0.38,
    floors: { pluginPair: "shapedPlugin", pluginSingle: "shapedPluginSingle" },
  },
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
  const inAllRounds = (stack: StackOf, measure: Measure) => {
    const seconds = figures.cell(stack, measure)?.seconds ?? [];
    return seconds.length === data.rounds ? seconds : [];
  };
  const add = (what: string, comparisons: readonly Comparison[], unit = "s") => {
    const measured = comparisons.filter(({ found, base }) => found.length > 0 && !Number.isNaN(base));
    if (measured.length > 0) rows.push([what, ...worstOf(measured, unit)]);
  };
  const compare = (
    found: StackOf,
    base: StackOf,
    factor: number,
    measure: Measure = "rotation",
    plus = 0,
    measureOfBase = measure,
  ): Comparison => ({
    which: nameOf(measure, found.subject, found.keys ?? figures.most),
    found: inAllRounds(found, measure),
    base: spreadOf(inAllRounds(base, measureOfBase)).median,
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
              // A floor rotates as it did before: it has nothing to read.
              const measureOfFloor = measure === "next rotation" ? "rotation" : measure;
              const plus = waiting(figures, found, measure);
              return compare(found, { ...found, subject: floor }, factor, measure, plus, measureOfFloor);
            }),
          ),
        );
      add(`${where}, ${form}: unchanged and preview 1.05 × the floor`, comparisons(quiet, 1.05));
      add(`${where}, ${form}: all else 1.10 × the floor, and the waiting`, comparisons(busy, 1.1));
    }
  }
  const addAmount = (what: string, found: number, base: number, factor: number, unit: string) =>
    add(what, Number.isNaN(found) ? [] : [{ which: "", found: [found], base, factor, plus: 0 }], unit);
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
  const median = ({ found }: Comparison) => spreadOf(found).median;
  const ratio = (comparison: Comparison) => median(comparison) / allowed(comparison);
  const [worst] = [...comparisons].sort((a, b) => ratio(b) - ratio(a));
  const missed = comparisons.filter((comparison) => ratio(comparison) > 1).length;
  const shown = unit === "B" ? thousands : short;
  const factor = (median(worst) - worst.plus) / worst.base;
  return [
    worst.which,
    `${shown(median(worst))} ${unit}${unit === "B" ? "" : `: ${factor.toFixed(2)} ×`}`,
    `${shown(allowed(worst))} ${unit}`,
    missed === 0 ? "met" : `missed${comparisons.length === 1 ? "" : `, ${missed} of ${comparisons.length}`}`,
  ];
}
