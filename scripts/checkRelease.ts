/**
 * Whether the tag that a workflow runs for can be published: `tsx scripts/checkRelease.ts`, with `GITHUB_REF_NAME` and
 * `GITHUB_REPOSITORY` as GitHub sets them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Release {
  tag: string;
  /** `owner/name` */
  repository: string;
  packageJson: { version: string; repository?: string | { url?: string } };
  changelog: string;
}

/** In words, and none if it can. */
export function problemsOf({ tag, repository, packageJson, changelog }: Release): string[] {
  const problems: string[] = [];
  const { version } = packageJson;
  if (tag !== `v${version}`) {
    problems.push(`The tag is ${tag}, but package.json has version ${version}: it must be v${version}.`);
  }
  const headings = changelog.split(/\r?\n/);
  const start = `## [${version}] - `;
  if (!headings.some((line) => line.startsWith(start) && isDate(line.slice(start.length)))) {
    problems.push(`CHANGELOG.md has no heading "${start}YYYY-MM-DD".`);
  }
  // npm compares the field with the identity of the workflow and refuses the provenance statement unless they agree.
  const url = typeof packageJson.repository === "string" ? packageJson.repository : packageJson.repository?.url;
  const expected = `git+https://github.com/${repository}.git`;
  if (url !== expected) {
    problems.push(
      `package.json must have "repository": { "type": "git", "url": "${expected}" }, not ${url ?? "none"}.`,
    );
  }
  return problems;
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

function main(): void {
  const read = (file: string) => readFileSync(join(__dirname, "..", file), "utf8");
  const problems = problemsOf({
    tag: process.env.GITHUB_REF_NAME ?? "",
    repository: process.env.GITHUB_REPOSITORY ?? "",
    packageJson: JSON.parse(read("package.json")),
    changelog: read("CHANGELOG.md"),
  });
  for (const problem of problems) {
    console.error(problem);
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (require.main === module) {
  main();
}
