import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { AtLeast, exitStatus, factTable } from "../../../scripts/factTable";
import { startScript } from "./script";

const keyOfAnAccount = /[A-Za-z0-9]{52}JQQJ99/;
const failed = /✘/;

const startDemo = () => startScript("scripts/demo.ts");

/** Everything that the process started, directly or not. */
function descendants(pid: number): number[] {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const children = processes.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** A process that has ended and waits for its parent to notice no longer counts. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .startsWith("Z");
  } catch {
    return false;
  }
}

describe("npm run demo", () => {
  it("ends with a table in which every fact holds, shows no key and leaves nothing behind", async () => {
    const demo = startDemo();
    assert.equal(await demo.ended, 0, demo.printed());
    assert.match(
      demo.printed(),
      /client on the pair, through 3 rotations: requests .* at least 50 .*\n.* of them refused *│ 0 /,
    );
    assert.match(demo.printed(), /client on the single slot, .*\n.* of them refused *│ at least 1 /);
    const rows = demo
      .printed()
      .split("\n")
      .filter((line) => line.startsWith("│") && !line.startsWith("│ fact "));
    assert.ok(rows.length >= 20, demo.printed());
    assert.deepEqual(
      rows.filter((row) => !row.endsWith("│ ✔  │")),
      [],
    );
    assert.doesNotMatch(demo.printed(), keyOfAnAccount);
    assert.deepEqual(demo.leftovers(), []);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`leaves nothing behind when it is stopped by ${signal} while the engine runs`, async () => {
      const demo = startDemo();
      await new Promise<void>((reached, failure) => {
        demo.child.stdout?.on("data", () => demo.printed().includes("\n2  ") && reached());
        demo.ended.then(() => failure(new Error(`ended too early: ${demo.printed()}`)));
      });
      // The engine of the second `up` has started its provider by then.
      let started: number[] = [];
      while (started.length < 4) started = descendants(demo.child.pid as number);
      demo.child.kill(signal);
      assert.equal(await demo.ended, signal === "SIGINT" ? 130 : 143, demo.printed());
      assert.deepEqual(demo.leftovers(), []);
      assert.deepEqual(started.filter(isRunning), []);
      assert.doesNotMatch(demo.printed(), failed);
      assert.doesNotMatch(demo.printed(), keyOfAnAccount);
      assert.match(demo.printed(), /Everything that the demo made is removed/);
    });
  }

  it("fails when a fact is not as it should be, and when there is none", () => {
    const good = { fact: "ARM calls", expected: ["regenerateKey Key1"], seen: ["regenerateKey Key1"] };
    const bad = { fact: "old key", expected: 401, seen: 200 };
    assert.equal(exitStatus([good]), 0);
    assert.equal(exitStatus([good, bad]), 1);
    assert.equal(exitStatus([]), 1);
    assert.equal(exitStatus([{ ...good, seen: "regenerateKey Key1" }]), 1);
    assert.match(factTable([good]), /ARM calls .* regenerateKey Key1 .* regenerateKey Key1 .* ✔/);
    assert.match(factTable([bad]), /old key .* 401 .* 200 .* ✘/);
    const counted = (seen: unknown) => [{ fact: "refused", expected: new AtLeast(1), seen }];
    assert.match(factTable(counted(7)), /refused .* at least 1 .* 7 .* ✔/);
    assert.deepEqual(
      [1, 0, "7"].map((seen) => exitStatus(counted(seen))),
      [0, 1, 1],
    );
  });
});
