import assert from "node:assert/strict";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../../emulator/emulator";
import { needsFailedUpdates, needsFileBackend } from "../support/backends";
import { failing, type Program, type Run } from "../support/deployment";
import { dynamic } from "../support/forms";
import { inBothForms, replaced } from "../support/scenario";
import { CrashScene } from "./crashScene";

const notYet: Fault = { strikes: "beforeEffect", outcome: "silence" };
const done: Fault = { strikes: "afterEffect", outcome: "silence" };
const throttled = (seconds: number): Fault => ({
  strikes: "beforeEffect",
  outcome: { status: 429, headers: { "Retry-After": `${seconds}` }, body: { error: { code: "TooManyRequests" } } },
});
const started = { single: "start", paired: "start", minimumOverlap: "PT0S" };
const bothRotated = { ...replaced, update: 1 };

/** Milliseconds for what waits for nothing, on a machine that runs other tests too. */
const soon = 20_000;

/** The run of a command that must fail, and must not go on for longer than this. */
async function failingWithin(milliseconds: number, command: Promise<Run>): Promise<Run> {
  const from = Date.now();
  const run = await failing(command);
  const took = Date.now() - from;
  assert.ok(took < milliseconds, `the command has gone on for ${took} ms`);
  return run;
}

describe("a rotation that is cut off", () => {
  it("by a backend that cannot be written is repeated by the next up", async function () {
    needsFileBackend(this, "it makes the files of a state unwritable");
    const scene = await CrashScene.deploy(dynamic, started);
    const { stack, emulator } = scene;
    const before = emulator.calls.length;
    const states = join(stack.backend, ".pulumi", "stacks", "producer");
    emulator.fault = ({ operation }) => {
      if (operation !== "regenerateKey") return undefined;
      renameSync(states, `${states}.away`);
      writeFileSync(states, "in the way");
      return undefined;
    };
    // One key only: the engine tries for half a minute to write the state of each.
    const cut = await failing(stack.up(scene.program({ ...started, single: "not written" })));
    rmSync(states);
    renameSync(`${states}.away`, states);
    emulator.fault = undefined;
    await scene.assertNothingLost(cut);
    assert.match(cut.printed, /error: .*failed to save snapshot/);
    assert.equal(emulator.calls.length, before + 1);
    assert.deepEqual(await scene.liveInState(), { single: false, paired: true });
    assert.deepEqual([await scene.pending(), await stack.isLocked()], [["creating single"], false]);

    const healed = await stack.up(scene.program({ ...started, single: "not written", paired: "not written" }));
    assert.deepEqual(healed.steps, bothRotated);
    assert.equal(emulator.calls.length, before + 3);
    await scene.assertHealed(healed);
  });
});

/** That both new keys are kept unfinished in state, and that the next up publishes them without another renewal. */
async function assertFinishedByNextUp(scene: CrashScene, program: Program, callsBefore: number): Promise<void> {
  const { stack, emulator } = scene;
  assert.equal(emulator.calls.length, callsBefore + 2);
  assert.deepEqual(await scene.liveInState(), { single: true, paired: true });
  assert.deepEqual(
    [await scene.unfinished(), await scene.pending(), await stack.isLocked()],
    [["single", "paired"], [], false],
  );
  emulator.keyLag = 0;
  const finished = await stack.up(program);
  assert.deepEqual(finished.steps, { update: 2, "delete-replaced": 1 });
  assert.equal(emulator.calls.length, callsBefore + 4, "the keys were read, and not renewed again");
  await scene.assertHealed(finished);
}

