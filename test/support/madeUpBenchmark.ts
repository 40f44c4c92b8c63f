import type { Backend, BenchmarkData, Cell } from "../../bench/benchmarkData";
import type { Measure } from "../../bench/measureStack";
import { type MeasuredName, type SubjectName, subjects } from "../../bench/subjects";
import { type Trial, trialsOf } from "../../bench/trials";

const keys = [1, 10, 100, 400];
const rounds = 3;

/** Seconds of every command for 1, 10, 100 and 400 keys. The next rotation takes a second more. */
const seconds: Record<Backend, Partial<Record<MeasuredName, number[]>>> = {
  journal: {
    pair: [2, 3, 8, 15],
    pluginPair: [1, 2, 7, 14],
    shaped: [2, 3, 7, 14],
    shapedPlugin: [1, 2, 6, 12],
  },
  file: {
    pair: [3, 4, 10, 50],
    pluginPair: [1.5, 3, 9, 40],
    shaped: [3, 4, 9, 45],
    shapedPlugin: [1.5, 3, 8, 38],
    terraform: [1, 2, 8, 25],
  },
};
const ofSinglesAndOthers = { npm: [4, 6, 20, 100], plugin: [2, 5, 18, 90] };
/** Of 400 keys under other conditions. */
const secondsOfMost: Record<string, number> = {
  "journal pair parallel 32": 8,
  "journal pair parallel 64": 9,
  "journal pluginPair parallel 32": 7,
  "journal pluginPair parallel 64": 6,
  "file terraform parallel 32": 20,
  "file pair parallel 32": 48,
  "file pair no latency": 45,
  "file pair no snapshots": 10,
  "file pair no backups": 49,
  "file pair zstd": 40,
};
const bytes: Partial<Record<MeasuredName, number>> = { pair: 2_600, pluginPair: 2_000, single: 2_500 };

/** A run in which all was measured, with plain figures. */
export function madeUpBenchmark(): BenchmarkData {
  const loaded = { milliseconds: 10, modules: 20 };
  const all = Object.keys(subjects) as SubjectName[];
  return {
    command: "npm run bench -- --backend http://127.0.0.1:1 --peer terraform --json some.json",
    finishedAt: "2026-12-01T00:00:00.000Z",
    machine: { processor: "Made up", cores: 2, memoryGB: 8, system: "linux" },
    versions: { Terraform: "1.0.0" },
    latency: { regenerateKey: 100, listKeys: 30 },
    parallelism: 8,
    rounds,
    loading: [{ program: { milliseconds: 400, modules: 300 }, noOp: loaded, firstCall: loaded }],
    cells: trialsOf({ keys, subjects: all, backend: "https://api.pulumi.com", peer: "terraform" }).flatMap(cellsOf),
  };
}

function cellsOf(trial: Trial): Cell[] {
  const { subject, keys: count, backend, conditions, everyRound } = trial;
  const measured = trial.measures.filter((measure) => measure !== "refresh" || subject !== "terraform");
  const each = seconds[backend][subject] ?? ofSinglesAndOthers[/plugin/i.test(subject) ? "plugin" : "npm"];
  const time = secondsOfMost[`${backend} ${subject} ${conditions}`] ?? each[keys.indexOf(count)];
  const repeated = (figure: number) => Array<number>(everyRound ? rounds : 1).fill(figure);
  return measured.map((measure) => ({
    ...{ subject, keys: count, backend, conditions, measure },
    seconds: repeated(measure === "next rotation" ? time + 1 : time),
    providerCpuSeconds: repeated(1),
    providerPeakMemoryMB: repeated(100),
    calls: /^(pair|single|plugin.*|terraform)$/.test(subject) ? callsOf(measure, count) : {},
    stateBytesPerKey: bytes[subject] ?? 1_600,
    ...(conditions === "counted" && { snapshots: { count: 801, bytes: 900e6 } }),
  }));
}

function callsOf(measure: Measure, count: number): Record<string, number> {
  const written = /^(next )?rotation$/.test(measure) && { regenerateKey: count };
  const read = /^(first up|refresh|next rotation)$/.test(measure) && { listKeys: count };
  return { ...written, ...read };
}
