import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { repositoryOf } from "./repository";

const root = resolve(__dirname, "..");
/** Stands in the pages while package.json names no repository. */
const unset = { owner: "OWNER", name: "NAME" };

/** Where a page needs the repository's absolute address: the badge, as npm's page knows no workflow, and the plugin's releases. */
const address =
  /(github:\/\/api\.github\.com\/|https:\/\/github\.com\/(?=[\w.-]+\/[\w.-]+\/actions\/))[\w.-]+\/[\w.-]+/g;

/** The pages that name the repository, by file, as `repository` in package.json says. */
export function repositoryPages(): Record<string, string> {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const repository = repositoryOf(JSON.parse(read("package.json")));
  return Object.fromEntries(pages().map((file) => [file, withRepository(read(file), repository)]));
}

/** Exported for its test. */
export function withRepository(page: string, repository: { owner: string; name: string } = unset): string {
  return page.replace(address, (_all, host) => `${host}${repository.owner}/${repository.name}`);
}

function pages(): string[] {
  const inFolder = (folder: string) => readdirSync(join(root, folder)).map((name) => join(folder, name));
  const examples = inFolder("examples").map((folder) => join(folder, "README.md"));
  const docs = inFolder("docs").filter((file) => file.endsWith(".md"));
  return ["README.md", ...docs, ...examples.filter((file) => existsSync(join(root, file)))];
}
