import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Table from "cli-table3";
import { drawRotations } from "./benchmarkChart";
import { type BenchmarkData, type Cell, type ConditionsName, findCell, type Spread, spreadOf } from "./benchmarkData";
import type { Loaded } from "./loading";
import { type Measure, measures } from "./measureStack";
import { type SubjectName, subjects } from "./subjects";

const root = resolve(__dirname, "..");
/** The Automation API looks for the engine's events so often. */
const resolutionSeconds = 0.2;
const subjectNames = Object.keys(subjects) as SubjectName[];

/** What is made of the figures, by the file that it is in; in files that are not all ours, only what is between the marks. */
export function pages(data: BenchmarkData): Record<string, string> {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  return {
    "docs/benchmark.md": benchmarkPage(data),
    "docs/benchmark.svg": drawRotations(data, keysOf(data)),
    "docs/scaling.md": replaceMarked(read("docs/scaling.md"), scalingTable(data)),
    "README.md": replaceMarked(read("README.md"), inShort(data)),
  };
}

export function writePages(data: BenchmarkData): void {
  for (const [file, content] of Object.entries(pages(data))) writeFileSync(join(root, file), content);
}

/** For the terminal: how long each subject takes to rotate. */
export function overview(data: BenchmarkData): string {
  const table = new Table({
    head: ["rotation, seconds", ...keysOf(data).map((keys) => `${keys} keys`)],
    style: { head: [], border: [] },
  });
  for (const subject of subjectNames) {
    table.push([subjects[subject].title, ...keysOf(data).map((keys) => seconds(data, subject, keys, "rotation"))]);
  }
  return table.toString();
}

function replaceMarked(text: string, content: string): string {
  const marked = /(<!-- benchmark -->\n)[\s\S]*?(<!-- \/benchmark -->)/;
  if (!marked.test(text)) throw new Error("there are no marks to put the figures between");
  return text.replace(marked, (_all, start, end) => `${start}${content}\n${end}`);
}

function keysOf({ cells }: BenchmarkData): number[] {
  return [...new Set(cells.map(({ keys }) => keys))].sort((a, b) => a - b);
}

function cellOf(
  data: BenchmarkData,
  subject: SubjectName,
  keys: number,
  measure: Measure,
  conditions: ConditionsName = "recorded",
): Cell {
  const cell = findCell(data, subject, keys, conditions, measure);
  if (cell === undefined) throw new Error(`${subject} with ${keys} keys was not measured (${conditions}, ${measure})`);
  return cell;
}

function median(
  data: BenchmarkData,
  subject: SubjectName,
  keys: number,
  measure: Measure,
  conditions?: ConditionsName,
): number {
  return spreadOf(cellOf(data, subject, keys, measure, conditions).seconds).median;
}

function seconds(
  data: BenchmarkData,
  subject: SubjectName,
  keys: number,
  measure: Measure,
  conditions?: ConditionsName,
): string {
  return withSpread(spreadOf(cellOf(data, subject, keys, measure, conditions).seconds));
}

function withSpread({ median, min, max }: Spread): string {
  return min === max ? short(median) : `${short(median)} (${short(min)}–${short(max)})`;
}

