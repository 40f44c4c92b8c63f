import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Table from "cli-table3";
import { drawRotations } from "./benchmarkChart";
import { type BenchmarkData, type ConditionsName, spreadOf } from "./benchmarkData";
import { Figures, short, thousands, withSpread } from "./figures";
import type { Loaded } from "./loading";
import { type Measure, measures } from "./measureStack";
import { type MeasuredName, titleOf } from "./subjects";

const root = resolve(__dirname, "..");
/** The Automation API looks for the engine's events so often. */
const resolutionSeconds = 0.2;

/** What stands on the pages between `<!-- benchmark: NAME -->` and `<!-- /benchmark -->`. */
const sections: Record<string, (figures: Figures) => string> = {
  "in short": inShort,
  circumstances,
  ...Object.fromEntries(measures.map((measure) => [measure, (figures: Figures) => times(figures, measure)])),
  loading,
  "provider, rotation": (figures) => provider(figures, "rotation"),
  "provider, unchanged up": (figures) => provider(figures, "unchanged up"),
  "state and calls": stateAndCalls,
  bounds,
  "where the time goes": whereTheTimeGoes,
  settings,
  scaling,
};

/** The picture and the pages with figures, by file, as `docs/benchmark.json` makes them. */
export function benchmarkPages(): Record<string, string> {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const figures = new Figures(JSON.parse(read("docs/benchmark.json")));
  const pages = ["docs/benchmark.md", "docs/scaling.md"];
  return {
    "docs/benchmark.svg": drawRotations(figures),
    ...Object.fromEntries(pages.map((page) => [page, withFigures(read(page), figures)])),
  };
}

function withFigures(page: string, figures: Figures): string {
  const marked = /(<!-- benchmark: (.+) -->\n)[\s\S]*?(<!-- \/benchmark -->)/g;
  return page.replace(marked, (_all, start, name, end) => `${start}${sections[name](figures)}\n${end}`);
}

