/** `npm run bench`: what keys cost the engine, beside what users would take instead. `--help` says more. */
import { writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import type { Beside } from "../scripts/besideEmulator";
import { pluginFolder } from "../scripts/buildPlugin";
import { installPackedApp } from "../scripts/packedApp";
import { startProgress } from "../scripts/progress";
import { accountsOf } from "./accountsOf";
import { addStack, type BenchmarkData, benchmarkJson, type ConditionsName } from "./benchmarkData";
import { type BenchmarkOptions, readOptions, usage } from "./benchmarkOptions";
import { overview } from "./benchmarkPage";
import { measureLoading } from "./loading";
import { type Conditions, keepsSnapshots, measureStack } from "./measureStack";
import { measureTerraform } from "./measureTerraform";
import { type Circumstances, runBenchmark } from "./runBenchmark";
import { installSubjects } from "./runSubject";
import { findTerraform, type Terraform } from "./terraform";
import { type Trial, trialsOf } from "./trials";
import { installTrivialPlugin } from "./trivialProvider";

/** The command line, and what it asks to be found. */
interface Options extends BenchmarkOptions {
  terraform?: Terraform;
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

async function readAll(args: readonly string[]): Promise<Options | "help"> {
  const options = readOptions(args, process.env);
  if (options === "help" || options.peer === undefined) return options;
  const terraform = await findTerraform(process.env);
  if (typeof terraform === "string") throw new Error(terraform);
  return { ...options, terraform };
}

async function measure(options: Options, { emulator, folder }: Beside, ran: Circumstances): Promise<number> {
  const { keys, rounds, latency, backend: server, terraform, json } = options;
  const accounts = accountsOf(keys[keys.length - 1]);
  const app = join(folder, "app");
  installPackedApp(app, sdkVersion);
  installSubjects(app);
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
    versions: { ...ran.versions, ...terraform?.versions },
    latency,
    parallelism: 4 * availableParallelism(),
    rounds: 0,
    loading: [],
    cells: [],
  };
  const trials = trialsOf(options);
  const conditions = conditionsOf(latency);
  const measureTrial = async (trial: Trial) => {
    const { subject, backend, measures: wanted } = trial;
    const under = conditions[trial.conditions];
    const place = { emulator, accounts: accounts.slice(0, trial.keys), app, plugins, folder };
    if (subject !== "terraform") {
      const measured = { ...place, backend: backend === "journal" ? server : undefined };
      addStack(data, trial, await measureStack(subject, wanted, under, measured));
    } else if (terraform) {
      addStack(data, trial, await measureTerraform(terraform, wanted, under, place));
    }
  };
  // After each part, so that a run that is cut off has not been for nothing.
  const save = () => {
    data.finishedAt = new Date().toISOString();
    if (json) writeFileSync(json, benchmarkJson(data));
  };
  const progress = await startProgress(`Measuring ${trials.length} stacks, rounds: ${rounds}`);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (let time = 0; time < loadingsEachRound; time++) data.loading.push(measureLoading(app));
      for (const trial of trials.filter(({ everyRound }) => everyRound)) await measureTrial(trial);
      data.rounds = round;
      save();
    }
    for (const trial of trials.filter(({ everyRound }) => !everyRound)) {
      await measureTrial(trial);
      save();
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
  readOptions: readAll,
  environment: ({ backend }) => (backend ? { PULUMI_ACCESS_TOKEN: process.env.PULUMI_ACCESS_TOKEN } : {}),
  emulatorOptions: ({ keys }) => ({ accounts: accountsOf(keys[keys.length - 1]) }),
  measure,
});
