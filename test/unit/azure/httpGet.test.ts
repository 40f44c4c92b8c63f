import assert from "node:assert/strict";
import { requestFailure } from "../../../provider/azure/httpGet";

describe("why a request brought nothing", () => {
  const failures: [failure: object, reason: RegExp][] = [
    [{ name: "AbortError" }, /^no answer within 0\.5 s$/],
    [{ name: "SyntaxError" }, /^the answer is not JSON$/],
    [{ code: "ECONNREFUSED" }, /^the server cannot be reached \(ECONNREFUSED\)/],
    [{ code: "CERT_HAS_EXPIRED" }, /^the server's certificate is not trusted \(CERT_HAS_EXPIRED\)/],
    [{ code: "ETIMEDOUT" }, /^no answer in time \(ETIMEDOUT\)$/],
    [{ code: "ECONNRESET" }, /^the connection failed \(ECONNRESET\)$/],
    [{ name: "RestError" }, /^the connection failed \(RestError\)$/],
  ];
  for (const [failure, reason] of failures) {
    it(`is said without a word of the answer: ${reason}`, () => {
      const said = requestFailure(Object.assign(new Error("a key"), failure), 500);
      assert.match(said, reason);
      assert.doesNotMatch(said, /a key/);
    });
  }
});
