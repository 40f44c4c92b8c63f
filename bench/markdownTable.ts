/** A table whose first columns are text. The others are numbers, which stand at the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[], textColumns = 1): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index < textColumns ? "---" : "---:"))), ...rows.map(line)].join(
    "\n",
  );
}
