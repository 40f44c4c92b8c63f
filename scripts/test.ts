/**
 * Runs the tests: `tsx scripts/test.ts [unit] [emulator] [contract] [e2e] [az] [options of mocha]`, without a suite all but az.
 * The last line is `N passed, N failed, N skipped` over the suites that ran, after one for each test that failed.
 *
 * Every suite runs in a mocha process of its own, with these variables set:
 * - those of `emulatorTrust`, made once for all suites;
 * - for e2e and az also `PULUMI_CLI_ROOT` and `PATH`, by which `obtainPulumiCli` finds the CLI again without a search;
 * - for az `PATH` begins with the folder of the Azure CLI.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Tally } from "../test/support/reporter";
import { obtainAzureCli } from "./azureCli";
import { runChild } from "./childProcess";
import { exitWith } from "./exitWith";
import { onInterrupt } from "./interrupt";
import { obtainPulumiCli } from "./pulumiCli";
import { emulatorTrust } from "./trustedEmulator";
import { obtainYamlHost } from "./yamlHost";

interface Suite {
  files: string[];
  /** Options of mocha beside those that all suites share. */
  options: string[];
  /** Whether its tests run `components/` in the mocha process; e2e tests run the packed package elsewhere. */
  covered: boolean;
  needsPulumi: boolean;
  /** Its tests of YAML programs say so when there is none. */
  wantsYamlHost?: boolean;
  needsAzureCli?: boolean;
  /** Runs only when it is named. */
  optIn?: boolean;
}

const suites: Record<string, Suite> = {
  unit: {
    files: ["test/unit/**/*.test.ts", "test/tools/*.test.ts"],
    options: ["--timeout", "2000"],
    covered: true,
    needsPulumi: false,
  },
  emulator: {
    files: ["test/emulator/*.test.ts"],
    options: ["--timeout", "10000", "--parallel", "--jobs", "2"],
    covered: false,
    needsPulumi: false,
  },
  contract: {
    files: ["test/contract/*.test.ts"],
    options: ["--timeout", "10000", "--parallel", "--jobs", "2"],
    covered: true,
    needsPulumi: false,
  },
  e2e: {
    files: ["test/e2e/*.test.ts", "test/tools/e2e/*.test.ts"],
    options: ["--timeout", "180000", "--parallel", "--jobs", "3", "--require", "./test/support/e2eSetup.ts"],
    covered: false,
    needsPulumi: true,
    wantsYamlHost: true,
  },
  az: {
    files: ["test/az/*.test.ts"],
    options: ["--timeout", "180000", "--require", "./test/support/e2eSetup.ts"],
    covered: false,
    needsPulumi: true,
    needsAzureCli: true,
    optIn: true,
  },
};
const sharedOptions = [
  ...["--require", "tsx/cjs", "--require", "./test/support/hooks.ts"],
  ...["--reporter", "./test/support/reporter.ts", "--forbid-only"],
];
const coverageData = "coverage/tmp";
const secondsToCleanUp = 20;

async function main(): Promise<boolean> {
  const { names, mochaOptions } = readArguments(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "key-rotation-test-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(remove);
  const tallies: Tally[] = [];
  let ok = true;
  try {
    const environment = { ...process.env, ...(await emulatorTrust(folder)) };
    rmSync("coverage", { recursive: true, force: true });
    for (const name of names) {
      try {
        const { tally, passed } = await runSuite(name, mochaOptions, folder, environment);
        tallies.push(tally);
        ok &&= passed;
        if (tally.passed + tally.failed === 0 && mochaOptions.length === 0) {
          console.error(`The ${name} suite ran no test.`);
          ok = false;
        }
      } catch (error) {
        // The other suites still have something to say.
        console.error((error as Error).message);
        ok = false;
      }
    }
    const coveredNames = Object.keys(suites).filter((name) => suites[name].covered);
    if (ok && mochaOptions.length === 0 && coveredNames.every((name) => names.includes(name))) {
      ok = await reportCoverage();
    }
  } finally {
    remove();
    forgetInterrupt();
  }
  const sum = (count: "passed" | "failed" | "skipped") => tallies.reduce((total, tally) => total + tally[count], 0);
  if (sum("passed") + sum("failed") === 0) {
    console.error("No test ran.");
    ok = false;
  }
  // Mocha told of them far above, before the suites that followed.
  for (const title of tallies.flatMap(({ failures }) => failures)) console.log(`failed: ${title}`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return ok;
}

/** Suite names come first; the first thing that looks like an option and all after it is for mocha. */
function readArguments(all: string[]): { names: string[]; mochaOptions: string[] } {
  const firstOption = all.findIndex((argument) => argument.startsWith("-"));
  const chosen = firstOption === -1 ? all : all.slice(0, firstOption);
  const mochaOptions = (firstOption === -1 ? [] : all.slice(firstOption)).filter((argument) => argument !== "--");
  const unknown = chosen.find((name) => !(name in suites));
  if (unknown !== undefined) {
    throw new Error(`There is no suite "${unknown}", only ${Object.keys(suites).join(", ")}.`);
  }
  const runs = (name: string) => (chosen.length === 0 ? !suites[name].optIn : chosen.includes(name));
  return { names: Object.keys(suites).filter(runs), mochaOptions };
}

async function runSuite(
  name: string,
  mochaOptions: string[],
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ tally: Tally; passed: boolean }> {
  const suite = suites[name];
  const tallyFile = join(folder, `${name}.json`);
  const env: NodeJS.ProcessEnv = { ...environment, TEST_TALLY_FILE: tallyFile };
  if (suite.needsPulumi) {
    const cli = await obtainPulumiCli();
    console.log(cli.explanation);
    Object.assign(env, cli.environment);
    if (suite.wantsYamlHost) {
      const { explanation, environment } = await obtainYamlHost(cli);
      console.log(explanation);
      Object.assign(env, environment);
    }
  }
  if (suite.needsAzureCli) {
    const { bin, explanation } = await obtainAzureCli();
    console.log(explanation);
    env.PATH = [bin, env.PATH].join(delimiter);
  }
  if (suite.covered) {
    // What `c8 mocha` would set; set here because two processes make one report.
    env.NODE_V8_COVERAGE = coverageData;
  }
  console.log(`\n${name}`);
  const { code } = await runChild(
    process.execPath,
    [require.resolve("mocha/bin/mocha.js"), ...sharedOptions, ...suite.options, ...mochaOptions, ...suite.files],
    { env, inherit: true, grace: secondsToCleanUp * 1000 },
  );
  if (!existsSync(tallyFile)) {
    throw new Error(`The ${name} suite ended with status ${code} before it had run.`);
  }
  return { tally: JSON.parse(readFileSync(tallyFile, "utf8")), passed: code === 0 };
}

/** What counts and how much of it is needed stands in `.c8rc.json`. */
async function reportCoverage(): Promise<boolean> {
  const { code } = await runChild(process.execPath, [require.resolve("c8/bin/c8.js"), "report"], { inherit: true });
  return code === 0;
}

exitWith(async () => ((await main()) ? 0 : 1));
