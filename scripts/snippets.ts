import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "..");

/** A block of code with, in the line above, the file in `examples/` that it is, and of a `diff` the one that it is made from. */
const block = /^(?:<!-- snippet (\S+)(?: from (\S+))? -->\n)?```(\w+)\n([\s\S]*?)^```$/gm;

/**
 * The pages with programs, by file, as the programs in `examples/` make them. Every TypeScript block has a mark; a `diff` may
 * have one, and then its sides must be what the files say.
 */
export function snippetPages(): Record<string, string> {
  return Object.fromEntries(pagesWithPrograms().map((file) => [file, withSnippets(file, read(file))]));
}

/** Exported for its test. */
export function withSnippets(page: string, text: string): string {
  return text.replaceAll(block, (whole, source: string | undefined, from: string | undefined, language, code) => {
    if (source === undefined) {
      if (language === "ts")
        throw new Error(`${page}: a program has no mark that says which file it is from:\n${code}`);
      return whole;
    }
    if (language === "diff") {
      requireSide(page, code, "-", source);
      if (from !== undefined) requireSide(page, code, "+", from);
      return whole;
    }
    return `<!-- snippet ${source} -->\n\`\`\`${language}\n${snippetOf(source)}\`\`\``;
  });
}

/** @param left the sign of the lines that only the other side has */
function requireSide(page: string, diff: string, left: "+" | "-", source: string): void {
  const lines = diff.split("\n").filter((line) => !line.startsWith(left));
  const side = lines.map((line) => line.slice(1)).join("\n");
  if (side === snippetOf(source)) return;
  throw new Error(`${page}: a side of the diff is not ${source}, but:\n${side}`);
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

function pagesWithPrograms(): string[] {
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => `docs/${name}`)];
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
