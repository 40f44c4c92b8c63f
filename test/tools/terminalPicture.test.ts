import assert from "node:assert/strict";
import { DOMParser } from "@xmldom/xmldom";
import { type Asciicast, formatAsciicast, linesOf, parseAsciicast } from "../../scripts/asciicast";
import { drawTerminal } from "../../scripts/terminalPicture";

function recording(output: [at: number, text: string][]): Asciicast {
  const header = { version: 2 as const, width: 20, height: 2, title: "A & B", env: {} };
  return { header, output: output.map(([at, text]) => [at, "o", text]) };
}

/** What each screen of the picture shows, row by row, in the order in which they stand below each other. */
async function drawn(cast: Asciicast) {
  const faults: string[] = [];
  const svg = await drawTerminal(cast);
  const document = new DOMParser({ onError: (_level, fault) => faults.push(fault) }).parseFromString(svg, "text/xml");
  assert.deepEqual(faults, []);
  const rows = new Map([...document.getElementsByTagName("text")].map((row) => [`#${row.getAttribute("id")}`, row]));
  const screens: string[][] = [];
  for (const use of document.getElementsByTagName("use")) {
    const screen = Math.floor(Number(use.getAttribute("y")) / (2 * 17));
    screens[screen] ??= [];
    screens[screen].push(rows.get(use.getAttribute("href") ?? "")?.textContent ?? "missing");
  }
  return { svg, screens };
}

describe("the picture of a recorded terminal", () => {
  it("has all screens that differ, and first of all the last, for where nothing moves", async () => {
    const cast = recording([
      [0, "$ one"],
      [1, " & two\r\n"],
      [2, "\u001b[?25l"],
      [3, "<three>"],
    ]);
    const { svg, screens } = await drawn(cast);
    const last = ["$ one & two", "<three>"];
    assert.deepEqual(screens, [last, ["$ one"], ["$ one & two"], last]);
    assert.match(svg, /play 9\.0s step-end.*\n.*0\.00%\{.*-34px\)\}11\.11%\{.*-68px\)\}33\.33%\{.*-102px\)\}/);
  });

  it("leaves out screens that are gone at once, and cuts pauses short", async () => {
    const cast = recording([
      [0, "a"],
      [0.5, "b"],
      [0.55, "c"],
      [60, "d"],
    ]);
    const { svg, screens } = await drawn(cast);
    assert.deepEqual(screens.slice(1).flat(), ["a", "abc", "abcd"]);
    assert.match(svg, /play 8\.[56]s/);
  });

  it("keeps columns and looks, and refuses a colour that it cannot show on light and dark pages", async () => {
    const { svg } = await drawn(recording([[0, "a    b \u001b[1m\u001b[38;5;3mc\u001b[0m"]]));
    assert.match(svg, /<tspan x="0">a<\/tspan><tspan x="41">b<\/tspan><tspan x="57.4" class="c3 b">c<\/tspan>/);
    await assert.rejects(drawTerminal(recording([[0, "\u001b[38;5;200mpink"]])), /no colours 200/);
  });

  it("is made of a text that can be read back, with what has gone from the screen", async () => {
    const cast = recording([
      [0, "one\r\ntwo\r\n"],
      [1, "three"],
    ]);
    assert.deepEqual(parseAsciicast(formatAsciicast(cast)), cast);
    assert.deepEqual(await linesOf(cast), ["one", "two", "three"]);
  });
});