inBothForms("a rotation that is cut off", (form) => {
  it("by the death of its provider process is repeated by the next up", async () => {
    const scene = await CrashScene.deploy(form, started);
    const { stack, emulator, providers } = scene;
    for (const [fault, trigger] of [
      [notYet, "killed before Azure has acted"],
      [done, "killed after Azure has acted"],
    ] as const) {
      const program = scene.program({ ...started, single: trigger, paired: trigger });
      const before = emulator.calls.length;
      const haveMet = scene.strike(fault);
      const haveChanged = scene.renewal();
      const command = stack.up(program);
      await scene.reach(() => (fault === done ? haveChanged() : haveMet()), command);
      providers.kill();
      const cut = await failingWithin(soon, command);
      await scene.assertNothingLost(cut);
      assert.match(cut.printed, /error: error reading from server: EOF/, trigger);
      assert.equal(emulator.calls.length, before + 2, trigger);
      assert.deepEqual(await scene.liveInState(), { single: fault === notYet, paired: true }, trigger);
      assert.deepEqual(
        [await scene.pending(), await stack.isLocked()],
        [[], false],
        "the engine knows that both have failed",
      );

      const healed = await stack.up(program);
      assert.deepEqual(healed.steps, bothRotated, trigger);
      assert.equal(emulator.calls.length, before + 4, trigger);
      await scene.assertHealed(healed);
    }
  });

  if (form.endsWaits) {
    it("by Ctrl-C ends as soon as it waits, keeps what it has, and the next up does what is left", async function () {
      await needsFailedUpdates(this);
      const scene = await CrashScene.deploy(form, started);
      const { stack, emulator, providers } = scene;

      let before = emulator.calls.length;
      const backingOff = scene.program({ ...started, single: "throttled", paired: "throttled" });
      const areThrottled = scene.strike(throttled(90));
      let command = stack.up(backingOff);
      await scene.reach(areThrottled, command);
      await scene.interrupt(command);
      let cut = await failingWithin(soon, command);
      await scene.assertNothingLost(cut);
      for (const resource of ["single", "paired"]) {
        const says = `Not rotated: interrupted\\. The key was not changed\\. .*account "${resource}" .*Run the same command again\\.`;
        assert.match(cut.printed, new RegExp(says));
      }
      assert.equal(emulator.calls.length, before + 2, "none was sent again");
      assert.deepEqual(await scene.liveInState(), { single: true, paired: true });
      assert.deepEqual([await scene.unfinished(), await scene.pending(), await stack.isLocked()], [[], [], false]);

      let healed = await stack.up(backingOff);
      assert.deepEqual(healed.steps, bothRotated);
      assert.equal(emulator.calls.length, before + 4);
      await scene.assertHealed(healed);

      before = emulator.calls.length;
      emulator.keyLag = Number.POSITIVE_INFINITY;
      const tries = () => emulator.dataPlaneCalls.filter(({ keyName }) => keyName !== undefined).length;
      const waiting = scene.program({ ...started, single: "waiting", paired: "waiting", wait: "PT1H" });
      command = stack.up(waiting);
      await scene.reach(() => tries() >= 2, command);
      await scene.interrupt(command);
      cut = await failingWithin(soon, command);
      await scene.assertNothingLost(cut);
      for (const resource of ["single", "paired"]) {
        const says = `account "${resource}" .* was rotated\\. The new key is kept in state.*until it was interrupted`;
        assert.match(cut.printed, new RegExp(says));
      }
      await assertFinishedByNextUp(scene, waiting, before);

      before = emulator.calls.length;
      const haveChanged = scene.renewal();
      scene.strike(done);
      const unanswered = scene.program({ ...started, single: "unanswered", paired: "unanswered" });
      command = stack.up(unanswered);
      await scene.reach(haveChanged, command);
      await scene.interrupt(command);
      scene.signal("SIGINT");
      cut = await failingWithin(soon, command);
      await providers.ended(soon);
      await scene.assertNothingLost(cut);
      assert.equal(emulator.calls.length, before + 2);
      assert.deepEqual(await scene.liveInState(), { single: false, paired: true }, "the new keys are lost");
      assert.deepEqual(
        [await scene.pending(), await stack.isLocked()],
        [["creating single", "updating paired"], false],
      );

      healed = await stack.up(unanswered);
      assert.deepEqual(healed.steps, bothRotated);
      assert.equal(emulator.calls.length, before + 4);
      await scene.assertHealed(healed);
    });
  } else {
    it("by Ctrl-C goes on to its end, unless Ctrl-C is pressed again, and the next up does what is left", async function () {
      await needsFailedUpdates(this);
      const scene = await CrashScene.deploy(form, started);
      const { stack, emulator, providers } = scene;

      let before = emulator.calls.length;
      const backingOff = scene.program({ ...started, single: "throttled", paired: "throttled" });
      const areThrottled = scene.strike(throttled(2));
      let command = stack.up(backingOff);
      await scene.reach(areThrottled, command);
      scene.signal("SIGINT");
      let cut = await failingWithin(soon, command);
      await scene.assertNothingLost(cut);
      assert.match(cut.printed, /press \^C again/);
      assert.equal(emulator.calls.length, before + 4, "each was sent again when its time had come");
      assert.deepEqual(await scene.liveInState(), { single: true, paired: true }, "and its key is in state");
      assert.deepEqual([await scene.unfinished(), await scene.pending(), await stack.isLocked()], [[], [], false]);

      let healed = await stack.up(backingOff);
      assert.deepEqual(healed.steps, { same: 2, "delete-replaced": 1 });
      assert.equal(emulator.calls.length, before + 4);
      await scene.assertHealed(healed);

      before = emulator.calls.length;
      emulator.keyLag = Number.POSITIVE_INFINITY;
      const tries = () => emulator.dataPlaneCalls.filter(({ keyName }) => keyName !== undefined).length;
      const waiting = scene.program({ ...started, single: "waiting", paired: "waiting", wait: "PT3S" });
      command = stack.up(waiting);
      await scene.reach(() => tries() >= 2, command);
      scene.signal("SIGINT");
      cut = await failingWithin(soon, command);
      await scene.assertNothingLost(cut);
      for (const resource of ["single", "paired"]) {
        assert.match(cut.printed, new RegExp(`account "${resource}" .* was rotated\\. The new key is kept in state`));
      }
      await assertFinishedByNextUp(scene, waiting, before);

      before = emulator.calls.length;
      emulator.keyLag = Number.POSITIVE_INFINITY;
      let tried = tries();
      const waitingLong = scene.program({ ...started, single: "for long", paired: "for long", wait: "PT1H" });
      command = stack.up(waitingLong);
      await scene.reach(() => tries() >= tried + 2, command);
      scene.signal("SIGINT");
      tried = tries();
      await scene.reach(() => tries() >= tried + 2, command);
      scene.signal("SIGINT");
      cut = await failingWithin(soon, command);
      await providers.ended(soon);
      await scene.assertNothingLost(cut);
      assert.equal(emulator.calls.length, before + 2);
      assert.deepEqual(await scene.liveInState(), { single: false, paired: true }, "the new keys are lost");
      assert.deepEqual(
        [await scene.pending(), await stack.isLocked()],
        [["creating single", "updating paired"], false],
      );

      emulator.keyLag = 0;
      healed = await stack.up(waitingLong);
      assert.deepEqual(healed.steps, bothRotated);
      assert.equal(emulator.calls.length, before + 4);
      await scene.assertHealed(healed);
    });
  }

  it("by the death of the CLI ends at once, and is repeated by the up that follows pulumi cancel", async function () {
    await needsFailedUpdates(this);
    // Without a trigger at first, so that minimumOverlap can be left at its default.
    const scene = await CrashScene.deploy(form, {});
    const { stack, emulator, providers } = scene;
    const before = emulator.calls.length;
    const program = scene.program({ single: "killed", paired: "killed" });
    scene.strike(done);
    const haveChanged = scene.renewal();
    const command = stack.up(program);
    await scene.reach(haveChanged, command);
    scene.signal("SIGKILL");
    await scene.assertNothingLost(await failingWithin(soon, command));
    // A provider that went on would end the keys that the next up publishes.
    await providers.ended(soon);

    await assert.rejects(
      stack.up(program),
      /the stack is currently locked by 1 lock.*`pulumi cancel`|Another update is currently in progress/s,
    );
    await stack.cancel();
    assert.equal(await stack.isLocked(), false);
    assert.deepEqual(await scene.liveInState(), { single: false, paired: true });
    assert.deepEqual(await scene.pending(), ["creating single", "updating paired"]);
    assert.equal(emulator.calls.length, before + 3, "the pair has read its keys before");

    // The key that was lost may be anybody's, for all that state knows.
    const refused = await failing(stack.up(program));
    assert.match(refused.printed, /paired, interrupted while updating/);
    assert.match(refused.printed, /Not rotated: .*account "paired" .*"PT0S" for one "pulumi up".*\[changed-outside\]/);
    assert.equal(emulator.calls.length, before + 5, "the single key was renewed, and of the pair the keys were read");
    const nobodyHolds = scene.program({ single: "killed", paired: "killed", minimumOverlap: "PT0S" });
    const healed = await stack.up(nobodyHolds);
    assert.deepEqual(healed.steps, { same: 1, update: 1, "delete-replaced": 1 });
    assert.equal(emulator.calls.length, before + 6);
    await scene.assertHealed(healed);
    assert.deepEqual(await scene.pending(), ["creating single"], "which no up clears");

    await stack.clearPendingCreates();
    assert.deepEqual(await scene.pending(), []);
    const unchanged = await stack.up(program);
    assert.deepEqual(unchanged.steps, { same: 2 });
    assert.doesNotMatch(unchanged.printed, /pending operations/);
    assert.equal(emulator.calls.length, before + 8, "the refresh has read both, and nothing was sent beside");
    assert.deepEqual(await scene.liveInState(), { single: true, paired: true });
  });
});
