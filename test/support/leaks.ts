import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** As much of a secret as nobody may see: a quarter of a key and more than any shared part of a token. */
const telling = 24;

/**
 * Each place where a text shows the beginning or the end of a secret, as it is or in Base64, with what stands before it. The
 * beginnings of bearer tokens, which are the same for all, do not count.
 */
export function findLeaks(text: string, secrets: Iterable<string>): string[] {
  const needles = new Set<string>();
  for (const secret of secrets) {
    const ends = [secret.slice(-telling), ...(secret.startsWith("eyJ") ? [] : [secret.slice(0, telling)])];
    for (const needle of [...ends, ...ends.flatMap(inBase64)]) needles.add(needle);
  }
  const lengths = new Set([...needles].map((needle) => needle.length));
  const found = new Set<string>();
  // Logs repeat themselves: what is long enough to hold a secret is searched once, however many secrets there are.
  for (const word of new Set(text.match(/[\w+/=.-]{10,}/g))) {
    for (const length of lengths) {
      for (let at = 0; at + length <= word.length; at++) {
        const part = word.slice(at, at + length);
        if (needles.has(part)) found.add(part);
      }
    }
  }
  return [...found].map((needle) => {
    // Not the rest of the secret, which may stand right before.
    const before = text.slice(0, text.indexOf(needle)).replace(/[\w+/=.-]*$/, "");
    return `…${before.slice(-120)}<${needle.length} characters of a secret>`;
  });
}

/** What is the same in Base64 however many bytes stand before the text. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((skipped) => {
    const rest = text.slice(skipped);
    return Buffer.from(rest.slice(0, rest.length - (rest.length % 3))).toString("base64");
  });
}

/** Everything in the files of these folders. */
export function contents(...folders: string[]): string {
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"))
    .join("\n");
}
