import assert from "node:assert/strict";
import { endWithParent } from "../../plugin/endWithParent";

describe("the plugin's process", () => {
  it("ends within a second when its parent is gone, and not before", () => {
    const ticks: { tick: () => void; ms: number }[] = [];
    let ended = false;
    const exit = () => {
      ended = true;
    };
    const child = { ppid: 41, exit: exit as NodeJS.Process["exit"] };
    endWithParent(child, (tick, ms) => {
      ticks.push({ tick, ms });
      return { unref: () => {} };
    });
    const [{ tick, ms }] = ticks;
    assert.ok(ms < 1000);
    tick();
    assert.equal(ended, false);
    child.ppid = 1;
    tick();
    assert.equal(ended, true);
  });
});
