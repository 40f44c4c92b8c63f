/** `tsx bench/timeToPort.ts`: how long the built plugin takes until the engine can call it. At most 250 ms, if idle. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pluginFolder, pluginName } from "../scripts/buildPlugin";
import { exitWith } from "../scripts/exitWith";
import { spreadOf } from "./benchmarkData";

const runs = 15;

/** Milliseconds from the start of the process to its first line. */
async function timeToPort(): Promise<number> {
  const start = performance.now();
  const plugin = spawn(join(pluginFolder, pluginName), { stdio: ["pipe", "pipe", "inherit"] });
  await once(plugin.stdout, "data");
  const milliseconds = performance.now() - start;
  plugin.stdin.end();
  await once(plugin, "close");
  return milliseconds;
}

exitWith(async () => {
  const all: number[] = [];
  for (let run = 0; run < runs; run++) all.push(await timeToPort());
  const { median, min, max } = spreadOf(all);
  console.log(`${Math.round(median)} ms (${Math.round(min)} to ${Math.round(max)}, ${runs} runs)`);
  return 0;
});
