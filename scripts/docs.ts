/**
 * `npm run docs`: writes what is made of the sources into the documentation. `npm run docs:check`: fails where that would
 * change something. Not a unit test, because the compiler reads azure-native's types for it, which takes ten seconds.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { apiReference } from "./apiReference";
import { snippetPages } from "./snippets";

const root = resolve(__dirname, "..");

async function main(check: boolean): Promise<void> {
  const files: Record<string, string> = { ...snippetPages(), ...(await apiReference()) };
  const present = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : undefined);
  const outdated = Object.keys(files).filter((file) => present(file) !== files[file]);
  if (check && outdated.length > 0) {
    throw new Error(
      `${outdated.join(", ")}: not what the sources give. Run "npm run docs", and commit what it writes.`,
    );
  }
  for (const file of outdated) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), files[file]);
    console.log(`${file} is written.`);
  }
}

main(process.argv.includes("--check")).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
