/** The name that a person may have meant by another; `undefined` where more than a third of the letters is wrong. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const meant = plain(name);
  const [nearest] = names
    .map((one) => ({ one, edits: editsBetween(meant, plain(one)) }))
    .sort((a, b) => a.edits - b.edits);
  return nearest !== undefined && nearest.edits <= meant.length / 3 ? nearest.one : undefined;
}

/** `client_ID` and `client-id` are `clientId`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** How many letters have to be added, left out or changed (the distance of Levenshtein). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const above = row;
    row = [index + 1];
    for (const [at, other] of [...b].entries()) {
      row.push(Math.min(above[at] + (letter === other ? 0 : 1), above[at + 1] + 1, row[at] + 1));
    }
  }
  return row[b.length];
}
