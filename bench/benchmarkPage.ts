import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Table from "cli-table3";
import { bestOf, bounds } from "./benchmarkBounds";
import { drawRotations } from "./benchmarkChart";
import { type Backend, type BenchmarkData, type ConditionsName, spreadOf } from "./benchmarkData";
import { Figures, inSeconds, missing, type StackOf, short, thousands, withSpread } from "./figures";
import type { Loaded } from "./loading";
import { markdownTable } from "./markdownTable";
import { type Measure, measures } from "./measureStack";
import { leastOf, manyAccounts, pairsInAStack, scaling } from "./scalingPage";
import { type MeasuredName, titleOf } from "./subjects";

const root = resolve(__dirname, "..");

/** What stands on the pages between `<!-- benchmark: NAME -->` and `<!-- /benchmark -->`. */
const sections: Record<string, (figures: Figures) => string> = {
  "in short": inShort,
  circumstances,
  ...Object.fromEntries(measures.map((measure) => [measure, (figures: Figures) => times(figures, measure)])),
  loading,
  provider,
  "state and calls": stateAndCalls,
  bounds,
  "where the time goes": whereTheTimeGoes,
  settings,
  scaling,
};

/** The picture and the pages with figures, by file, as `docs/benchmark.json` makes them. */
export function benchmarkPages(): Record<string, string> {
  return pagesOf(JSON.parse(readPage("docs/benchmark.json")));
}

/** The same with the figures of any run. */
export function pagesOf(data: BenchmarkData): Record<string, string> {
  const figures = new Figures(data);
  const pages = ["docs/benchmark.md", "docs/scaling.md"];
  return {
    "docs/benchmark.svg": drawRotations(figures),
    ...Object.fromEntries(pages.map((page) => [page, withFigures(readPage(page), figures)])),
  };
}

function readPage(file: string): string {
  return readFileSync(join(root, file), "utf8");
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
  for (const { title, rows } of timesByBackend(figures, "rotation")) {
    table.push([{ content: title, colSpan: 1 + figures.keys.length }], ...rows);
  }
  return table.toString();
}

function inShort(figures: Figures): string {
  const { keys, most } = figures;
  const [least] = keys;
  const each = pairsInAStack(figures);
  const rotation = (stack: StackOf) => figures.seconds(stack, "rotation");
  const journal = { subject: "pair", backend: "journal" } as const;
  const inParallel = { ...journal, conditions: "parallel 32" } as const;
  const peer = { subject: "terraform" } as const;
  const peersBest = bestOf(figures, peer, ["recorded", "parallel 32"]);
  const share = (stack: StackOf, other: StackOf) => short(rotation(stack) / rotation(other));
  const s = (stack: StackOf) => inSeconds(rotation(stack));
  const one = (subject: MeasuredName, backend: Backend = "file") => s({ subject, keys: least, backend });

  const answers = [
    `- **On Pulumi Cloud**, a rotation of ${most} pairs takes ${s(journal)}. With \`PULUMI_PARALLEL=32\` it takes ${s(inParallel)}:
  ${share(inParallel, peersBest)} of Terraform's best time.`,
    `- **On a bucket or in a local file**, it takes ${s({ subject: "pair" })}.
  Put [about ${each} pairs in a stack](scaling.md#how-to-cut-stacks): such a stack takes ${s({ subject: "pair", keys: each })}.`,
    `- **With one account**, it takes ${one("pair", "journal")} on Pulumi Cloud and ${one("pair")} on a bucket.
  The plugin takes ${one("pluginPair", "journal")} and ${one("pluginPair")}, Terraform ${one("terraform")}.`,
    `- **With ${thousands(manyAccounts)} accounts** in one subscription, ARM's limit decides: ${leastOf(manyAccounts)}.
  With ${most} it is ${leastOf(most)}. [Many keys](scaling.md) says how to cut stacks.`,
  ];

  const loaded = figures.data.loading.flatMap(({ program }) => program?.milliseconds ?? []);
  const start = `- Add ${inSeconds(spreadOf(loaded).median / 1000)} to Pulumi's times for the start of Node and of your program. Terraform's are complete.`;

  const row = (count: number, where: string, set: string, stack: Partial<StackOf>, other: StackOf = peer) => {
    const beside = { ...other, keys: count };
    const cell = (subject: MeasuredName) => {
      const own = { ...stack, subject, keys: count };
      return Number.isNaN(rotation(own) / rotation(beside)) ? s(own) : `${s(own)} (${share(own, beside)} ×)`;
    };
    const accounts = count === 1 ? "1 account" : `${count} accounts`;
    return [`${accounts}, ${where}`, set, cell("pair"), cell("pluginPair"), s(beside)];
  };
  const rows = [least, each, most].flatMap((count) => [
    row(count, "Pulumi Cloud", "nothing", { backend: "journal" }),
    ...(count === most
      ? [
          row(
            count,
            "Pulumi Cloud",
            "`PULUMI_PARALLEL=32`",
            { backend: "journal", conditions: "parallel 32" },
            peersBest,
          ),
        ]
      : []),
    row(count, "bucket", "nothing", { backend: "file" }),
  ]);
  return [
    ...sentences(answers),
    "",
    markdownTable(
      ["a rotation of pairs", "set", "npm package", "plugin", "Terraform with azapi"],
      rows.filter(([, , ...found]) => found.some((cell) => cell !== missing)),
      2,
    ),
    "",
    ...sentences([start]),
  ].join("\n");
}

