/**
 * Runs checks and suites of tests: `tsx scripts/test.ts [lint] [types] [docs:check] [build] [unit] [emulator] [contract] [e2e] [az]
 * [options of mocha]`, without a name all but az. A check that fails ends it.
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
import { formatElapsed } from "./progress";
import { obtainPulumiCli } from "./pulumiCli";
import { emulatorTrust } from "./trustedEmulator";
import { obtainYamlHost } from "./yamlHost";

interface Suite {
  /** How long it takes on two cores. */
  seconds: number;
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

/** Scripts of package.json that run before the suites, and how long they take on two cores. */
const checks: Record<string, number> = { lint: 5, types: 10, "docs:check": 15, build: 20 };
const suites: Record<string, Suite> = {
  unit: {
    seconds: 20,
    files: ["test/unit/**/*.test.ts", "test/tools/*.test.ts"],
    options: ["--timeout", "2000"],
    covered: true,
    needsPulumi: false,
  },
  emulator: {
    seconds: 5,
    files: ["test/emulator/*.test.ts"],
    options: ["--timeout", "10000", "--parallel", "--jobs", "2"],
    covered: false,
    needsPulumi: false,
  },
  contract: {
    seconds: 40,
    files: ["test/contract/*.test.ts"],
    options: ["--timeout", "10000", "--parallel", "--jobs", "2"],
    covered: true,
    needsPulumi: false,
  },
  e2e: {
    seconds: 720,
    files: ["test/e2e/*.test.ts", "test/tools/e2e/*.test.ts"],
    options: ["--timeout", "180000", "--parallel", "--jobs", "3", "--require", "./test/support/e2eSetup.ts"],
    covered: false,
    needsPulumi: true,
    wantsYamlHost: true,
  },
  az: {
    seconds: 120,
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
  const started = Date.now();
  const suiteNames = names.filter((name) => name in suites);
  const isWhole = mochaOptions.length === 0;
  if (isWhole && names.length > 1) tellPlan(names);
  for (const name of names.filter((name) => name in checks)) {
    tellStep(name, names, true);
    const { code } = await runChild("npm", ["run", "--silent", name], { inherit: true });
    if (code !== 0) throw new Error(`\`npm run ${name}\` failed.`);
  }
  const folder = mkdtempSync(join(tmpdir(), "key-rotation-test-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(remove);
  const tallies: Tally[] = [];
  let ok = true;
  try {
    const environment = { ...process.env, ...(await emulatorTrust(folder)) };
    rmSync("coverage", { recursive: true, force: true });
    for (const name of suiteNames) {
      tellStep(name, names, isWhole);
      try {
        const { tally, passed } = await runSuite(name, mochaOptions, folder, environment);
        tallies.push(tally);
        ok &&= passed;
        if (tally.passed + tally.failed === 0 && isWhole) {
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
    if (ok && isWhole && coveredNames.every((name) => names.includes(name))) {
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
  console.log(`Ended after ${formatElapsed(Date.now() - started)}.`);
  // Mocha told of them far above, before the suites that followed.
  for (const title of tallies.flatMap(({ failures }) => failures)) console.log(`failed: ${title}`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return ok;
}

function tellPlan(names: string[]): void {
  const whole = names.reduce((seconds, name) => seconds + secondsOf(name), 0);
  console.log(`${names.join(", ")}: about ${inWords(whole)} on two cores.`);
  if (names.some((name) => suites[name]?.needsPulumi)) {
    console.log("If no Pulumi CLI is found, one is installed. Where it has to be built, that adds 4 to 7 minutes.");
  }
}

/** @param isWhole whether all of it runs, which takes as long as it was measured to take */
function tellStep(name: string, names: string[], isWhole: boolean): void {
  const time = isWhole ? `, about ${inWords(secondsOf(name))}` : "";
  console.log(`\n${names.indexOf(name) + 1} of ${names.length}: ${name}${time}`);
}

function secondsOf(name: string): number {
  return checks[name] ?? suites[name].seconds;
}

function inWords(seconds: number): string {
  return seconds < 60 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

/** Names come first; the first thing that looks like an option and all after it is for mocha. */
function readArguments(all: string[]): { names: string[]; mochaOptions: string[] } {
  const firstOption = all.findIndex((argument) => argument.startsWith("-"));
  const chosen = firstOption === -1 ? all : all.slice(0, firstOption);
  const mochaOptions = (firstOption === -1 ? [] : all.slice(firstOption)).filter((argument) => argument !== "--");
  const known = [...Object.keys(checks), ...Object.keys(suites)];
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`There is no "${unknown}", only ${known.join(", ")}.`);
  }
  const runs = (name: string) => (chosen.length === 0 ? !suites[name]?.optIn : chosen.includes(name));
  return { names: known.filter(runs), mochaOptions };
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
  console.log("\nCoverage by the suites unit and contract");
  const { code } = await runChild(process.execPath, [require.resolve("c8/bin/c8.js"), "report"], { inherit: true });
  return code === 0;
}

exitWith(async () => ((await main()) ? 0 : 1));
