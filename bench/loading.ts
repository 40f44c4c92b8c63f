import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds, and modules that were not loaded before. */
export interface Loaded {
  milliseconds: number;
  modules: number;
}

/** What processes load. */
export interface Loading {
  /** Until a program of this package can begin, with the start of Node, Pulumi's SDK and this package. */
  program: Loaded;
  /** In the provider process, where Pulumi's SDK is loaded already, for `check` and `diff`. */
  noOp: Loaded;
  /** More there, for the first call: the Azure SDK and its login. */
  firstCall: Loaded;
}

const programScript = `
require("@pulumi/pulumi");
require("pulumi-cognitive-key-rotation");
process.stdout.write(JSON.stringify({ milliseconds: performance.now(), modules: Object.keys(require.cache).length }));
`;
const providerScript = `
require("@pulumi/pulumi");
const load = (...names) => {
  const modules = Object.keys(require.cache).length;
  const start = performance.now();
  for (const name of names) require(name);
  return { milliseconds: performance.now() - start, modules: Object.keys(require.cache).length - modules };
};
const noOp = load("pulumi-cognitive-key-rotation/provider");
const firstCall = load("@azure/core-rest-pipeline", "@azure/identity", "@azure/arm-cognitiveservices");
process.stdout.write(JSON.stringify({ noOp, firstCall }));
`;

/** Loads everything once, in processes of its own. */
export function measureLoading(app: string): Loading {
  const run = (script: string) => {
    const file = join(app, "loading.cjs");
    writeFileSync(file, script);
    return JSON.parse(execFileSync(process.execPath, [file], { cwd: app, encoding: "utf8" }));
  };
  return { program: run(programScript), ...run(providerScript) };
}
