/** `npm run bench:availability`: what a rotation costs the clients of a key, for three designs. `--help` says more. */
import { join } from "node:path";
import { runTrustingProcess } from "../scripts/trustingProcess";
import { readOptions, usage } from "./availabilityOptions";

async function main(args: string[]): Promise<number> {
  // Before anything is searched, built or deployed.
  if (readOptions(args) !== "help") {
    return runTrustingProcess("benchmark", join(__dirname, "availabilityRun.ts"), args);
  }
  process.stdout.write(usage);
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
