import type { Backend, ConditionsName, Kind } from "./benchmarkData";
import type { BenchmarkOptions } from "./benchmarkOptions";
import { type Measure, measures } from "./measureStack";
import type { MeasuredName, SubjectName } from "./subjects";

/** One stack that is measured. */
export interface Trial extends Kind {
  measures: readonly Measure[];
  /** What only explains the others is measured once, after all rounds. */
  everyRound: boolean;
}

type Options = Pick<BenchmarkOptions, "keys" | "subjects" | "backend" | "peer">;

/** What is compared stands side by side, so that whatever else the machine does strikes both alike. */
const pairs: readonly SubjectName[] = ["shaped", "pair", "pluginPair", "shapedPlugin"];
const singles: readonly SubjectName[] = ["shapedSingle", "single", "pluginSingle", "shapedPluginSingle"];

/** Those whose next rotation differs from the one before: it reads each pair. Terraform is measured beside them. */
const withNextRotation: readonly MeasuredName[] = ["pair", "pluginPair", "terraform"];
const measuresOf = (subject: MeasuredName): readonly Measure[] =>
  withNextRotation.includes(subject) ? measures : measures.filter((measure) => measure !== "next rotation");
const rotation: readonly Measure[] = ["first up", "rotation"];
const rotations: readonly Measure[] = ["first up", "rotation", "next rotation"];

/** All stacks of a round, in the order in which they are measured. */
export function trialsOf({ keys, subjects, backend: server, peer }: Options): Trial[] {
  const most = keys[keys.length - 1];
  const backends: readonly Backend[] = server === undefined ? ["file"] : ["file", "journal"];
  const recorded = (names: readonly SubjectName[], count: number, backend: Backend, everyRound: boolean) =>
    names.map(
      (subject): Trial => ({
        ...{ subject, keys: count, backend, conditions: "recorded", measures: measuresOf(subject), everyRound },
      }),
    );
  const parallel = (subject: SubjectName, backend: Backend, conditions: ConditionsName): Trial => ({
    ...{ subject, keys: most, backend, conditions, measures: rotations, everyRound: backend === "journal" },
  });
  const explaining = (subject: SubjectName, conditions: ConditionsName): Trial => ({
    ...{ subject, keys: most, backend: "file", conditions, measures: rotation, everyRound: false },
  });
  const terraform = { subject: "terraform", backend: "file", everyRound: true } as const;
  const inEachRound: Trial[] = [
    ...keys.flatMap((count): Trial[] => [
      ...backends.flatMap((backend) => recorded(pairs, count, backend, true)),
      { ...terraform, keys: count, conditions: "recorded", measures },
      // One key shows what a command costs before it begins, which no number of keys makes up for.
      ...(count === 1 ? backends.flatMap((backend) => recorded(singles, count, backend, true)) : []),
    ]),
    { ...terraform, keys: most, conditions: "parallel 32", measures: rotations },
    ...(server === undefined
      ? []
      : [
          parallel("pair", "journal", "parallel 32"),
          parallel("pluginPair", "journal", "parallel 32"),
          parallel("pluginPair", "journal", "parallel 64"),
          parallel("pair", "journal", "parallel 64"),
        ]),
  ];
  const once: Trial[] = [
    ...(["no latency", "no snapshots", "counted", "no backups", "zstd"] as const).map((conditions) =>
      explaining("pair", conditions),
    ),
    explaining("trivialUpdated", "counted"),
    parallel("pair", "file", "parallel 32"),
    ...recorded(["trivialUpdated", "trivialReplaced"], most, "file", false),
    ...keys.flatMap((count) => recorded(["documented"], count, "file", false)),
    ...(server === undefined ? [] : recorded(["documented"], most, "journal", false)),
    ...keys
      .filter((count) => count > 1)
      .flatMap((count) => backends.flatMap((backend) => recorded(singles, count, backend, false))),
  ];
  const trials = [...inEachRound, ...once];
  return trials.filter(({ subject }) => (subject === "terraform" ? peer : subjects.includes(subject)));
}
