import { writeFileSync } from "node:fs";
import { type MochaOptions, type Runner, reporters } from "mocha";

/** Mocha's own figures of one suite, which `scripts/test.ts` adds up. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** The full titles of the tests and hooks that failed. */
  failures: string[];
}

/** The spec reporter, which also leaves its figures in the file that `TEST_TALLY_FILE` names. */
export default class TallyingReporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const titles = this.failures.map((failed) => failed.fullTitle());
      const tally: Tally = { passed: passes, failed: failures, skipped: pending, failures: titles };
      writeFileSync(process.env.TEST_TALLY_FILE as string, JSON.stringify(tally));
    });
  }
}
