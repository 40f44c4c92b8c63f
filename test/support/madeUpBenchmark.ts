import type { BenchmarkData, Cell, ConditionsName, Kind } from "../../bench/benchmarkData";
import { type Measure, measures } from "../../bench/measureStack";

const keys = [1, 10, 100, 400];

/** Seconds of every command for 1, 10, 100 and 400 keys. The next rotation takes a second more. */
const seconds: [Kind["backend"], Kind["subject"], number[]][] = [
  ["journal", "pair", [2, 3, 8, 15]],
  ["journal", "pluginPair", [1, 2, 7, 14]],
  ["journal", "shaped", [2, 3, 7, 14]],
  ["journal", "shapedPlugin", [1, 2, 6, 12]],
  ["file", "pair", [3, 4, 10, 50]],
  ["file", "pluginPair", [1.5, 3, 9, 40]],
  ["file", "shaped", [3, 4, 9, 45]],
  ["file", "shapedPlugin", [1.5, 3, 8, 38]],
  ["file", "single", [4, 6, 20, 100]],
  ["file", "trivialUpdated", [2, 3, 5, 30]],
  ["file", "terraform", [1, 2, 8, 25]],
];
const secondsOfMost: [Kind["backend"], Kind["subject"], ConditionsName, number][] = [
  ["journal", "pair", "parallel 32", 8],
  ["journal", "pair", "parallel 64", 9],
  ["journal", "pluginPair", "parallel 32", 7],
  ["journal", "pluginPair", "parallel 64", 6],
  ["file", "terraform", "parallel 32", 20],
  ["file", "pair", "parallel 32", 48],
  ["file", "pair", "no latency", 45],
  ["file", "pair", "no snapshots", 10],
  ["file", "pair", "no backups", 49],
  ["file", "pair", "zstd", 40],
  ["file", "pair", "counted", 50],
];
const bytes: Partial<Record<Kind["subject"], number>> = { pair: 2_600, pluginPair: 2_000, single: 2_500 };
const loaded = { milliseconds: 10, modules: 20 };

/** A run in which all was measured, with plain figures. */
export function madeUpBenchmark(): BenchmarkData {
  return {
    command: "npm run bench -- --backend http://127.0.0.1:1 --peer terraform --json some.json",
    finishedAt: "2026-12-01T00:00:00.000Z",
    machine: { processor: "Made up", cores: 2, memoryGB: 8, system: "linux" },
    versions: { Terraform: "1.0.0" },
    latency: { regenerateKey: 100, listKeys: 30 },
    parallelism: 8,
    rounds: 3,
    loading: [{ program: { milliseconds: 400, modules: 300 }, noOp: loaded, firstCall: loaded }],
    cells: [
      ...seconds.flatMap(([backend, subject, each]) =>
        keys.flatMap((count, index) => cellsOf({ backend, subject, keys: count, conditions: "recorded" }, each[index])),
      ),
      ...secondsOfMost.flatMap(([backend, subject, conditions, most]) =>
        cellsOf({ backend, subject, keys: 400, conditions }, most),
      ),
    ],
  };
}

function cellsOf(kind: Kind, time: number): Cell[] {
  const measured = measures.filter((measure) => measure !== "refresh" || kind.subject !== "terraform");
  return measured.map((measure) => ({
    ...kind,
    measure,
    seconds: [time, time, time].map((each) => (measure === "next rotation" ? each + 1 : each)),
    providerCpuSeconds: [1],
    providerPeakMemoryMB: [100],
    calls: /pair|single|terraform/i.test(kind.subject) ? callsOf(measure, kind.keys) : {},
    stateBytesPerKey: bytes[kind.subject] ?? 1_600,
    ...(kind.conditions === "counted" && { snapshots: { count: 801, bytes: 900e6 } }),
  }));
}

function callsOf(measure: Measure, count: number): Record<string, number> {
  const written = /^(next )?rotation$/.test(measure) && { regenerateKey: count };
  const read = /^(first up|refresh|next rotation)$/.test(measure) && { listKeys: count };
  return { ...written, ...read };
}
