import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { endWithEngine } from "../../provider/endWithEngine";

type Stdin = NodeJS.Process["stdin"];

/** A process with this stdin, and whether it was ended. */
function processWith(stdin: unknown) {
  const told = { ended: false };
  const exit = () => {
    told.ended = true;
  };
  endWithEngine({ stdin: stdin as Stdin, exit: exit as NodeJS.Process["exit"] });
  return told;
}

describe("the provider process", () => {
  it("ends when the other end of its pipe is gone, and not before", async () => {
    const pipe = new Socket();
    const told = processWith(pipe);
    assert.equal(told.ended, false);
    const closed = once(pipe, "close");
    pipe.destroy();
    await closed;
    assert.equal(told.ended, true);
  });

  it("takes no notice of a terminal, of a file or of nothing, which somebody gives who starts it by hand", async () => {
    for (const stdin of [Object.assign(new Socket(), { isTTY: true }), new PassThrough()]) {
      const told = processWith(stdin);
      const closed = once(stdin, "close");
      stdin.destroy();
      await closed;
      assert.equal(told.ended, false);
    }
  });
});
