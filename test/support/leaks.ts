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
    const needles = [...ends, ...ends.map((end) => Buffer.from(end).toString("base64").replace(/=+$/, ""))];
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
