import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploymentBoard, engineAddress, FolderBoard } from "../../provider/deploymentBoard";
import { DeploymentMemory } from "../../provider/deploymentMemory";
import { KeyHandler } from "../../provider/key";
import type { KeyOutputs } from "../../provider/keyOutcomes";
import { KeyPairHandler } from "../../provider/keyPair";
import { account, FakeAzure, list, regenerate } from "../support/fakeAzure";

const engine = "127.0.0.1:40001";
/** Processes that run, and one that does not: Linux gives out no greater id. */
const [one, another, ended] = [process.pid, process.ppid, 4_194_305];

let temporary: string;
let folder: string;
const board = (pid: number, address = engine) => new FolderBoard(folder, address, pid);

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "board-"));
  folder = join(temporary, "board");
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

describe("the board of a deployment", () => {
  it("shows a process what the others have posted, as it comes, and nothing of its own", () => {
    const [mine, theirs] = [board(one), board(another)];
    mine.post("used", "a");
    assert.equal(theirs.isPosted("used", "a"), true);
    assert.equal(mine.isPosted("used", "a"), false);
    assert.equal(theirs.isPosted("rotated", "a"), false);
    mine.post("rotated", "a");
    theirs.post("shared", "b");
    assert.equal(theirs.isPosted("rotated", "a"), true);
    assert.equal(mine.isPosted("shared", "b"), true);
    assert.equal(mine.problem, undefined);
  });

  it("is another one for another engine, and none for a process without an engine", () => {
    board(one).post("used", "a");
    assert.equal(board(another, "127.0.0.1:40002").isPosted("used", "a"), false);
    for (const argv of [[], ["--logtostderr"], ["test/unit/**/*.test.ts"]]) {
      const none = deploymentBoard(engineAddress(argv), temporary);
      none.post("used", "a");
      assert.equal(none.problem, undefined);
    }
    assert.deepEqual(readdirSync(temporary), ["board"]);
  });

  it("is found by the last argument, behind those for logs and traces", () => {
    for (const argv of [
      [],
      ["-v=9", "--logtostderr"],
      ["--tracing", "http://127.0.0.1:9411/api"],
      ["--tracing=tcp://127.0.0.1:9411"],
    ]) {
      assert.equal(engineAddress([...argv, engine]), engine);
      assert.equal(engineAddress([...argv, "[::1]:40001"]), "[::1]:40001");
      assert.equal(engineAddress(argv), undefined);
    }
    assert.equal(engineAddress(["--tracing", "http://127.0.0.1:9411"]), undefined, "not where traces go");
    const argv = ["-v=9", "--tracing", "http://127.0.0.1:9411", engine];
    deploymentBoard(engineAddress(argv), temporary).post("used", "a");
    const [made] = readdirSync(temporary);
    assert.match(made, /^pulumi-cognitive-key-rotation-/);
    assert.equal(new FolderBoard(join(temporary, made), engine, another).isPosted("used", "a"), true);
  });

  it("holds no name, and is for this user alone", () => {
    board(one).post("used", "subscription/group/account/Key1");
    const [file] = readdirSync(folder);
    assert.match(file, /^[0-9a-f]{16}-\d+$/);
    assert.match(readFileSync(join(folder, file), "utf8"), /^used [0-9a-f]{64}\n$/);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  });

  it("forgets deployments whose processes have all ended, and no other", () => {
    for (const pid of [another, ended]) board(pid).post("used", "a");
    const [deployment] = readdirSync(folder)[0].split("-");
    const before = new Set(readdirSync(folder));
    board(ended, "127.0.0.1:40002").post("used", "a");
    const [foreign] = readdirSync(folder).filter((name) => !before.has(name));
    const left = [one, another, ended].map((pid) => `${deployment}-${pid}`);
    // A container that shares the folder has processes that cannot be seen from here.
    board(one).post("used", "a");
    assert.deepEqual(readdirSync(folder).sort(), [...left, foreign].sort());
    utimesSync(join(folder, foreign), 0, 0);
    rmSync(join(folder, `${deployment}-${one}`));
    board(one).post("used", "a");
    assert.deepEqual(readdirSync(folder).sort(), left.sort());
  });

  it("takes over nothing from an earlier deployment whose engine had the same address", () => {
    board(ended).post("used", "a");
    assert.equal(board(one).isPosted("used", "a"), false);
    writeFileSync(join(folder, readdirSync(folder)[0]), `used ${"0".repeat(64)}\n`);
    const reused = board(one);
    reused.post("used", "b");
    assert.equal(reused.problem, undefined);
    assert.equal(board(another).isPosted("used", "b"), true);
  });

  it("does not take a line that is half written for one", () => {
    const mine = board(one);
    mine.post("used", "a");
    board(another).post("used", "b");
    const file = readdirSync(folder).find((name) => name.endsWith(`-${another}`)) as string;
    const whole = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), whole.slice(0, 40));
    assert.equal(mine.isPosted("used", "b"), false);
    writeFileSync(join(folder, file), whole);
    assert.equal(mine.isPosted("used", "b"), true);
  });

  const unusable: [what: string, make: () => void, says: RegExp][] = [
    ["is a link that somebody else may have made", () => symlinkSync(temporary, folder), /others can write to it/],
    ["is a file", () => writeFileSync(folder, "", { mode: 0o600 }), /others can write to it/],
    ["is open to others", () => mkdirSync(folder, { mode: 0o750 }), /others can write to it/],
    ["lies where there is no folder", () => rmSync(temporary, { recursive: true }), /ENOENT/],
  ];
  for (const [what, make, says] of unusable) {
    it(`is not used where its folder ${what}, and says so`, () => {
      make();
      const unused = board(one);
      unused.post("used", "a");
      assert.equal(unused.isPosted("used", "a"), false);
      assert.match(String(unused.problem), says);
      if (existsSync(temporary)) assert.deepEqual(readdirSync(temporary), ["board"]);
    });
  }

  it("follows no link in place of its own file", () => {
    board(another).post("used", "a");
    const own = readdirSync(folder)[0].replace(`-${another}`, `-${one}`);
    const target = join(temporary, "target");
    writeFileSync(target, "untouched");
    symlinkSync(target, join(folder, own));
    board(one).post("used", "b");
    assert.equal(readFileSync(target, "utf8"), "untouched");
  });
});

