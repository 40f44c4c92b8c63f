/** `npm run docs`: writes what is made of the sources into the documentation. A unit test compares. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { apiReference, apiReferenceFile } from "./apiReference";
import { snippetPages } from "./snippets";

const root = resolve(__dirname, "..");

async function main(): Promise<void> {
  const files = { ...snippetPages(), [apiReferenceFile]: await apiReference() };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
