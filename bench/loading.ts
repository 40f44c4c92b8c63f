import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds, and modules that were not loaded before. */
export interface Loaded {
  milliseconds: number;
  modules: number;
}

/** What the provider process loads of this package, where Pulumi's SDK is loaded already as it is there. */
export interface Loading {
  /** For `check` and `diff`. */
  noOp: Loaded;
  /** More, for the first call: the Azure SDK and its login. */
  firstCall: Loaded;
}

const script = `
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

/** Loads it once in a process of its own. */
export function measureLoading(app: string): Loading {
  const file = join(app, "loading.cjs");
  writeFileSync(file, script);
  return JSON.parse(execFileSync(process.execPath, [file], { cwd: app, encoding: "utf8" }));
}
