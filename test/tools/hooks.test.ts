import assert from "node:assert/strict";

describe("an assertion of a test that fails", () => {
  it("says so at once, without a look into the source", () => {
    assert.throws(() => assert.ok(undefined), { message: "is not truthy" });
    assert.throws(() => assert.ok(0, "a reason"), { message: "a reason" });
  });
});
