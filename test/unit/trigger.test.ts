import assert from "node:assert/strict";
import { asksForRotation, equalTriggers, lastTrigger, triggerAsksForRotation } from "../../provider/trigger";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("a rotation trigger", () => {
  const values: [last: unknown, wanted: unknown, rotates: boolean][] = [
    [undefined, undefined, false],
    [undefined, null, false],
    [null, undefined, false],
    ["a", undefined, false],
    ["a", null, false],
    ["a", "a", false],
    ["a", "b", true],
    [undefined, "a", true],
    [undefined, "", true],
    [undefined, 0, true],
    [undefined, false, true],
    [null, "a", true],
    ["", 0, true],
    [0, false, true],
    [1, "1", true],
    [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, false],
    [[1, 2], [2, 1], true],
    [{ a: null }, {}, true],
    [0, -0, false],
    [-0, 0, false],
    [{ a: [0, { b: -0 }] }, { a: [-0, { b: 0 }] }, false],
    [{ a: [0] }, { a: [-1] }, true],
    [[0], { 0: 0 }, true],
    ["a", unknown, true],
    [{ a: 1 }, { a: unknown }, true],
    [[1], [[unknown]], true],
  ];
  for (const [last, wanted, rotates] of values) {
    it(`${JSON.stringify(last)} → ${JSON.stringify(wanted)} ${rotates ? "rotates" : "does nothing"}`, () => {
      assert.equal(triggerAsksForRotation(last, wanted), rotates);
      assert.equal(asksForRotation({ key: "k", rotationTrigger: last }, { rotationTrigger: wanted }), rotates);
    });
  }

  it("is the same where neither is there", () => assert.equal(equalTriggers(undefined, null), true));

  const lost: [what: string, kept: unknown, wanted: unknown, rotates: boolean][] = [
    ["a secret", null, "a", false],
    ["a part that is a secret", { month: null, by: "x" }, { month: 11, by: "x" }, false],
    ["a part beside another that has changed", { month: null, by: "x" }, { month: 11, by: "y" }, true],
    ["a part beside one that is new", { month: null }, { month: 11, by: "y" }, true],
    ["a part of an object that is text now", { month: null }, "11", true],
    ["a list", [null, 1], [{ a: 1 }, 1], false],
    ["a list that has grown", [null], ["a", "b"], true],
    ["nothing, as it was no secret", "a", "b", true],
  ];
  for (const [what, rotationTrigger, wanted, rotates] of lost) {
    it(`${rotates ? "rotates" : "does nothing"} where state has lost ${what}, with its keys or before a refresh`, () => {
      for (const stored of [
        { key: null as unknown as string, rotationTrigger },
        { key: "", rotationTrigger },
        { key: "read again", rotationTrigger, triggerLost: true as const },
      ]) {
        assert.equal(asksForRotation(stored, { rotationTrigger: wanted }), rotates);
      }
    });
  }

  it("is remembered when it is taken out of the program", () => {
    for (const rotationTrigger of [undefined, null]) {
      assert.deepEqual(lastTrigger({ rotationTrigger: "a" }, { rotationTrigger }), { rotationTrigger: "a" });
      assert.deepEqual(lastTrigger({}, { rotationTrigger }), {});
    }
    assert.deepEqual(lastTrigger({ rotationTrigger: "a" }, { rotationTrigger: 0 }), { rotationTrigger: 0 });
  });
});
