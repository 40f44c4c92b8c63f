import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** A script of this repository, run as `npm run` runs it, in a folder of its own. */
export interface Script {
  child: ChildProcess;
  /** Where it runs. */
  folder: string;
  /** Everything so far on stdout and stderr. */
  printed(): string;
  ended: Promise<number | null>;
  /** What it has left where temporary files go; tsx keeps a cache beside that. */
  leftovers(): string[];
}

/** @param file from the root of the repository */
export function startScript(file: string, ...args: string[]): Script {
  const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "script-"));
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const script = resolve(__dirname, "../../..", file);
  const child = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), script, ...args], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  const leftovers = () => readdirSync(temporary).filter((name) => !name.startsWith("tsx-"));
  return { child, folder, printed: () => printed, ended, leftovers };
}
