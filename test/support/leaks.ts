import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** As much of a secret as nobody may see: a quarter of a key and more than any shared part of a token. */
const telling = 24;

/**
 * Each place where a text shows the beginning or the end of a secret, as it is or in Base64, with what stands before it. The
 * beginnings of bearer tokens, which are the same for all, do not count.
 */
export function findLeaks(text: string, secrets: Iterable<string>): string[] {
  // Logs repeat themselves: what is long enough to hold a secret is searched once.
  const words = [...new Set(text.match(/[\w+/=.-]{10,}/g))].join("\n");
  const found: string[] = [];
  for (const secret of secrets) {
    const ends = [secret.slice(-telling), ...(secret.startsWith("eyJ") ? [] : [secret.slice(0, telling)])];
    const needles = [...ends, ...ends.flatMap(inBase64)];
    for (const needle of new Set(needles)) {
      if (!words.includes(needle)) continue;
      const at = text.indexOf(needle);
      // Not the rest of the secret, which may stand right before.
      const before = text.slice(0, at).replace(/[\w+/=.-]*$/, "");
      found.push(`…${before.slice(-120)}<${needle.length} characters of a secret>`);
    }
  }
  return found;
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
