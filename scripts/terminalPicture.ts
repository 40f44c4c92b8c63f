import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Asciicast, parseAsciicast, type Stretch, screensOf } from "./asciicast";

/** A column is as wide as `ui-monospace` draws its letters. */
const column = 8.2;
const fontSize = column / 0.6;
const lineHeight = 17;
const padding = 9;
const seconds = {
  /** Screens that follow faster than this are left out. */
  least: 0.1,
  /** Nobody has to watch a pause for longer. */
  most: 2,
  /** How long the last screen stays before it all begins again. */
  end: 6,
};

/** On light and on dark pages; numbers are colours of a terminal. */
const colours: Record<string, [light: string, dark: string]> = {
  paper: ["#f6f8fa", "#151b23"],
  edge: ["#d1d9e0", "#3d444d"],
  text: ["#1f2328", "#f0f6fc"],
  1: ["#cf222e", "#ff7b72"],
  2: ["#116329", "#3fb950"],
  3: ["#7d4e00", "#d29922"],
  8: ["#59636e", "#9198a1"],
  12: ["#0969da", "#58a6ff"],
  13: ["#8250df", "#bc8cff"],
};

/** The recorded terminal as a moving picture, by file. */
export async function terminalPictures(): Promise<Record<string, string>> {
  const cast = readFileSync(join(resolve(__dirname, ".."), "docs/demo.cast"), "utf8");
  return { "docs/demo.svg": await drawTerminal(parseAsciicast(cast)) };
}

interface Frame {
  at: number;
  rows: string[];
}

/**
 * As an SVG that moves without a script, as a page on GitHub shows one. All screens stand below each other, behind a window
 * that is as large as one. The first is the last of the recording: that is shown where nothing moves.
 */
export async function drawTerminal(cast: Asciicast): Promise<string> {
  const frames = framesOf(await screensOf(cast));
  const last = frames[frames.length - 1];
  const height = cast.header.height * lineHeight;
  const width = cast.header.width * column;
  const rows = [...new Set(frames.flatMap((frame) => frame.rows))].filter((row) => row !== "");
  const size = { width: Math.ceil(width + 2 * padding), height: height + 2 * padding };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">
<title>${escaped(cast.header.title)}</title>
<style>
${colourRules(rows.join(""))}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:${fontSize.toFixed(2)}px}
.b{font-weight:600}.u{text-decoration:underline}
#screens{animation:play ${(last.at + seconds.end).toFixed(1)}s step-end infinite}
@keyframes play{${keyframes(frames, height)}}
@media(prefers-reduced-motion:reduce){#screens{animation:none}}
</style>
<defs>
${rows.map((row, index) => `<text id="r${index}">${row}</text>`).join("\n")}
</defs>
<rect x=".5" y=".5" width="${size.width - 1}" height="${size.height - 1}" rx="6" class="paper"/>
<svg x="${padding}" y="${padding}" width="${width}" height="${height}"><g id="screens">
${[last, ...frames].map((frame, index) => drawScreen(frame, index * height, rows)).join("\n")}
</g></svg>
</svg>
`;
}

/** The screens that differ, without those that are gone at once, and without long pauses. */
function framesOf(screens: readonly { at: number; rows: Stretch[][] }[]): Frame[] {
  const frames: Frame[] = [];
  let saved = 0;
  let shown = 0;
  for (const { at, rows } of screens) {
    const frame = { at: 0, rows: rows.map(drawRow) };
    const previous = frames.at(-1);
    if (previous?.rows.join("\n") === frame.rows.join("\n")) continue;
    saved += Math.max(0, at - shown - seconds.most);
    shown = at;
    frame.at = at - saved;
    if (previous && frame.at - previous.at < seconds.least) frames.pop();
    frames.push(frame);
  }
  return frames;
}

function keyframes(frames: readonly Frame[], height: number): string {
  const whole = frames[frames.length - 1].at + seconds.end;
  const rule = (at: number, index: number) =>
    `${((100 * at) / whole).toFixed(2)}%{transform:translateY(${-(index + 1) * height}px)}`;
  return frames.map(({ at }, index) => rule(index === 0 ? 0 : at, index)).join("");
}

function drawScreen({ rows }: Frame, top: number, all: readonly string[]): string {
  const use = (row: string, line: number) =>
    row === "" ? "" : `<use href="#r${all.indexOf(row)}" y="${top + (line + 0.75) * lineHeight}"/>`;
  return rows.map(use).join("");
}

function drawRow(stretches: readonly Stretch[]): string {
  const draw = ({ column: from, text, look: { colour, bold, underlined } }: Stretch) => {
    const classes = [
      ...(colour === undefined ? [] : [`c${colour}`]),
      ...(bold ? ["b"] : []),
      ...(underlined ? ["u"] : []),
    ];
    const name = classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
    return `<tspan x="${Number((from * column).toFixed(1))}"${name}>${escaped(text)}</tspan>`;
  };
  return stretches.map(draw).join("");
}

function colourRules(drawn: string): string {
  const used = [...new Set([...drawn.matchAll(/ class="c(\d+)/g)].map(([, colour]) => colour))];
  const unknown = used.filter((colour) => colours[colour] === undefined);
  if (unknown.length > 0) throw new Error(`the picture of the terminal has no colours ${unknown.join(", ")}`);
  const rules = (index: 0 | 1) => [
    `.paper{fill:${colours.paper[index]};stroke:${colours.edge[index]}}text{fill:${colours.text[index]}}`,
    ...used.map((colour) => `.c${colour}{fill:${colours[colour][index]}}`),
  ];
  return `${rules(0).join("")}\n@media(prefers-color-scheme:dark){${rules(1).join("")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
