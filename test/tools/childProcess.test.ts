import assert from "node:assert/strict";
import { outputOf, runChild } from "../../scripts/childProcess";

describe("runChild", () => {
  it("returns the status and what was printed", async () => {
    assert.deepEqual(await runChild("sh", ["-c", "echo out; echo err >&2; exit 3"]), {
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("rejects when the program is missing", async () => {
    await assert.rejects(runChild("no-such-program", []), { code: "ENOENT" });
  });

  it("stops the program and what it started when the time is up", async () => {
    const started = Date.now();
    const program = "sleep 30 & sleep 30; echo done";

    await assert.rejects(runChild("sh", ["-c", program], { timeout: 100 }), /^Error: sh was stopped: not finished/);

    // "close" waits for every holder of the output, so an earlier end means that the grandchild is gone too.
    assert.ok(Date.now() - started < 1500);
  });
});

describe("outputOf", () => {
  it("returns what was printed, and says in words what is missing or has failed", async () => {
    assert.equal(await outputOf("echo", ["out"]), "out\n");
    await assert.rejects(outputOf("no-such-program", []), { message: "there is no `no-such-program`" });
    await assert.rejects(outputOf("sh", ["-c", "echo why >&2; exit 3"]), {
      message: "`sh -c echo why >&2; exit 3` ended with 3: why",
    });
  });
});