/** Three digits at most, without an exponent. */
function short(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString("en").replaceAll(",", " ");
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function stateOf(data: BenchmarkData, subject: SubjectName): number {
  const sizes = data.state.filter((entry) => entry.subject === subject);
  return Math.max(...sizes.map(({ bytesPerKey }) => bytesPerKey));
}

/** What the README quotes. */
function inShort(data: BenchmarkData): string {
  const most = keysOf(data)[keysOf(data).length - 1];
  const at = (subject: SubjectName, measure: Measure) => short(median(data, subject, most, measure));
  const calls = cellOf(data, "pair", most, "rotation").calls;
  return [
    `- To rotate ${most} keys takes ${at("pair", "rotation")} s as pairs, ${at("single", "rotation")} s as single keys and ${at("documented", "rotation")} s the documented way. As many trivial resources that call nobody take Pulumi ${at("trivialUpdated", "rotation")} s, and ${at("shaped", "rotation")} s when they are as large as pairs.`,
    `- An unchanged \`pulumi up\` of ${most} pairs takes ${at("pair", "unchanged up")} s and a preview of a rotation ${at("pair", "preview of a bump")} s, without a call; a rotation is one write for each key (${calls.regenerateKey} calls) and one login. That is with \`minimumOverlap: "PT0S"\`: an overlap adds one reading for each pair.`,
    `- State per key: ${thousands(stateOf(data, "pair"))} bytes for a pair and ${thousands(stateOf(data, "single"))} for a single key, where a trivial resource takes ${thousands(stateOf(data, "trivialUpdated"))} and the documented way ${thousands(stateOf(data, "documented"))}.`,
  ].join("\n");
}

function benchmarkPage(data: BenchmarkData): string {
  const { machine, versions, latency, parallelism, rounds, command, finishedAt } = data;
  const keys = keysOf(data);
  const most = keys[keys.length - 1];
  return `<!-- Made by \`npm run bench -- --pages-from docs/benchmark.json\`; a test compares. -->
# Benchmark

What keys cost a Pulumi deployment, on the real engine and an emulator of Azure, beside what users would take instead.

${inShort(data)}

![Seconds of a rotation against the number of keys, one line for each subject; the figures are in the first table.](benchmark.svg)

| | |
| --- | --- |
| Measured | ${finishedAt.slice(0, 10)}, rounds: ${rounds}, with \`${command.replace(/ --json \S+/, "")}\` |
| Machine | ${machine.processor}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system} |
| Versions | ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")} |
| Latency of the emulator | ${latency.regenerateKey} ms for regenerateKey and ${latency.listKeys} ms for listKeys, as recorded from Azure |
| Parallelism | ${parallelism} steps at a time: Pulumi's default, four for each core |

All times are seconds of wall time from the start of the command to the closing report of the engine: median, and in brackets
the least and the most of all rounds. The end is seen to ${resolutionSeconds} s. Each stack's program runs in a process that is started before, without
source maps, which tsx would look up for every stack trace: what Node takes to start and to load a program comes on top, the same for each
subject. The emulator works on the same cores. Of the provider's CPU time up to 0.1 s is not seen, as the engine kills it.

## Subjects
| subject | what it is |
| --- | --- |
| ${subjects.trivialUpdated.title}, ${subjects.trivialReplaced.title.replace("Trivial resource, ", "")} | the floor: registered as our resources are, with the text they store but for a name, and neither network nor key. A rotation is an update, or a replacement |
| ${subjects.shaped.title} | the floor of that shape: as many properties, secrets and bytes as a pair, without a call |
| ${subjects.pair.title} | both keys of an account; rotates by an update |
| ${subjects.single.title} | one key; rotates by a replacement |
| ${subjects.documented.title} | a closure whose \`create\` calls the Azure SDK, as [Pulumi's guide](https://www.pulumi.com/docs/iac/guides/building-extending/providers/dynamic-providers/) writes a dynamic provider; it replaces, and has nothing to refresh with |

Each key is that of an account of its own. A file backend keeps the state; passphrases encrypt it.

${measures.map((measure) => timesSection(data, measure)).join("\n\n")}

## Loading
Milliseconds in a process that has loaded \`@pulumi/pulumi\` already, as the provider's has.

${loadingTable(data)}

## Provider process
The process that the engine starts for dynamic resources: CPU seconds and the highest resident memory, the start of Node and the
loading of \`@pulumi/pulumi\` included.

${providerTable(data, "rotation")}

${providerTable(data, "unchanged up")}

## State and calls
${stateTable(data)}

\`token\` counts logins; the cloud's metadata is read once for each process that calls. The other commands call nobody.

## Against the bounds
What this package has set itself, with medians. The floor is the trivial resource.

${boundsTable(data)}

A bound that is missed against the trivial resource and met against one of the same shape is the price of what a pair stores
and shows: the engine writes the whole state twice for each key, and the SDK makes four promises, each with a stack trace, for
each property of a resource. [What was done about it](decisions/004-speed.md).

## Where the time goes
A rotation of ${most} pairs, by leaving out one thing after the other.

${whereTimeGoes(data)}

## What a user can do
${userTable(data)}

[More on many keys](scaling.md).

## How to reproduce
\`\`\`sh
npm ci && npm run bench -- --json docs/benchmark.json && npm run bench -- --pages-from docs/benchmark.json
\`\`\`
Stacks with few keys only take minutes: \`npm run bench -- --keys 1,10 --rounds 5\`. \`--regenerate-key 0 --list-keys 0\` takes the
latency away. Figures of different machines compare only within each: what counts are the ratios.
`;
}

function timesSection(data: BenchmarkData, measure: Measure): string {
  const titles: Record<Measure, string> = {
    "first up": "First `pulumi up`",
    "unchanged up": "Unchanged `pulumi up`",
    "preview of a bump": "Preview of a rotation",
    rotation: "Rotation",
    refresh: "Refresh",
  };
  const keys = keysOf(data);
  const withoutLatency = findCell(data, "pair", keys[0], "no latency", measure) && [
    `${subjects.pair.title}, without latency`,
    ...keys.map((count) => seconds(data, "pair", count, measure, "no latency")),
  ];
  return `## ${titles[measure]}
${markdownTable(
  ["keys", ...keys.map(String)],
  [
    ...subjectNames.map((subject) => [
      subjects[subject].title,
      ...keys.map((count) => seconds(data, subject, count, measure)),
    ]),
    ...(withoutLatency ? [withoutLatency] : []),
  ],
)}`;
}

function loadingTable({ loading }: BenchmarkData): string {
  const row = (what: string, loaded: readonly Loaded[], bound: number) => {
    const spread = spreadOf(loaded.map(({ milliseconds }) => milliseconds));
    return [
      what,
      withSpread(spread),
      String(loaded[0].modules),
      `${bound} ms: ${spread.median <= bound ? "met" : "missed"}`,
    ];
  };
  const noOp = loading.map((each) => each.noOp);
  const firstCall = loading.map((each) => each.firstCall);
  return markdownTable(
    ["", "ms", "modules", "bound"],
    [
      row("all that `check` and `diff` need", noOp, 30),
      row("more for the first call: the Azure SDK and its login", firstCall, 200),
    ],
  );
}

function providerTable(data: BenchmarkData, measure: Measure): string {
  const keys = keysOf(data);
  return markdownTable(
    [measure, ...keys.map((count) => `${count}: CPU s`), ...keys.map((count) => `${count}: MB`)],
    subjectNames.map((subject) => [
      subjects[subject].title,
      ...keys.map((count) => short(spreadOf(cellOf(data, subject, count, measure).providerCpuSeconds).median)),
      ...keys.map((count) => short(spreadOf(cellOf(data, subject, count, measure).providerPeakMemoryMB).median)),
    ]),
  );
}

function stateTable(data: BenchmarkData): string {
  const most = keysOf(data)[keysOf(data).length - 1];
  const calls = (subject: SubjectName, measure: Measure) =>
    Object.entries(cellOf(data, subject, most, measure).calls)
      .filter(([, count]) => count > 0)
      .map(([operation, count]) => `${operation} ${count}`)
      .join(", ") || "none";
  return markdownTable(
    [
      "subject",
      "bytes per key",
      "above the floor",
      `calls of the first up of ${most}`,
      "of the rotation",
      "of the refresh",
    ],
    subjectNames.map((subject) => [
      subjects[subject].title,
      thousands(stateOf(data, subject)),
      thousands(stateOf(data, subject) - stateOf(data, "trivialUpdated")),
      calls(subject, "first up"),
      calls(subject, "rotation"),
      calls(subject, "refresh"),
    ]),
  );
}

function boundsTable(data: BenchmarkData): string {
  const keys = keysOf(data);
  const most = keys[keys.length - 1];
  const { latency, parallelism } = data;
  const rows: string[][] = [];
  const verdict = (found: number, bound: number, unit: string) => {
    if (unit === "s" && Math.abs(found - bound) < resolutionSeconds) return "too close to tell";
    return found <= bound ? "met" : "missed";
  };
  const row = (what: string, found: number, bound: number, unit: string, ofShape?: number) =>
    rows.push([
      what,
      `${unit === "B" ? thousands(found) : short(found)} ${unit}`,
      `${unit === "B" ? thousands(bound) : short(bound)} ${unit}`,
      verdict(found, bound, unit),
      ofShape === undefined ? "" : `${short(ofShape)} ${unit}: ${verdict(found, ofShape, unit)}`,
    ]);
  for (const count of keys) {
    const waiting = (Math.ceil(count / parallelism) * latency.regenerateKey) / 1000;
    const at = (subject: SubjectName) => 1.1 * median(data, subject, count, "rotation") + waiting;
    row(
      `rotation, pairs: ${count}: 1.10 × the floor, and ${latency.regenerateKey} ms for every ${parallelism} keys`,
      median(data, "pair", count, "rotation"),
      at("trivialUpdated"),
      "s",
      at("shaped"),
    );
  }
  for (const measure of ["unchanged up", "preview of a bump"] as const) {
    for (const count of keys) {
      row(
        `${measure}, pairs: ${count}: 1.05 × the floor`,
        median(data, "pair", count, measure),
        1.05 * median(data, "trivialUpdated", count, measure),
        "s",
        1.05 * median(data, "shaped", count, measure),
      );
    }
  }
  const memory = (subject: SubjectName) =>
    spreadOf(cellOf(data, subject, most, "rotation").providerPeakMemoryMB).median;
  row(
    `memory of the provider, rotation of ${most} pairs: 1.2 × the floor`,
    memory("pair"),
    1.2 * memory("trivialUpdated"),
    "MB",
  );
  row("state of a pair: the floor and 1 250 bytes", stateOf(data, "pair"), stateOf(data, "trivialUpdated") + 1250, "B");
  row(
    "state of a single key: the floor and 1 000 bytes",
    stateOf(data, "single"),
    stateOf(data, "trivialUpdated") + 1000,
    "B",
  );
  return markdownTable(["", "found", "bound", "", "bound against the pair's shape"], rows);
}

function whereTimeGoes(data: BenchmarkData): string {
  const most = keysOf(data)[keysOf(data).length - 1];
  const recorded = median(data, "pair", most, "rotation");
  const noLatency = median(data, "pair", most, "rotation", "no latency");
  const noSnapshots = median(data, "pair", most, "rotation", "no snapshots");
  const { snapshots } = cellOf(data, "pair", most, "rotation", "counted");
  const floor = cellOf(data, "trivialUpdated", most, "rotation", "counted").snapshots;
  if (snapshots === undefined || floor === undefined) throw new Error("snapshots were not counted");
  const cpu = spreadOf(cellOf(data, "pair", most, "rotation", "no snapshots").providerCpuSeconds).median;
  const part = (value: number) => `${short(value)} s`;
  const share = (value: number) => `${Math.round((100 * value) / recorded)} %`;
  const written = ({ count, bytes }: typeof snapshots) =>
    `${thousands(count)} times, ${thousands(bytes / 1e6)} MB in all`;
  const table = markdownTable(
    ["part", "time", "share", "how it is found"],
    [
      ["the whole", part(recorded), "100 %", "calls take as long as Azure's"],
      [
        "waiting for ARM",
        part(recorded - noLatency),
        share(recorded - noLatency),
        `less without latency, ${part(noLatency)}`,
      ],
      [
        "the engine writes its state",
        part(noLatency - noSnapshots),
        share(noLatency - noSnapshots),
        `less when it writes only once, at the end, ${part(noSnapshots)}`,
      ],
      [
        "all the rest",
        part(noSnapshots),
        share(noSnapshots),
        `start of the CLI and the provider, program and engine; the provider's CPU time is ${part(cpu)} of it`,
      ],
    ],
  );
  return `${table}

The engine wrote the state of ${most} pairs ${written(snapshots)}; that of as many trivial resources ${written(floor)}. It
writes all of it twice for each key, one time after the other, while the calls of ${data.parallelism} keys run side by side behind it: that is why
latency hardly counts; a difference smaller than the brackets of the rotation is none. What is left to save in a resource is bytes: a pair's are its two keys, encrypted (about 490), the text that leads to
the provider, twice (about 570), and what the engine stores of any resource. That text is the same in every release, so that
an upgrade changes no resource ([decision](decisions/001-provider-text.md)).`;
}

function userTable(data: BenchmarkData): string {
  const keys = keysOf(data);
  const most = keys[keys.length - 1];
  const before = keys[keys.length - 2];
  const plain = median(data, "pair", most, "rotation");
  const rows: [string, number][] = [
    ["as it is", plain],
    ["single keys instead of pairs", median(data, "single", most, "rotation")],
    ["`--parallel 32`", median(data, "pair", most, "rotation", "parallel 32")],
    [
      "`PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true`: no copy of the state before",
      median(data, "pair", most, "rotation", "no backups"),
    ],
    ["`PULUMI_DIY_BACKEND_ZSTD=true`: a compressed state", median(data, "pair", most, "rotation", "zstd")],
  ];
  if (before !== undefined) {
    const stacks = Math.ceil(most / before);
    rows.push([
      `${stacks} stacks of ${before} pairs, one after the other`,
      stacks * median(data, "pair", before, "rotation"),
    ]);
    rows.push([`${stacks} stacks of ${before} pairs, on as many machines`, median(data, "pair", before, "rotation")]);
  }
  const table = markdownTable(
    [`rotation of ${most} pairs`, "seconds", "against as it is"],
    rows.map(([what, value]) => [what, short(value), `${short(value / plain)} ×`]),
  );
  return `${table}

The settings were measured once, and what differs by less than the brackets of the rotation is no difference. The times of several stacks
are those of one, multiplied.`;
}

/** ARM's bucket for writes, by caller and subscription: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const bucket = { size: 200, refillPerSecond: 10 };

/** What `docs/scaling.md` calculates with. */
function scalingTable(data: BenchmarkData): string {
  const keys = keysOf(data);
  const each = keys.filter((count) => count <= 100).at(-1) ?? keys[0];
  const accounts = 5_000;
  const stacks = Math.ceil(accounts / each);
  const jobs = 10;
  const rotation = median(data, "pair", each, "rotation");
  const table = markdownTable(
    [
      "pairs in one stack",
      "rotation (s)",
      "of it for each pair (ms)",
      "ARM's bucket asks for (s)",
      "unchanged up (s)",
      "refresh (s)",
      "state (MB)",
    ],
    keys.map((count) => [
      String(count),
      short(median(data, "pair", count, "rotation")),
      thousands((1000 * median(data, "pair", count, "rotation")) / count),
      short(Math.max(0, count - bucket.size) / bucket.refillPerSecond),
      short(median(data, "pair", count, "unchanged up")),
      short(median(data, "pair", count, "refresh")),
      ((stateOf(data, "pair") * count) / 1e6).toFixed(3),
    ]),
  );
  return `${table}

So ${thousands(accounts)} accounts are ${stacks} stacks of ${each} pairs. One rotates in ${short(rotation)} s, all of them one after the other in
${short((stacks * rotation) / 60)} minutes, and in ${jobs} jobs side by side in ${short((Math.ceil(stacks / jobs) * rotation) / 60)} minutes: by calculation, without the start of the jobs and
without ARM's bucket. In one subscription and region the bucket alone asks for ${short((accounts - bucket.size) / bucket.refillPerSecond / 60)} minutes, however many jobs there are;
only in subscriptions of their own do ${jobs} jobs run as fast as the engine lets them.`;
}
