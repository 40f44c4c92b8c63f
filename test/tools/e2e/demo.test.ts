import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { AtLeast, exitStatus, factTable, shownFacts } from "../../../scripts/factTable";
import { startScript } from "./script";

const keyOfAnAccount = /[A-Za-z0-9]{52}JQQJ99/;
const failed = /✘/;

const startDemo = (...args: string[]) => startScript("scripts/demo.ts", ...args);

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
  it("ends with a table that begins with what matters, in which every fact holds, shows no key and leaves nothing behind", async () => {
    const demo = startDemo("--all");
    assert.equal(await demo.ended, 0, demo.printed());
    const rows = demo
      .printed()
      .split("\n")
      .filter((line) => line.startsWith("│") && !line.startsWith("│ fact "));
    assert.match(rows[0], /^│ requests refused with a key pair, in 3 rotations +│ 0 +│ 0 /);
    assert.match(rows[1], /^│ requests refused with a single key, in 1 rotation +│ at least 1 +│ \d+ /);
    assert.match(rows[2], /^│ keys printed +│ 0 +│ 0 /);
    assert.ok(rows.length >= 20, demo.printed());
    assert.match(
      demo.printed(),
      new RegExp(`\n${rows.length} of ${rows.length} facts are as they should be, in \\d+ s\\.\n$`),
    );
    assert.deepEqual(
      demo
        .printed()
        .split("\n")
        .filter((line) => line.length > 100 && !line.includes(demo.folder)),
      [],
    );
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
      assert.match(demo.printed(), /All that the demo made is removed/);
    });
  }

  it("shows what matters first, of all else what does not hold, and everything when it is asked", () => {
    const [good, other, bad, leading] = [
      { fact: "good", expected: 1, seen: 1 },
      { fact: "other", expected: 1, seen: 1 },
      { fact: "bad", expected: 1, seen: 2 },
      { fact: "leading", expected: 0, seen: 0, leads: true },
    ];
    const facts = [good, bad, other, leading];
    assert.deepEqual(shownFacts(facts, false), [leading, bad]);
    assert.deepEqual(shownFacts(facts, true), [leading, good, bad, other]);
  });

  it("refuses an option that it does not have, before it starts anything", async () => {
    const demo = startDemo("--everything");
    assert.equal(await demo.ended, 1);
    assert.match(demo.printed(), /^Unknown option '--everything'/);
  });

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
