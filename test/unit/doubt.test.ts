import assert from "node:assert/strict";
import { isDoubtOpen, isInDoubt } from "../../provider/doubt";

const rotationInDoubt = "2026-01-01T00:00:00.000Z";
const at = (time: string) => Date.parse(`2026-01-${time}Z`);

describe("a rotation that ended in doubt", () => {
  for (const [time, open, inDoubt] of [
    ["01T00:00:00.000", true, true],
    ["01T00:04:59.999", true, true],
    ["01T00:05:00.000", false, true],
    ["01T23:59:59.999", false, true],
    ["02T00:00:00.000", false, false],
  ] as const) {
    it(`${open ? "may still have an effect" : "is over"}, and ${inDoubt ? "explains" : "does not explain"} a foreign key, at ${time}`, () => {
      assert.deepEqual(
        [isDoubtOpen({ rotationInDoubt }, at(time)), isInDoubt({ rotationInDoubt }, at(time))],
        [open, inDoubt],
      );
    });
  }

  it("is none without a mark", () => assert.deepEqual([isDoubtOpen({}, 0), isInDoubt({}, 0)], [false, false]));
});
