/** `npm run bench`: what keys cost the engine, beside what users would take instead. `--help` says more. */
import { writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import type { Beside } from "../scripts/besideEmulator";
import { pluginFolder } from "../scripts/buildPlugin";
import { installPackedApp } from "../scripts/packedApp";
import { startProgress } from "../scripts/progress";
import { addStack, type BenchmarkData, benchmarkJson, type ConditionsName, type Kind } from "./benchmarkData";
import { type BenchmarkOptions, readOptions, usage } from "./benchmarkOptions";
import { overview } from "./benchmarkPage";
import { measureLoading } from "./loading";
import { type Conditions, keepsSnapshots, type Measure, measureStack, measures } from "./measureStack";
import { type Circumstances, runBenchmark } from "./runBenchmark";
import type { SubjectName } from "./subjects";
import { installTrivialPlugin, installTrivialProviders } from "./trivialProvider";

/** One stack that is measured. */
interface Trial extends Kind {
  subject: SubjectName;
  measures: readonly Measure[];
  /** What only explains the others is measured in the first round. */
  everyRound: boolean;
}

const loadingsEachRound = 5;
const noLatency = { regenerateKey: 0, listKeys: 0 };

function conditionsOf(latency: Conditions["latency"]): Record<ConditionsName, Conditions> {
  return {
    recorded: { latency },
    "no latency": { latency: noLatency },
    "no snapshots": {
      latency: noLatency,
      environment: { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" },
    },
    "no backups": { latency, environment: { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true" } },
    zstd: { latency, environment: { PULUMI_DIY_BACKEND_ZSTD: "true" } },
    "parallel 32": { latency, parallel: 32 },
    "parallel 64": { latency, parallel: 64 },
    counted: { latency: noLatency, environment: { [keepsSnapshots]: "true" } },
  };
}

/** Subjects take turns, so that whatever else the machine does strikes all of them alike. */
function trialsOf({ keys, subjects: names }: BenchmarkOptions): Trial[] {
  const rotationOnly: readonly Measure[] = ["first up", "rotation"];
  const most = keys[keys.length - 1];
  const backend = "file";
  const pair = { subject: "pair", backend, measures: rotationOnly } as const;
  const trials: Trial[] = [
    ...keys.flatMap((count): Trial[] => [
      ...names.map(
        (subject): Trial => ({ subject, keys: count, backend, conditions: "recorded", measures, everyRound: true }),
      ),
      { ...pair, keys: count, conditions: "no latency", everyRound: true } as const,
    ]),
    ...(["no snapshots", "no backups", "zstd", "parallel 32", "counted"] as const).map(
      (conditions): Trial => ({ ...pair, keys: most, conditions, everyRound: false }),
    ),
    { ...pair, subject: "trivialUpdated", keys: most, conditions: "counted", everyRound: false },
  ];
  return trials.filter(({ subject }) => names.includes(subject));
}

function accountsOf(keys: readonly number[]): { resourceGroup: string; name: string }[] {
  return Array.from({ length: keys[keys.length - 1] }, (_, index) => ({
    resourceGroup: "rg-language-production-westeurope",
    name: `contoso-language-production-${String(index + 1).padStart(3, "0")}`,
  }));
}

async function measure(options: BenchmarkOptions, { emulator, folder }: Beside, ran: Circumstances): Promise<number> {
  const { keys, rounds, latency, json } = options;
  const accounts = accountsOf(keys);
  const app = join(folder, "app");
  installPackedApp(app, sdkVersion);
  installTrivialProviders(app);
  const plugins = [installTrivialPlugin(folder), pluginFolder];
  const data: BenchmarkData = {
    command: ran.command,
    finishedAt: "",
    machine: {
      processor: cpus()[0].model.trim(),
      cores: availableParallelism(),
      memoryGB: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()} ${arch()}`,
    },
    versions: ran.versions,
    latency,
    parallelism: 4 * availableParallelism(),
    rounds: 0,
    loading: [],
    cells: [],
  };
  const trials = trialsOf(options);
  const conditions = conditionsOf(latency);
  const progress = await startProgress(`Measuring ${trials.length} stacks, rounds: ${rounds}`);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (let time = 0; time < loadingsEachRound; time++) data.loading.push(measureLoading(app));
      for (const trial of trials) {
        if (!trial.everyRound && round > 1) continue;
        const place = { emulator, accounts: accounts.slice(0, trial.keys), app, plugins, folder };
        addStack(data, trial, await measureStack(trial.subject, trial.measures, conditions[trial.conditions], place));
      }
      data.rounds = round;
      data.finishedAt = new Date().toISOString();
      if (json) writeFileSync(json, benchmarkJson(data));
    }
  } finally {
    progress.stop();
  }
  console.log(overview(data));
  return 0;
}

runBenchmark(__filename, {
  script: "bench",
  usage,
  readOptions,
  emulatorOptions: ({ keys }) => ({ accounts: accountsOf(keys) }),
  measure,
});
