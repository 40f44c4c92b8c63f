/**
 * `npm run docs`: writes what is made of the sources into the documentation. `npm run docs:check`: fails where that would
 * change something. Not a unit test, because the compiler reads azure-native's types for it, which takes ten seconds.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { benchmarkPages } from "../bench/benchmarkPage";
import { apiReference } from "./apiReference";
import { exitWith } from "./exitWith";
import { pluginSchemaFile } from "./pluginSchema";
import { repositoryPages } from "./repositoryPages";
import { snippetPages } from "./snippets";
import { terminalPictures } from "./terminalPicture";

const root = resolve(__dirname, "..");

async function main(check: boolean): Promise<number> {
  const outdated: string[] = [];
  // One after the other: several write into the same page.
  for (const make of [
    snippetPages,
    repositoryPages,
    benchmarkPages,
    terminalPictures,
    pluginSchemaFile,
    apiReference,
  ]) {
    for (const [file, content] of Object.entries(await make())) {
      const path = join(root, file);
      if (existsSync(path) && readFileSync(path, "utf8") === content) continue;
      outdated.push(file);
      if (check) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      console.log(`${file} is written.`);
    }
  }
  if (!check || outdated.length === 0) return 0;
  throw new Error(`${outdated.join(", ")}: not what the sources give. Run "npm run docs", and commit what it writes.`);
}

exitWith(() => main(process.argv.includes("--check")));
