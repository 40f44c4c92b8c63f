import { isDeepStrictEqual } from "node:util";
import { type IBufferCell, Terminal } from "@xterm/headless";

/** A recorded terminal, as https://docs.asciinema.org/manual/asciicast/v2/ describes it. */
export interface Asciicast {
  header: { version: 2; width: number; height: number; title: string; env: Record<string, string> };
  /** What was written to the terminal, and when, in seconds since the start. */
  output: [at: number, "o", text: string][];
}

/** Words of one look, from a column on, with one blank between them: a picture cannot rely on more. */
export interface Stretch {
  column: number;
  text: string;
  look: Look;
}

export interface Look {
  /** Of the 256 colours of a terminal; `undefined` is the colour of plain text. */
  colour: number | undefined;
  bold: boolean;
  underlined: boolean;
}

export function parseAsciicast(text: string): Asciicast {
  const [header, ...output] = text.trim().split("\n");
  return { header: JSON.parse(header), output: output.map((line) => JSON.parse(line)) };
}

/** With a line for each entry. */
export function formatAsciicast({ header, output }: Asciicast): string {
  return `${[header, ...output].map((entry) => JSON.stringify(entry)).join("\n")}\n`;
}

/** The screen after each output: its rows, and the stretches of each. */
export async function screensOf({ header, output }: Asciicast): Promise<{ at: number; rows: Stretch[][] }[]> {
  const terminal = terminalOf(header);
  const screens = [];
  for (const [at, , text] of output) {
    await written(terminal, text);
    const { baseY } = terminal.buffer.active;
    const rows = Array.from({ length: header.height }, (_, row) => stretchesOf(terminal, baseY + row));
    screens.push({ at, rows });
  }
  return screens;
}

/** All lines that are left when everything is written, also those that have gone from the screen. */
export async function linesOf({ header, output }: Asciicast): Promise<string[]> {
  const terminal = terminalOf(header);
  await written(terminal, output.map(([, , text]) => text).join(""));
  const { active } = terminal.buffer;
  return Array.from({ length: active.length }, (_, line) => active.getLine(line)?.translateToString(true) ?? "");
}

function terminalOf({ width, height }: Asciicast["header"]): Terminal {
  return new Terminal({ cols: width, rows: height, scrollback: 10_000, allowProposedApi: true });
}

function written(terminal: Terminal, text: string): Promise<void> {
  return new Promise((resolve) => terminal.write(text, resolve));
}

function stretchesOf(terminal: Terminal, line: number): Stretch[] {
  const stretches: Stretch[] = [];
  const buffered = terminal.buffer.active.getLine(line);
  for (let column = 0; column < terminal.cols; column++) {
    const cell = buffered?.getCell(column);
    const text = cell?.getChars().trim();
    if (!cell || !text) continue;
    const look = lookOf(cell);
    const last = stretches.at(-1);
    const blanks = last ? column - last.column - last.text.length : Number.POSITIVE_INFINITY;
    if (last && blanks <= 1 && isDeepStrictEqual(last.look, look)) last.text += " ".repeat(blanks) + text;
    else stretches.push({ column, text, look });
  }
  return stretches;
}

function lookOf(cell: IBufferCell): Look {
  return {
    colour: cell.isFgPalette() ? cell.getFgColor() : undefined,
    bold: cell.isBold() !== 0,
    underlined: cell.isUnderline() !== 0,
  };
}
