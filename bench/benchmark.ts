/** `npm run bench`: what keys cost the engine, beside what users would take instead. `--help` says more. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runTrustingProcess } from "../scripts/trustingProcess";
import type { BenchmarkData } from "./benchmarkData";
import { readOptions, usage } from "./benchmarkOptions";
import { writePages } from "./benchmarkPage";

async function main(args: string[]): Promise<number> {
  // Before anything is searched, built or deployed.
  const options = readOptions(args);
  if (options === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (options.pagesFrom === undefined) {
    return runTrustingProcess("benchmark", join(__dirname, "benchmarkRun.ts"), args);
  }
  const data: BenchmarkData = JSON.parse(readFileSync(options.pagesFrom, "utf8"));
  writePages(data);
  return 0;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
