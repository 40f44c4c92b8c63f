import assert from "node:assert/strict";
import { addDuration, durationRule } from "../../provider/duration";

describe("an ISO 8601 duration", () => {
  for (const text of ["PT1H", "PT0S", "P7D", "P1M", "P1Y2M10DT2H30M", "PT1.5H", "P2W", "P10Y"]) {
    it(`may be ${text}`, () => assert.equal(durationRule(text), undefined));
  }

  for (const text of [
    "",
    "P",
    "PT",
    "1h",
    "3600",
    "-PT1H",
    "PT-1H",
    "PT1H ",
    "xPT1H",
    "P1DT",
    "P9999999Y",
    "P273790Y",
    "P10YT1S",
  ]) {
    it(`may not be "${text}"`, () => assert.match(String(durationRule(text)), /^must be an ISO 8601 duration/));
  }

  it("may be bounded", () => {
    assert.equal(durationRule("PT60M", { longest: "PT1H" }), undefined);
    assert.match(String(durationRule("PT61M", { longest: "PT1H" })), /from PT0S to PT1H/);
    assert.equal(durationRule("PT1S", { shortest: "PT1S" }), undefined);
    assert.match(String(durationRule("PT0.9S", { shortest: "PT1S" })), /from PT1S to P10Y/);
  });

  it("counts hours as they pass, and days and months as the calendar in UTC has them", () => {
    const added = (start: string, text: string) => new Date(addDuration(Date.parse(start), text)).toISOString();
    assert.equal(added("2026-01-31T12:00:00Z", "PT36H"), "2026-02-02T00:00:00.000Z");
    assert.equal(added("2026-01-31T12:00:00Z", "P1M"), "2026-02-28T12:00:00.000Z");
    assert.equal(added("2026-03-28T12:00:00Z", "P1D"), "2026-03-29T12:00:00.000Z");
  });
});