/** For the terminal: how long each subject takes to rotate. */
export function overview(data: BenchmarkData): string {
  const figures = new Figures(data);
  const table = new Table({
    head: ["rotation, seconds", ...figures.keys.map((keys) => `${keys} keys`)],
    style: { head: [], border: [] },
  });
  for (const subject of figures.subjects) {
    table.push([titleOf(subject), ...figures.keys.map((keys) => figures.spread(subject, "rotation", keys))]);
  }
  return table.toString();
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function inShort(figures: Figures): string {
  const { most } = figures;
  const at = (subject: MeasuredName, measure: Measure) => short(figures.median(subject, measure));
  const bytes = (subject: MeasuredName) => thousands(figures.stateBytes(subject));
  const { calls } = figures.cell("pair", "rotation");
  return [
    `- A rotation of ${most} keys takes ${at("pair", "rotation")} s as pairs, ${at("single", "rotation")} s as single keys, and ${at("documented", "rotation")} s with the provider from Pulumi's guide.`,
    `- Pulumi itself needs ${at("trivialUpdated", "rotation")} s for ${most} resources that do nothing, and ${at("shaped", "rotation")} s if they are as large as pairs.`,
    `- For ${most} pairs an unchanged \`pulumi up\` takes ${at("pair", "unchanged up")} s, and a preview of a rotation ${at("pair", "preview of a rotation")} s. Neither makes a call.`,
    `- A rotation is one write for each key (${calls.regenerateKey} calls) and one login.`,
    '- This is with `minimumOverlap: "PT0S"`. With an overlap, the default, each pair is read as well.',
    `- State of a key: ${bytes("pair")} bytes for a pair, ${bytes("single")} for a single key, ${bytes("trivialUpdated")} for a trivial resource, ${bytes("documented")} for the guide's.`,
  ].join("\n");
}

function circumstances({ data }: Figures): string {
  const { machine, versions, latency, parallelism, rounds, command, finishedAt } = data;
  return [
    "| | |\n| --- | --- |",
    `| Measured | ${finishedAt.slice(0, 10)}, rounds: ${rounds}, with \`${command.replace(/ --json \S+/, "")}\` |`,
    `| Machine | ${machine.processor}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system} |`,
    `| Versions | ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")} |`,
    `| Latency of the emulator | ${latency.regenerateKey} ms for regenerateKey and ${latency.listKeys} ms for listKeys, as recorded from Azure |`,
    `| Parallelism | ${parallelism} steps at a time: Pulumi's default, four for each core |`,
  ].join("\n");
}

function times(figures: Figures, measure: Measure): string {
  const row = (title: string, subject: MeasuredName, conditions?: ConditionsName) => [
    title,
    ...figures.keys.map((keys) => figures.spread(subject, measure, keys, conditions)),
  ];
  const withoutLatency = measure === "first up" || measure === "rotation";
  return markdownTable(
    ["keys", ...figures.keys.map(String)],
    [
      ...figures.subjects.map((subject) => row(titleOf(subject), subject)),
      ...(withoutLatency ? [row(`${titleOf("pair")}, without latency`, "pair", "no latency")] : []),
    ],
  );
}

function loading({ data }: Figures): string {
  const row = (what: string, loaded: readonly Loaded[], bound: number) => {
    const milliseconds = loaded.map((each) => each.milliseconds);
    const verdict = spreadOf(milliseconds).median <= bound ? "met" : "missed";
    return [what, withSpread(milliseconds), String(loaded[0].modules), `${bound} ms: ${verdict}`];
  };
  const noOp = data.loading.map((each) => each.noOp);
  const firstCall = data.loading.map((each) => each.firstCall);
  return markdownTable(
    ["", "ms", "modules", "bound"],
    [
      row("all that `check` and `diff` need", noOp, 30),
      row("more for the first call: the Azure SDK and its login", firstCall, 200),
    ],
  );
}

function provider(figures: Figures, measure: Measure): string {
  const { keys } = figures;
  return markdownTable(
    [measure, ...keys.map((count) => `${count}: CPU s`), ...keys.map((count) => `${count}: MB`)],
    figures.subjects.map((subject) => [
      titleOf(subject),
      ...keys.map((count) => short(figures.cpu(subject, measure, count))),
      ...keys.map((count) => short(figures.memoryMB(subject, measure, count))),
    ]),
  );
}

function stateAndCalls(figures: Figures): string {
  const calls = (subject: MeasuredName, measure: Measure) =>
    Object.entries(figures.cell(subject, measure).calls)
      .filter(([, count]) => count > 0)
      .map(([operation, count]) => `${operation} ${count}`)
      .join(", ") || "none";
  return markdownTable(
    [
      ...["subject", "bytes per key", "above the floor", `calls of the first up of ${figures.most}`],
      ...["of the rotation", "of the refresh"],
    ],
    figures.subjects.map((subject) => [
      titleOf(subject),
      thousands(figures.stateBytes(subject)),
      thousands(figures.stateBytes(subject) - figures.stateBytes("trivialUpdated")),
      calls(subject, "first up"),
      calls(subject, "rotation"),
      calls(subject, "refresh"),
    ]),
  );
}

function bounds(figures: Figures): string {
  const { keys, most, data } = figures;
  const { latency, parallelism } = data;
  const verdict = (found: number, bound: number, unit: string) => {
    if (unit === "s" && Math.abs(found - bound) < resolutionSeconds) return "too close to tell";
    return found <= bound ? "met" : "missed";
  };
  const row = (what: string, found: number, bound: number, unit: string, ofShape?: number) => {
    const shown = unit === "B" ? thousands : short;
    return [
      what,
      `${shown(found)} ${unit}`,
      `${shown(bound)} ${unit}`,
      verdict(found, bound, unit),
      ofShape === undefined ? "" : `${short(ofShape)} ${unit}: ${verdict(found, ofShape, unit)}`,
    ];
  };
  const timed = (measure: Measure, count: number, what: string, boundOf: (floor: number) => number) => {
    const bound = (floor: MeasuredName) => boundOf(figures.median(floor, measure, count));
    const found = figures.median("pair", measure, count);
    return row(
      `${measure} of ${count} ${count === 1 ? "pair" : "pairs"}: ${what}`,
      found,
      bound("trivialUpdated"),
      "s",
      bound("shaped"),
    );
  };
  const floorBytes = figures.stateBytes("trivialUpdated");
  return markdownTable(
    ["", "found", "bound", "", "against the floor as large as a pair"],
    [
      ...keys.map((count) => {
        const waiting = (Math.ceil(count / parallelism) * latency.regenerateKey) / 1000;
        const what = `1.10 × the floor, and ${latency.regenerateKey} ms for every ${parallelism} keys`;
        return timed("rotation", count, what, (floor) => 1.1 * floor + waiting);
      }),
      ...(["unchanged up", "preview of a rotation"] as const).flatMap((measure) =>
        keys.map((count) => timed(measure, count, "1.05 × the floor", (floor) => 1.05 * floor)),
      ),
      row(
        `memory of the provider, rotation of ${most} pairs: 1.2 × the floor`,
        figures.memoryMB("pair", "rotation"),
        1.2 * figures.memoryMB("trivialUpdated", "rotation"),
        "MB",
      ),
      row("state of a pair: the floor and 1 250 bytes", figures.stateBytes("pair"), floorBytes + 1250, "B"),
      row("state of a single key: the floor and 1 000 bytes", figures.stateBytes("single"), floorBytes + 1000, "B"),
    ],
  );
}

function whereTheTimeGoes(figures: Figures): string {
  const { most } = figures;
  const recorded = figures.median("pair", "rotation");
  const noLatency = figures.median("pair", "rotation", most, "no latency");
  const noSnapshots = figures.median("pair", "rotation", most, "no snapshots");
  const cpu = figures.cpu("pair", "rotation", most, "no snapshots");
  const s = (value: number) => `${short(value)} s`;
  const row = (part: string, value: number, how: string) => [
    part,
    s(value),
    `${Math.round((100 * value) / recorded)} %`,
    how,
  ];
  const written = (subject: MeasuredName) => {
    const { snapshots } = figures.cell(subject, "rotation", most, "counted");
    if (snapshots === undefined) throw new Error("snapshots were not counted");
    return `${thousands(snapshots.count)} times, ${thousands(snapshots.bytes / 1e6)} MB in all`;
  };
  const table = markdownTable(
    ["part", "time", "share", "how it is found"],
    [
      row("the whole", recorded, "a run in which calls take as long as Azure's"),
      row("waiting for ARM", recorded - noLatency, `a run without latency takes ${s(noLatency)}`),
      row(
        "the engine writes its state",
        noLatency - noSnapshots,
        `a run without latency that writes state only once, at the end, takes ${s(noSnapshots)}`,
      ),
      row(
        "all the rest",
        noSnapshots,
        `the start of the CLI and of the provider, the program, the engine. The provider's CPU time is ${s(cpu)}`,
      ),
    ],
  );
  return `A rotation of ${most} pairs. A part is the difference between two runs, with it and without it.

${table}

The engine wrote the state of ${most} pairs ${written("pair")}.
For ${most} trivial resources it wrote ${written("trivialUpdated")}.`;
}

function settings(figures: Figures): string {
  const { keys, most } = figures;
  const before = keys[keys.length - 2];
  const plain = figures.median("pair", "rotation");
  const under = (conditions: ConditionsName) => figures.median("pair", "rotation", most, conditions);
  const rows: [string, number][] = [
    ["no setting", plain],
    ["single keys instead of pairs", figures.median("single", "rotation")],
    ["`--parallel 32`", under("parallel 32")],
    ["`PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true`: no copy of the state before", under("no backups")],
    ["`PULUMI_DIY_BACKEND_ZSTD=true`: a compressed state", under("zstd")],
  ];
  if (before !== undefined) {
    const stacks = `${Math.ceil(most / before)} stacks of ${before} pairs`;
    const one = figures.median("pair", "rotation", before);
    rows.push([`${stacks}, one after the other`, Math.ceil(most / before) * one]);
    rows.push([`${stacks}, on as many machines`, one]);
  }
  return markdownTable(
    [`rotation of ${most} pairs`, "seconds", "against no setting"],
    rows.map(([what, value]) => [what, short(value), `${short(value / plain)} ×`]),
  );
}

/** A rotation of a pair reads the keys and then writes. ARM counts both as writes. */
const callsWith = { overlap: 2, noOverlap: 1 };

/** ARM's bucket for writes, by caller and subscription: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const bucket = { size: 200, refillPerSecond: 10 };

/** The least time in which ARM answers all calls of a rotation of so many pairs. */
function bucketSeconds(pairs: number, callsEach: number): number {
  return Math.max(0, pairs * callsEach - bucket.size) / bucket.refillPerSecond;
}

/** What `docs/scaling.md` calculates with. */
function scaling(figures: Figures): string {
  const { keys } = figures;
  const each = keys.filter((count) => count <= 100).at(-1) ?? keys[0];
  const accounts = 5_000;
  const stacks = Math.ceil(accounts / each);
  const jobs = 10;
  const rotation = figures.median("pair", "rotation", each);
  const table = markdownTable(
    [
      ...["pairs in one stack", "rotation with `PT0S`, measured", "for each pair"],
      ...["ARM's limit, `PT0S`", "ARM's limit, default"],
      ...["unchanged `up`", "refresh", "state (MB)"],
    ],
    keys.map((count) => [
      String(count),
      `${short(figures.median("pair", "rotation", count))} s`,
      `${thousands((1000 * figures.median("pair", "rotation", count)) / count)} ms`,
      `${short(bucketSeconds(count, callsWith.noOverlap))} s`,
      `${short(bucketSeconds(count, callsWith.overlap))} s`,
      `${short(figures.median("pair", "unchanged up", count))} s`,
      `${short(figures.median("pair", "refresh", count))} s`,
      ((figures.stateBytes("pair") * count) / 1e6).toFixed(3),
    ]),
  );
  const minutes = (callsEach: number) => short(bucketSeconds(accounts, callsEach) / 60);
  const { most } = figures;
  const overlap = (count: number) => short(bucketSeconds(count, callsWith.overlap));
  const whole = Math.round;
  return `| accounts, with the default \`minimumOverlap\` | a rotation takes |
| --- | --- |
| ${each} in one stack | about ${whole(rotation)} s |
| ${most} in one subscription, in one stack or several | at least ${overlap(most)} s |
| ${most} in ${Math.ceil(most / each)} subscriptions, one stack and job for each | about ${whole(rotation)} s |
| ${thousands(accounts)} in one subscription, in ${stacks} stacks | at least ${minutes(callsWith.overlap)} minutes (${minutes(callsWith.noOverlap)} with \`"PT0S"\`) |
| ${thousands(accounts)} in ${stacks} subscriptions, one stack for each, ${jobs} jobs side by side | about ${whole(Math.ceil(stacks / jobs) * rotation)} s |
| the same, one job after the other | about ${whole((stacks * rotation) / 60)} minutes |

Azure Resource Manager (ARM) has a limit. One identity may write ${bucket.size} times at once to a subscription in one region, and
then ${bucket.refillPerSecond} times a second: [how it counts](#what-takes-the-time). By default a rotation of a pair counts twice, because it
also reads the keys. With \`minimumOverlap: "PT0S"\` it counts once.

${table}

- The rotations were measured with \`"PT0S"\`. The default adds a short reading of each pair, and was not measured.
- The columns "ARM's limit" say how long ARM needs at least to take all calls of that row, if all accounts are in one
  subscription and region. A rotation takes at least that long.
- The times of several stacks are calculated from one stack. The start of each job comes on top.`;
}
