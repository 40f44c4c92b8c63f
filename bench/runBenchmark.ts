import { version as sdkVersion } from "@pulumi/pulumi/version";
import type { EmulatorOptions } from "../emulator/emulator";
import { type Beside, runBesideEmulator } from "../scripts/besideEmulator";
import { exitWith } from "../scripts/exitWith";
import { obtainPulumiCli } from "../scripts/pulumiCli";

/** What a benchmark is, beside what both have in common: a command line, and a process beside an emulator. */
export interface Benchmark<Options> {
  /** Its script in package.json. */
  script: string;
  usage: string;
  readOptions(args: readonly string[]): Options | "help" | Promise<Options | "help">;
  /** What the process beside the emulator needs of this one's environment, though it could lead elsewhere. */
  environment?(options: Options): NodeJS.ProcessEnv;
  emulatorOptions(options: Options): Omit<EmulatorOptions, "tls">;
  /** Gives the status to end with. */
  measure(options: Options, place: Beside, circumstances: Circumstances): Promise<number>;
}

/** How figures came about. */
export interface Circumstances {
  /** What was typed. */
  command: string;
  versions: Record<string, string>;
}

/** @param file the script that calls this */
export function runBenchmark<Options>(file: string, benchmark: Benchmark<Options>): Promise<void> {
  const { script, usage, readOptions, environment, emulatorOptions, measure } = benchmark;
  const args = process.argv.slice(2);
  return exitWith(async () => {
    // Before anything is searched, built or deployed.
    const options = await readOptions(args);
    if (options === "help") {
      process.stdout.write(usage);
      return 0;
    }
    const command = [`npm run ${script} --`, ...args].join(" ");
    return runBesideEmulator(
      "benchmark",
      file,
      emulatorOptions(options),
      async (place) => measure(options, place, { command, versions: await versions() }),
      environment?.(options),
    );
  });
}

async function versions(): Promise<Record<string, string>> {
  return {
    "Pulumi CLI": (await obtainPulumiCli()).version,
    "@pulumi/pulumi": sdkVersion,
    "pulumi-cognitive-key-rotation": require("pulumi-cognitive-key-rotation/package.json").version,
    Node: process.versions.node,
  };
}
