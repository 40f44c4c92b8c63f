import assert from "node:assert/strict";
import { takingOver } from "../../components/takingOver";
import type { Handler } from "../../provider/handler";

/** What a handler that answers so makes of state with this provider text. */
function diff(answer: { changes: boolean; replaces?: string[] }, __provider?: string): Promise<unknown> {
  const handler = { diff: async () => answer } as unknown as Handler;
  return takingOver(handler).diff("id", { __provider } as never, {} as never);
}

describe("a resource that a program takes back from the plugin", () => {
  it("is updated first, whatever else there is to do", async () => {
    for (const changes of [false, true]) assert.deepEqual(await diff({ changes }), { changes: true });
  });

  it("is not replaced before that", async () => {
    await assert.rejects(diff({ changes: true, replaces: ["rotationTrigger"] }), {
      message: /^Not touched: .* \[moved-back\]$/,
    });
  });

  it("is compared as any other once it has its provider text", async () => {
    for (const answer of [{ changes: false }, { changes: true, replaces: ["keyName"] }]) {
      assert.deepEqual(await diff(answer, "exports.handler=…"), answer);
    }
  });
});
