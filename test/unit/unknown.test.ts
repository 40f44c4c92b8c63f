import assert from "node:assert/strict";
import { isUnknown } from "../../provider/unknown";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("a value", () => {
  it("is unknown when it is, or contains at any depth, the unknown sentinel", () => {
    for (const value of [unknown, [unknown], { a: { b: [0, unknown] } }]) assert.equal(isUnknown(value), true);
    for (const value of [undefined, null, 0, "", "x", [], {}, { a: [1, { b: null }] }]) {
      assert.equal(isUnknown(value), false);
    }
  });
});
