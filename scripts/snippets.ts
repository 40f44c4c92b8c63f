import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "..");

/** A block of code with, in the line above, the file in `examples/` that it is from. */
const block = /^(?:<!-- snippet (\S+) -->\n)?```(\w+)\n([\s\S]*?)^```$/gm;

/**
 * The pages with programs, by file, as the programs in `examples/` make them. Every TypeScript block has a mark; a `diff` may
 * have one, and then its new side must be what the file says.
 */
export function snippetPages(): Record<string, string> {
  return Object.fromEntries(pagesWithPrograms().map((file) => [file, withSnippets(file, read(file))]));
}

/** Exported for its test. */
export function withSnippets(page: string, text: string): string {
  return text.replaceAll(block, (whole, source: string | undefined, language: string, code: string) => {
    if (source === undefined) {
      if (language === "ts")
        throw new Error(`${page}: a program has no mark that says which file it is from:\n${code}`);
      return whole;
    }
    const snippet = snippetOf(source);
    if (language === "diff" && newSide(code) !== snippet) {
      throw new Error(`${page}: what the diff leads to is not ${source}, which is:\n${snippet}`);
    }
    return language === "diff" ? whole : `<!-- snippet ${source} -->\n\`\`\`${language}\n${snippet}\`\`\``;
  });
}

/** A file of `examples/`, or of it what stands in `// #region`. */
function snippetOf(source: string): string {
  if (!source.startsWith("examples/") || !existsSync(join(root, source))) {
    throw new Error(`a page shows ${source}, which is no file in examples/`);
  }
  const text = read(source);
  const region = /^\/\/ #region\n([\s\S]*?)^\/\/ #endregion$/m.exec(text)?.[1] ?? text;
  return `${region.trim()}\n`;
}

function newSide(diff: string): string {
  return diff
    .split("\n")
    .filter((line) => !line.startsWith("-"))
    .map((line) => line.slice(1))
    .join("\n");
}

function pagesWithPrograms(): string[] {
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => `docs/${name}`)];
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
