import { join } from "node:path";
import { buildSync } from "esbuild";
import { outputOf } from "../scripts/childProcess";
import type { SubjectCommand, SubjectRun } from "./subjectProcess";
import { installTrivialProviders } from "./trivialProvider";

const fileName = "program.js";
const millisecondsToCleanUp = 20_000;

/**
 * Puts into the app folder what `runSubject` runs, and the trivial providers. There it takes the packages that are
 * installed. A program that came from this repository would make each state as large as the path of the repository is long.
 */
export function installSubjects(app: string): void {
  installTrivialProviders(app);
  const entryPoints = [join(__dirname, "subjectProcess.ts")];
  const outfile = join(app, fileName);
  buildSync({ entryPoints, outfile, bundle: true, platform: "node", target: "node20", packages: "external" });
}

/** Runs the command in a process of its own, so that the emulator in this one does not wait for the program. */
export async function runSubject(command: SubjectCommand): Promise<SubjectRun> {
  const args = [join(command.app, fileName), JSON.stringify(command)];
  return JSON.parse(await outputOf(process.execPath, args, { cwd: command.app, grace: millisecondsToCleanUp }));
}