describe("a key that is to be revoked, in one provider process", () => {
  const where = { resourceGroupName: "rg", accountName: "acct" };
  const outputs: KeyOutputs = {
    ...where,
    subscriptionId: account.subscriptionId,
    keyName: "Key1",
    key: "old-1",
    keyFingerprint: "",
    rotatedAt: "2026-01-01T00:00:00.000Z",
    revokeOnDelete: true,
  };
  /** What a process of its own shares between its resources, with this Azure. */
  const processOf = (azure: FakeAzure, pid: number) => ({
    ...azure.context(),
    memory: new DeploymentMemory(board(pid)),
  });

  it("stays live while a resource in the other declares its slot", async () => {
    const azure = new FakeAzure([]);
    await new KeyPairHandler(processOf(azure, another)).check({}, where);
    await new KeyHandler(processOf(azure, one)).delete("id", outputs);
    assert.match(azure.lines[0], /^Not revoked: .*\[not-revoked-in-use\]$/);
    azure.assertDone();
  });

  it("is revoked when no other resource declares it", async () => {
    const azure = new FakeAzure([list(), regenerate()]);
    await new KeyPairHandler(processOf(azure, another)).check({}, { ...where, accountName: "other" });
    await new KeyHandler(processOf(azure, one)).delete("id", outputs);
    azure.assertDone();
  });

  it("stays live, with an error, while it cannot be seen what the other does", async () => {
    writeFileSync(folder, "");
    const azure = new FakeAzure([]);
    await assert.rejects(new KeyHandler(processOf(azure, one)).delete("id", outputs), {
      message: /^Not revoked: .*board cannot be used .*TMPDIR.*\[unseen-processes\]$/,
    });
    azure.assertDone();
  });

  it("is not needed to rotate, nor where nothing is revoked", async () => {
    writeFileSync(folder, "");
    const azure = new FakeAzure([regenerate()]);
    const handler = new KeyHandler(processOf(azure, one));
    await handler.create({ ...where, rotationTrigger: 1 });
    await handler.delete("id", { ...outputs, revokeOnDelete: false });
    azure.assertDone();
  });

  it("and a key that the other renews is not adopted", async () => {
    const azure = new FakeAzure([regenerate()]);
    await new KeyHandler(processOf(azure, another)).create({ ...where, rotationTrigger: 1 });
    const mine = processOf(azure, one);
    for (const adopting of [new KeyHandler(mine).create(where), new KeyPairHandler(mine).create(where)]) {
      await assert.rejects(adopting, { message: /^Not adopted: .*\[two-resources\]$/ });
    }
    azure.assertDone();
  });
});
