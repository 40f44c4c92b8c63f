import assert from "node:assert/strict";
import { KeyError, toKeyError } from "../../provider/keyError";
import { codeOf } from "../../provider/words";

describe("what is thrown without being foreseen", () => {
  const thrown: [what: unknown, called: RegExp][] = [
    [new TypeError("a key"), /\(TypeError\)/],
    [Object.assign(new Error("a key"), { code: "ECONNRESET" }), /\(Error ECONNRESET\)/],
    ["a key", /\(string\)/],
    [undefined, /\(undefined\)/],
  ];
  for (const [what, called] of thrown) {
    it(`is reduced to what it is, as its text may quote a key: ${called}`, () => {
      const { message, stack } = toKeyError(what);
      assert.match(message, called);
      assert.equal(codeOf(message), "unexpected");
      assert.doesNotMatch(`${message} ${stack}`, /a key/);
    });
  }

  it("is not an error that is meant to be read", () => {
    const error = new KeyError("The key was not changed. [busy]");
    assert.equal(toKeyError(error), error);
  });
});
