import assert from "node:assert/strict";
import { type Board, type Notice, noBoard } from "../../provider/deploymentBoard";
import { DeploymentMemory } from "../../provider/deploymentMemory";
import type { Issued } from "../../provider/issuance";

const slot = { resourceGroupName: "rg", accountName: "acct", keyName: "Key1" } as const;
const second = { ...slot, keyName: "Key2" } as const;
const [here, elsewhere] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const issued: Issued = { keys: { Key1: "new", Key2: "old" }, rotatedAt: "2026-01-01T00:00:00.000Z" };

/** The memories of provider processes, each of which sees what the others have posted. */
function processes(count: number): DeploymentMemory[] {
  const posted: { by: number; notice: Notice; slot: string }[] = [];
  const boards = Array.from({ length: count }, (_, by): Board => {
    return {
      problem: undefined,
      post: (notice, name) => void posted.push({ by, notice, slot: name }),
      isPosted: (notice, name) => posted.some((one) => one.by !== by && one.notice === notice && one.slot === name),
    };
  });
  return boards.map((board) => new DeploymentMemory(board));
}

describe("the memory of a deployment", () => {
  for (const count of [1, 2]) {
    const memories = () => {
      const [mine, theirs = mine] = processes(count);
      return [mine, theirs];
    };

    it(`knows what was done with a slot, by subscription where it is known: processes: ${count}`, () => {
      const [mine, theirs] = memories();
      assert.equal(theirs.slot(slot, here).claim, undefined);
      mine.slot(slot, here).noteClaim("used");
      assert.equal(theirs.slot(slot, here.toUpperCase()).claim, "used");
      assert.equal(theirs.slot(slot, elsewhere).claim, undefined);
      mine.slot(slot, here).noteClaim("rotated");
      mine.slot(slot, here).noteClaim("used");
      assert.equal(theirs.slot({ ...slot, accountName: "ACCT" }, here).claim, "rotated", "which outranks used");
      mine.slot(slot).noteClaim("used");
      assert.equal(theirs.slot(slot, elsewhere).claim, "used", "it may be any subscription");
      assert.equal(theirs.slot(second, here).claim, undefined);
    });

    it(`lets renew no slot that another resource publishes: processes: ${count}`, () => {
      const [mine, theirs] = memories();
      assert.equal(mine.share([mine.slot(slot, here)]), true);
      assert.equal(theirs.share([theirs.slot(slot, here)]), true, "any number may publish what is there");
      assert.equal(theirs.reserve([theirs.slot(slot, here)]), false);
      assert.equal(mine.reserve([mine.slot(second, here)]), true);
      assert.equal(theirs.reserve([theirs.slot(second, here)]), false);
      assert.equal(theirs.reserve([theirs.slot(slot, here), theirs.slot(second, here)]), false);
      assert.equal(theirs.reserve([theirs.slot(second, elsewhere)]), true);
      assert.equal(theirs.share([theirs.slot(second, here)]), count === 1, "what another process renews is dead soon");
    });
  }

  it("lets renew a slot again when all who published it have let go", () => {
    const memory = new DeploymentMemory(noBoard);
    const slots = [memory.slot(slot, here)];
    for (let publisher = 0; publisher < 2; publisher++) memory.share(slots);
    memory.release(slots);
    assert.equal(memory.reserve(slots), false);
    memory.release(slots);
    assert.equal(memory.reserve(slots), true);
  });

  it("keeps a key that is not published for an attempt with the same trigger, and no other", () => {
    const memory = new DeploymentMemory(noBoard);
    memory.slot(slot, here).keep({ a: 1, b: 0 }, issued);
    assert.equal(memory.slot(slot, here).kept({ b: -0, a: 1 }), issued);
    for (const trigger of [undefined, "a", { a: 1 }]) assert.equal(memory.slot(slot, here).kept(trigger), undefined);
    assert.equal(memory.slot(second, here).kept({ a: 1, b: 0 }), undefined);
    memory.slot(slot, here).forget();
    assert.equal(memory.slot(slot, here).kept({ a: 1, b: 0 }), undefined);
  });

  it("tells the comparison of a refresh from that of an update, once", () => {
    const memory = new DeploymentMemory(noBoard);
    memory.key(slot, here).noteRefresh();
    assert.equal(memory.pair(slot, here).takeRefresh(), false, "a pair is none of its keys");
    assert.equal(memory.key(second, here).takeRefresh(), false);
    assert.deepEqual([memory.key(slot, here).takeRefresh(), memory.key(slot, here).takeRefresh()], [true, false]);
  });

  it("knows the other subscription in which a resource is stored", () => {
    const pair = new DeploymentMemory(noBoard).pair(slot);
    assert.equal(pair.otherSubscription(here), undefined);
    pair.noteSubscription(elsewhere.toUpperCase());
    assert.equal(pair.otherSubscription(elsewhere), undefined);
    assert.equal(pair.otherSubscription(here), elsewhere);
  });

  it("says why other processes cannot be seen", () => {
    assert.equal(new DeploymentMemory({ ...noBoard, problem: "no folder" }).unseen, "no folder");
    assert.equal(new DeploymentMemory(noBoard).unseen, undefined);
  });
});
