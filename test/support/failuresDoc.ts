import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A message as `docs/failures.md` prints it. */
export interface Entry {
  /** On one line; `…` stands for anything. */
  text: string;
  /** The heading it stands under. */
  section: string;
  /** Finds it in a message, with a group for each part that does not vary. */
  pattern: RegExp;
}

/** What every message is made of, whatever has failed, stands under this heading. */
const frame = "How to read a message";

/**
 * The messages of this package on the page: the blocks marked as `text`, with a blank line between two. Those marked as
 * `console` are Pulumi's own.
 */
export const entries: readonly Entry[] = read(readFileSync(join(__dirname, "../../docs/failures.md"), "utf8"));

/** Whether the page has an entry for what has failed, not only for what all messages have in common. */
export function documented(message: string): boolean {
  return entries.some(({ section, pattern }) => section !== frame && message.search(pattern) !== -1);
}

/** A message without all that the page prints of it: what varies is left, and what is missing there. */
export function leftOf(message: string): string {
  const left = message.split("");
  for (const { pattern } of entries) {
    for (const { indices } of message.matchAll(pattern)) {
      for (const part of indices?.slice(1) ?? []) if (part !== undefined) left.fill(" ", ...part);
    }
  }
  return left.join("");
}

function read(page: string): Entry[] {
  const found: Entry[] = [];
  let section = "";
  for (const [, heading, block] of page.matchAll(/^## (.+)$|^```text\n((?:.|\n)*?)^```$/gm)) {
    section = heading ?? section;
    for (const lines of block?.trim().split("\n\n") ?? []) {
      const text = lines.replaceAll("\n", " ");
      found.push({ text, section, pattern: patternOf(text) });
    }
  }
  return found;
}

function patternOf(text: string): RegExp {
  const parts = text.split("…").filter((part) => part.trim() !== "");
  return new RegExp(parts.map((part) => `(${part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")})`).join(".*?"), "dg");
}