/** Without what was not measured. */
function sentences(all: readonly string[]): string[] {
  return all.filter((sentence) => !sentence.includes(missing));
}

function circumstances({ data }: Figures): string {
  const { machine, versions, latency, parallelism, rounds, command, finishedAt } = data;
  const typed = command.replace(/ --json \S+/, "").replace(/(--backend) \S+/, "$1 URL");
  return [
    "| | |\n| --- | --- |",
    `| Measured | ${finishedAt.slice(0, 10)}, rounds: ${rounds}, with \`${typed}\` |`,
    `| Machine | ${machine.processor}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system} |`,
    `| Versions | ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")} |`,
    `| Latency of the emulator | ${latency.regenerateKey} ms for regenerateKey and ${latency.listKeys} ms for listKeys, as recorded from Azure |`,
    `| Parallelism | ${parallelism} steps at a time: Pulumi's default, four for each core. Terraform's default is 10 |`,
  ].join("\n");
}

/** How the conditions under which users run a stack are shown. */
const shownConditions = {
  recorded: "",
  "parallel 32": ", 32 at a time",
  "parallel 64": ", 64 at a time",
} satisfies Partial<Record<ConditionsName, string>>;

/** A row for each kind of stack, where any number of keys was measured. */
function timesByBackend(figures: Figures, measure: Measure): { title: string; rows: string[][] }[] {
  const ofPulumi = figures.subjects.filter((subject) => subject !== "terraform");
  const groups: { title: string; backend: Backend; subjects: readonly MeasuredName[] }[] = [
    { title: "Pulumi Cloud's protocol", backend: "journal", subjects: ofPulumi },
    { title: "File backend", backend: "file", subjects: ofPulumi },
    { title: "Terraform", backend: "file", subjects: ["terraform"] },
  ];
  const rowsOf = (subject: MeasuredName, backend: Backend) =>
    (Object.keys(shownConditions) as (keyof typeof shownConditions)[]).map((conditions) => [
      `${titleOf(subject)}${shownConditions[conditions]}`,
      ...figures.keys.map((keys) =>
        withSpread(figures.cell({ subject, keys, backend, conditions }, measure)?.seconds ?? []),
      ),
    ]);
  return groups
    .map(({ title, backend, subjects }) => ({
      title,
      rows: subjects
        .flatMap((subject) => rowsOf(subject, backend))
        .filter(([, ...found]) => found.some((cell) => cell !== missing)),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function times(figures: Figures, measure: Measure): string {
  return markdownTable(
    ["keys", ...figures.keys.map(String)],
    timesByBackend(figures, measure).flatMap(({ title, rows }) => [
      [`**${title}**`, ...figures.keys.map(() => "")],
      ...rows,
    ]),
  );
}

function loading({ data }: Figures): string {
  const row = (what: string, loaded: readonly Loaded[], bound?: number) => {
    const milliseconds = loaded.map((each) => each.milliseconds);
    const verdict = spreadOf(milliseconds).median <= (bound ?? Number.NaN) ? "met" : "missed";
    const modules = spreadOf(loaded.map((each) => each.modules)).median;
    return [what, withSpread(milliseconds), thousands(modules), bound === undefined ? "" : `${bound} ms: ${verdict}`];
  };
  return markdownTable(
    ["", "ms", "modules", "bound"],
    [
      row(
        "a program, until it can begin: Node, `@pulumi/pulumi` and this package",
        data.loading.flatMap(({ program }) => program ?? []),
      ),
      row(
        "the provider: all that `check` and `diff` need",
        data.loading.map(({ noOp }) => noOp),
        30,
      ),
      row(
        "more for its first call: the Azure SDK and its login",
        data.loading.map(({ firstCall }) => firstCall),
        200,
      ),
    ],
  );
}

function provider(figures: Figures): string {
  const { keys, most } = figures;
  const columns = [
    ...[keys[0], most].map((count) => ({ measure: "rotation" as const, keys: count })),
    { measure: "unchanged up" as const, keys: most },
  ];
  return markdownTable(
    ["", ...columns.flatMap(({ measure, keys: count }) => [`${measure} of ${count}: CPU s`, "MB"])],
    figures.subjects
      .filter((subject) => subject !== "terraform")
      .map((subject) => [
        titleOf(subject),
        ...columns.flatMap(({ measure, keys: count }) => [
          short(figures.cpu({ subject, keys: count }, measure)),
          short(figures.memoryMB({ subject, keys: count }, measure)),
        ]),
      ]),
  );
}

function stateAndCalls(figures: Figures): string {
  const calls = (subject: MeasuredName, measure: Measure) => {
    const cell = figures.cell({ subject }, measure);
    if (cell === undefined) return missing;
    const made = Object.entries(cell.calls).filter(([, count]) => count > 0);
    return made.map(([operation, count]) => `${operation} ${count}`).join(", ") || "none";
  };
  const called = ["first up", "rotation", "next rotation", "refresh"] as const;
  return markdownTable(
    ["", "bytes per key", ...called.map((measure) => `calls: ${measure} of ${figures.most}`)],
    figures.subjects.map((subject) => [
      titleOf(subject),
      thousands(figures.stateBytes(subject)),
      ...called.map((measure) => calls(subject, measure)),
    ]),
  );
}

function whereTheTimeGoes(figures: Figures): string {
  const { most, data } = figures;
  const rotation = (stack: Partial<StackOf>) => figures.seconds({ subject: "pair", ...stack }, "rotation");
  const recorded = rotation({});
  const noLatency = rotation({ conditions: "no latency" });
  const noSnapshots = rotation({ conditions: "no snapshots" });
  const cpu = figures.cpu({ subject: "pair", conditions: "no snapshots" }, "rotation");
  const row = (part: string, value: number, how: string) => [
    part,
    inSeconds(value),
    `${Math.round((100 * value) / recorded)} %`,
    how,
  ];
  const table = markdownTable(
    ["part", "time", "share", "how it is found"],
    [
      row("the whole", recorded, "a run in which calls take as long as Azure's"),
      row("waiting for ARM", recorded - noLatency, `a run without latency takes ${inSeconds(noLatency)}`),
      row(
        "the engine writes its state",
        noLatency - noSnapshots,
        `a run without latency that writes state only once, at the end, takes ${inSeconds(noSnapshots)}`,
      ),
      row(
        "all the rest",
        noSnapshots,
        `the start of the CLI and of the provider, the program, the engine. The provider's CPU time is ${inSeconds(cpu)}`,
      ),
    ],
    4,
  );
  const snapshots = figures.cell({ subject: "pair", conditions: "counted" }, "rotation")?.snapshots;
  if (snapshots === undefined) throw new Error("snapshots were not counted");
  const waiting = (atATime: number) => inSeconds((Math.ceil(most / atATime) * data.latency.regenerateKey) / 1000);
  const journal = (conditions: ConditionsName) => inSeconds(rotation({ backend: "journal", conditions }));
  const onJournal = [
    `On Pulumi Cloud the engine sends each step once. What remains is waiting: ${most} calls, ${data.parallelism} at a time, take ${waiting(data.parallelism)} of ${journal("recorded")}.`,
    `With 32 at a time they take ${waiting(32)} of ${journal("parallel 32")}.`,
  ];
  return `A rotation of ${most} pairs of the npm package on a file backend. A part is the difference between two runs.

${table}

The engine wrote the state ${thousands(snapshots.count)} times, ${thousands(snapshots.bytes / 1e6)} MB in all.
${sentences(onJournal).join("\n")}`.trimEnd();
}

function settings(figures: Figures): string {
  const { most } = figures;
  const each = pairsInAStack(figures);
  const stacks = Math.ceil(most / each);
  const row = (what: string, stack: Partial<StackOf>, times = 1) => [
    what,
    ...(["file", "journal"] as const).map((backend) => {
      const plain = figures.seconds({ subject: "pair", backend }, "rotation");
      const found = times * figures.seconds({ subject: "pair", backend, ...stack }, "rotation");
      return Number.isNaN(found) ? missing : `${inSeconds(found)} (${short(found / plain)} ×)`;
    }),
  ];
  return markdownTable(
    [`rotation of ${most} pairs`, "on a bucket", "on Pulumi Cloud"],
    [
      row("npm package, no setting", {}),
      row("the plugin", { subject: "pluginPair" }),
      row("single keys instead of pairs", { subject: "single" }),
      row("`PULUMI_PARALLEL=32` or `--parallel 32`", { conditions: "parallel 32" }),
      row("`PULUMI_PARALLEL=64`", { conditions: "parallel 64" }),
      row("`PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true`: no copy of the state before", {
        conditions: "no backups",
      }),
      row("`PULUMI_DIY_BACKEND_ZSTD=true`: a compressed state", { conditions: "zstd" }),
      row(`${stacks} stacks of ${each} pairs, one after the other`, { keys: each }, stacks),
      row(`${stacks} stacks of ${each} pairs, on as many machines`, { keys: each }),
    ],
  );
}
