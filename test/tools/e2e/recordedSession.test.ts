import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Asciicast, formatAsciicast, linesOf, parseAsciicast } from "../../../scripts/asciicast";
import { recordSession } from "./recordedSession";

const file = join(resolve(__dirname, "../../.."), "docs/demo.cast");

/** What the terminal shows in every run; blanks fill up to a time, which may be longer or shorter. */
async function shown(cast: Asciicast): Promise<string[]> {
  const masked = (line: string) =>
    line
      .replace(/"[0-9a-f]{12}"/g, '"fingerprint"')
      .replace(/\d+(\.\d+)?s\b/g, "time")
      .replace(/ +/g, " ");
  return (await linesOf(cast)).map(masked);
}

describe("the recorded terminal", () => {
  it("shows what a terminal shows today, and no key and no place of the machine", async function () {
    this.timeout(300_000);
    const { cast, secrets } = await recordSession();
    const text = formatAsciicast(cast);
    const places = { tmpdir: tmpdir(), homedir: homedir(), hostname: hostname() };
    const shownPlaces = Object.entries(places).filter(([, place]) => text.includes(place));
    assert.deepEqual(shownPlaces, []);
    assert.equal([...secrets].filter((secret) => text.includes(secret)).length, 0, "keys are shown");
    if (process.env.UPDATE_RECORDING) writeFileSync(file, text);
    const recorded = parseAsciicast(readFileSync(file, "utf8"));
    // Another CLI has other words.
    if (recorded.header.env.PULUMI_VERSION !== cast.header.env.PULUMI_VERSION) this.skip();
    assert.deepEqual(await shown(recorded), await shown(cast), "npm run demo:record makes a new recording");
  });
});
