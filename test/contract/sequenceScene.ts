import assert from "node:assert/strict";
import type { KeyName } from "../../emulator/emulator";
import { KeyHandler } from "../../provider/key";
import { KeyError, RotationInDoubt, UnfinishedRotation } from "../../provider/keyError";
import type { KeyInputs, KeyOutputs } from "../../provider/keyOutcomes";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairInputs, KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { isUnknown } from "../../provider/unknown";
import { EmulatedProvider } from "../support/emulatedProvider";
import { findLeaks } from "../support/leaks";
import { group, name } from "../support/scenario";
import { Died, type Export, type Handler, MiniEngine, OtherResourceFailed, type UpOptions } from "./miniEngine";
import { type Kind, unknown } from "./pluginClient";
import { pluginHandler } from "./pluginHandler";
import { type Edit, type Step, type Trouble, TroubleMaker, type Up } from "./sequenceSteps";

/** Whether the engine calls the handlers themselves, or the plugin around them. */
export type Form = "dynamic" | "plugin";

type Inputs = KeyInputs | KeyPairInputs;
type Outputs = (KeyOutputs | KeyPairOutputs) & Partial<Pick<KeyPairOutputs, "previousKey" | "previousKeyName">>;
type Keys = Record<KeyName, string>;

/** One call of the engine to the handler. */
interface Invocation {
  method: keyof Handler<Inputs, Outputs>;
  /** The live keys and the time when it began. */
  before: Keys;
  at: number;
  /** The outputs of what is updated, read or deleted. */
  props?: Outputs;
  /** `R` and `L` for each regenerateKey and listKeys. */
  calls: string;
  /** The slots that it asked to regenerate. */
  regenerated: KeyName[];
  /** Whether an answer to regenerateKey left a doubt. */
  doubtful: boolean;
  /** `killed`: whatever it gave back, nobody was left to hear it. */
  ending: "returned" | "killed" | Error;
}

/** What an `up` is to do by the documentation. */
interface Plan {
  creates: boolean;
  /** The slot that gets a new key. */
  rotates?: KeyName;
  finishes: boolean;
  /** Reads what is in place of keys that state does not hold, or that a rotation in doubt may have ended. */
  looks?: boolean;
  /** Of a pair: the slot to renew does not hold the key in state, and nobody has said that this is no matter. */
  endsForeignKey?: boolean;
  /** An effect of an earlier rotation may be still to come. */
  confirms?: boolean;
  /** The slot of a key that is compared with an unknown trigger: whatever deletes it then does not revoke it. */
  deletesInPassing?: KeyName;
  /** Of a key that is deleted in passing: what it was, and the trigger acted on last. */
  goesOn?: Pick<Known, "trigger"> & { key: string | undefined };
}

/** What the scene itself knows of the resource that must be in state; never read from there. */
interface Known {
  /** The one acted on last. */
  trigger?: string;
  /** The slot in use, and since when at the earliest. */
  keyName: KeyName;
  since: number;
  unfinished: boolean;
  /** Whether that is so because the new key is not confirmed. */
  unconfirmed: boolean;
  /** Whether the last rotation of a pair ended in doubt, so that nobody else holds what is in the slot. */
  inDoubt: boolean;
  /** When it did: that counts for a day. */
  doubtedAt: number;
  /** Whether a refresh has found a change outside that is not published yet. */
  foundOutside: boolean;
  /** Whether state is without keys. */
  lost: boolean;
  /** Whether it is a pair that was created without a trigger and has not rotated yet. */
  untouched: boolean;
  /** Between which moments that change came from which `minimumOverlap` counts. */
  changed?: { from: number; to: number };
}

/** A key that consumers have. */
interface Held {
  keyName: KeyName;
  key: string;
}

const slots: readonly KeyName[] = ["Key1", "Key2"];
const hour = 3_600_000;

/**
 * One stack with one resource, and its account. Whatever happens to them, each time it asks whether all that the
 * documentation promises is still so.
 */
export class SequenceScene {
  /** How often what is worth knowing has happened. */
  readonly seen: Record<string, number> = {};
  private readonly engine: MiniEngine<Inputs, Outputs>;
  private program: { trigger?: string; overlap?: "PT0S"; keyName?: KeyName; revoke?: boolean; wait?: boolean } = {};
  private readonly triggers: string[] = [];
  private known?: Known;
  /**
   * The slots whose key in state may be dead, each with the reason. Reasons come up in `excuse` and `regenerate` alone, and
   * they end with the first command that has read or issued keys and gone through: nothing stale may outlive that.
   */
  private readonly excuses = new Map<KeyName, string>();
  /** Of a pair: what consumers that deploy behind each `up` were given last, and before. */
  private published?: Held;
  private previous?: Held;
  /** The keys that commands of this stack have issued. */
  private readonly issued = new Set<string>();
  /** What successful commands have left, the newest last. */
  private readonly exports: { state: Export<Inputs, Outputs>; known: Known | undefined }[] = [];
  /** Of the present command. */
  private trouble = new TroubleMaker([]);
  private invocations: Invocation[] = [];
  /** What was in state when it began, and its keys. */
  private begun?: Outputs;
  private stored: Partial<Keys> = {};
  private isReplaced = false;
  private wasUnconfirmed = false;
  private wasInDoubt = false;
  private said = "";

  private constructor(
    private readonly kind: Kind,
    private readonly form: Form,
    private readonly provider: EmulatedProvider,
  ) {
    this.engine = new MiniEngine<Inputs, Outputs>(() => this.watched(this.startProvider()));
  }

  /** Runs the steps and a healing end, and gives what has happened; throws at the first promise that is broken. */
  static async run(kind: Kind, form: Form, steps: readonly Step[]): Promise<SequenceScene["seen"]> {
    const scene = new SequenceScene(kind, form, await EmulatedProvider.start());
    try {
      for (const [index, step] of steps.entries()) {
        await scene.take(step).catch((error) => {
          throw new Error(`step ${index + 1}, ${JSON.stringify(step)}: ${error.message}`, { cause: error });
        });
      }
      await scene.heal();
    } finally {
      await scene.provider.emulator.stop();
    }
    return scene.seen;
  }

  private startProvider({ preview = false } = {}): Handler<Inputs, Outputs> {
    const { kind } = this;
    const context = this.provider.process();
    if (this.form === "plugin") return pluginHandler(kind, context, { preview }) as object as Handler<Inputs, Outputs>;
    return kind === "key" ? new KeyHandler(context) : new KeyPairHandler(context);
  }

  private async take(step: Step): Promise<void> {
    // Two commands never run in the same millisecond.
    await this.provider.clock.sleep(1000);
    if ("minutesPass" in step) await this.provider.clock.sleep(step.minutesPass * 60_000);
    else if ("regenerated" in step) this.regenerate(step.regenerated);
    else if ("restored" in step) this.restore(step.restored);
    else if (step.run === "refresh") await this.refresh(step.troubles);
    else if (step.run === "destroy") await this.destroy(step.troubles);
    else await this.up(step);
    this.judgeState();
  }

  /** Whatever has happened before, a refresh and an `up` bring the live key to consumers, and then all is done. */
  private async heal(): Promise<void> {
    await this.take({ run: "refresh" });
    await this.take({ run: "up", edit: { minimumOverlap: "PT0S" } });
    const { stackOutputs, resource, replaced } = this.engine;
    assert.deepEqual([...this.excuses], [], "healed");
    assert.deepEqual(stackOutputs, resource?.outputs, "healed");
    assert.deepEqual(replaced, [], "healed");
    await this.take({ run: "up" });
    assert.deepEqual(
      this.invocations.map(({ method, calls }) => method + calls),
      ["check", "diff"],
      "nothing left to do",
    );
    const shown = [this.said, ...this.provider.lines].join("\n");
    assert.deepEqual(findLeaks(shown, this.provider.emulator.secrets), []);
  }

  private regenerate(slot: KeyName): void {
    this.provider.account.regenerate(slot, this.provider.clock.now());
    this.excuses.set(slot, "regenerated by somebody else");
    if (this.published?.keyName === slot) this.published = undefined;
    if (this.previous?.keyName === slot) this.previous = undefined;
    this.count("keys regenerated by somebody else");
  }

  /** State is an older one, or has lost its keys; nothing changes in Azure, nor with consumers. */
  private restore(what: number | "without secrets"): void {
    const live = this.live();
    if (what === "without secrets") {
      const { resource, stackOutputs } = this.engine.export() ?? {};
      if (!resource || !this.known) return;
      const outputs = withoutSecrets(resource.outputs);
      this.engine.import({
        resource: { ...resource, outputs },
        stackOutputs: stackOutputs && withoutSecrets(stackOutputs),
      });
      this.known.lost = true;
    } else {
      const restored = this.exports.at(-1 - what);
      if (!restored || this.engine.export() === undefined) return;
      this.engine.import(restored.state);
      this.known = structuredClone(restored.known);
    }
    const stored = keysOf(this.engine.resource?.outputs);
    for (const slot of slots) if (stored[slot] !== live[slot]) this.excuses.set(slot, "restored");
    this.count(what === "without secrets" ? "states without secrets" : "older states restored");
  }

  private async up({ run, edit = {}, lag = 0, readingLag = 0, upstream, troubles = [] }: Up): Promise<void> {
    this.change(edit);
    const { clock, emulator } = this.provider;
    // What came before is seen by now: a reading that lags behind others' renewals tells nobody.
    await clock.sleep(readingLag * 1000);
    const replace = run === "up --replace";
    this.isReplaced = replace;
    // What is replaced in any case does not depend on anything being compared.
    const compared = upstream !== undefined && !replace && this.kind === "key" && this.dependsOnTrigger();
    const fanOut = compared && this.known?.unfinished === false;
    const stops = upstream === "failed" && !replace;
    const plan: Plan = stops ? { creates: false, finishes: false } : this.plan(replace, fanOut);
    if (compared) plan.deletesInPassing = this.known?.keyName;
    const begun = clock.now();
    emulator.keyLag = lag * 1000;
    emulator.readingLag = readingLag * 1000;
    const options = {
      replace,
      otherFails: troubles.includes("another resource fails"),
      ...(upstream && !replace && { upstream: { input: "rotationTrigger", fails: upstream === "failed" } }),
    };
    const previews = this.form === "plugin" ? await this.preview(options) : [];
    const failure = await this.command(troubles, () => this.engine.up(this.inputs(), options));
    if (!stops) for (const preview of previews) this.judgePreview(preview, failure);
    if (fanOut) this.judgeFanOut();
    this.judgeRefusal(plan, begun);
    for (const invocation of this.invocations) this.judgeInvocation(invocation, plan);
    emulator.readingLag = 0;
    const slow = lag > 0 && this.program.wait;
    if (!slow && !this.refused && !(failure instanceof OtherResourceFailed)) this.judgeFailure(failure);
    this.release(plan, begun);
    this.remember(plan);
    if (failure === undefined) this.judgeSuccess(plan);
    if (failure === undefined) this.write();
    // The outputs of the stack are written at its end, also when a deletion has failed then.
    if (
      failure === undefined ||
      (!stops && this.invocations.at(-1)?.method === "delete" && !(failure instanceof Died))
    ) {
      this.judgeAcceptance(plan);
      this.publish();
    }
    emulator.keyLag = 0;
  }

  /** What previews show of an `up`: one of the program as it is, and one in which the trigger is not known. */
  private async preview(options: UpOptions): Promise<(Outputs | Error)[]> {
    const inputs = this.inputs();
    const { calls, logins } = this.provider.emulator;
    const made = calls.length + logins.length;
    const programs = [
      inputs,
      ...(inputs.rotationTrigger === undefined ? [] : [{ ...inputs, rotationTrigger: unknown }]),
    ];
    const previews: (Outputs | Error)[] = [];
    for (const program of programs) {
      const preview = this.engine.preview(() => this.startProvider({ preview: true }), program, options);
      previews.push(await preview.catch((error: Error) => error));
    }
    assert.equal(calls.length + logins.length, made, "a preview calls nobody");
    return previews;
  }

  /** Whatever a preview shows is so in the end, and it shows all that there is. */
  private judgePreview(previewed: Outputs | Error, failure: Error | undefined): void {
    if (previewed instanceof Error) {
      assert.equal(failure?.message, previewed.message, "only the preview refuses");
      this.count("refusals previewed");
    } else if (
      failure === undefined &&
      this.invocations.some(({ method }) => method === "create" || method === "update")
    ) {
      // Without a call the outputs stay, with older inputs in them.
      const outputs = this.engine.resource?.outputs as Outputs;
      const known = Object.entries(previewed).filter(([, value]) => !isUnknown(value));
      for (const [property, value] of known) {
        assert.deepEqual(outputs[property as keyof Outputs], value, `${property} was previewed as something else`);
      }
      const missing = Object.keys(outputs).filter((property) => !(property in previewed));
      assert.deepEqual(missing, [], "not previewed");
      this.count("previews that came true");
    }
  }

  private write(): void {
    const state = this.engine.export();
    if (state) this.exports.push({ state, known: structuredClone(this.known) });
  }

  /** Whether a replacement of what the trigger comes from has the key compared, and perhaps deleted and created, in passing. */
  private dependsOnTrigger(): boolean {
    return (this.engine.resource?.inputs as KeyInputs | undefined)?.rotationTrigger !== undefined;
  }

  /** What is deleted because of something else is neither revoked nor, with the same trigger, rotated. */
  private judgeFanOut(): void {
    const deleted = this.invocations.findIndex(({ method }) => method === "delete");
    const first = this.invocations[deleted];
    if (first === undefined || this.invocations.slice(0, deleted).some(({ method }) => method !== "diff")) return;
    assert.equal(first.calls, "", "revoked in passing");
    this.count("keys deleted and created in passing");
    if (!this.invocations.some(({ method, ending }) => method === "create" && wentThrough(ending)))
      this.known = undefined;
  }

  private async refresh(troubles: Trouble[] = []): Promise<void> {
    const from = this.provider.clock.now();
    const before = keysOf(this.engine.resource?.outputs);
    const { keyName } = this.known ?? {};
    const printed = this.provider.lines.length;
    const failure = await this.command(troubles, () => this.engine.refresh());
    const isRead = failure === undefined && !/not refreshed/.test(this.provider.lines.slice(printed).join("\n"));
    for (const invocation of this.invocations) this.judgeInvocation(invocation);
    this.judgeFailure(failure);
    if (this.known && !this.engine.resource) {
      assert.ok(this.trouble.accountsMissed > 1, "dropped");
      this.known = undefined;
      this.count("resources dropped by a refresh");
    }
    const after = keysOf(this.engine.resource?.outputs);
    if (this.known && slots.some((slot) => before[slot] !== after[slot])) {
      this.known.lost = false;
      // What a rotation in doubt may have left behind in the other slot is no change by somebody else.
      const explained = this.isDoubtYoung(from) && keyName && before[keyName] === after[keyName];
      if (!explained) this.known.foundOutside = true;
      this.count("refreshes that found a change");
    }
    // What the rotation has left behind is known then, and nothing more of it can come.
    const isOver = this.known?.inDoubt && from >= this.known.doubtedAt + 300_000;
    if (this.known && isOver && isRead && keyName && before[keyName] === after[keyName]) {
      const isSame = slots.every((slot) => before[slot] === after[slot]);
      this.known.inDoubt = !isSame && !this.isDoubtYoung(from);
    }
    if (failure === undefined) this.write();
  }

  private async destroy(troubles: Trouble[] = []): Promise<void> {
    const failure = await this.command(troubles, () => this.engine.destroy());
    for (const invocation of this.invocations) this.judgeInvocation(invocation);
    this.judgeFailure(failure);
    if (failure === undefined) this.known = undefined;
  }

  /** Runs a command under its troubles, and gives its failure when all that it has set off is over. */
  private async command(troubles: readonly Trouble[], run: () => Promise<void>): Promise<Error | undefined> {
    const { account, clock, lines } = this.provider;
    const printed = lines.length;
    this.invocations = [];
    this.begun = this.engine.resource?.outputs;
    this.stored = keysOf(this.begun);
    this.wasUnconfirmed = this.known?.unconfirmed === true;
    this.wasInDoubt = this.known?.inDoubt === true;
    this.trouble = new TroubleMaker(troubles);
    const { trouble } = this;
    this.provider.fault = (call) => trouble.strike(call, this.provider);
    account.properties.disableLocalAuth = troubles.includes("local authentication off");
    const failure = await run().then(
      () => undefined,
      (error: Error) => error,
    );
    await clock.runOut();
    account.properties.disableLocalAuth = false;
    this.provider.fault = undefined;
    if (failure && ![KeyError, OtherResourceFailed, Died].some((known) => failure instanceof known)) throw failure;
    this.said += `${failure?.message}\n`;
    this.excuse(lines.slice(printed).join("\n"));
    return failure;
  }

  /** The handler, with a note of each call of the engine to it. */
  private watched(handler: Handler<Inputs, Outputs>): Handler<Inputs, Outputs> {
    const { clock, emulator } = this.provider;
    const watch = async <T>(method: Invocation["method"], call: () => Promise<T>, props?: Outputs): Promise<T> => {
      const before = this.live();
      const at = clock.now();
      const calls = emulator.calls.length;
      const doubts = this.trouble.doubtful.length;
      const result = await call().catch((error: Error) => error);
      const made = emulator.calls.slice(calls);
      const failure = result instanceof Error ? result : undefined;
      this.invocations.push({
        method,
        before,
        at,
        props,
        calls: made.map(({ operation }) => operation[0].toUpperCase()).join(""),
        regenerated: made.flatMap(({ keyName }) => (keyName as KeyName | undefined) ?? []),
        doubtful: this.trouble.doubtful.slice(doubts).includes("regenerateKey"),
        ending: this.trouble.killed ? "killed" : (failure ?? "returned"),
      });
      if (this.trouble.killed) throw new Died("killed");
      if (failure) throw failure;
      return result as T;
    };
    return {
      check: (olds, news) => watch("check", () => handler.check(olds, news)),
      diff: (id, olds, news) => watch("diff", () => handler.diff(id, olds, news)),
      create: (inputs) => watch("create", () => handler.create(inputs)),
      update: (id, olds, news) => watch("update", () => handler.update(id, olds, news), olds),
      read: (id, props) => watch("read", () => handler.read(id, props), props),
      delete: (id, props) => watch("delete", () => handler.delete(id, props), props),
    };
  }

  private change({ trigger, minimumOverlap, keyName, revokeOnDelete, waitUntilAccepted }: Edit): void {
    const { program, triggers } = this;
    if (trigger === "new") triggers.push(`trigger ${triggers.length + 1}`);
    if (trigger === "new") program.trigger = triggers.at(-1);
    if (trigger === "earlier") program.trigger = triggers.at(-2) ?? program.trigger;
    if (trigger === "removed") program.trigger = undefined;
    if (minimumOverlap) program.overlap = minimumOverlap === "PT0S" ? "PT0S" : undefined;
    program.keyName = keyName ?? program.keyName;
    program.revoke = revokeOnDelete ?? program.revoke;
    program.wait = waitUntilAccepted ?? program.wait;
  }

  private inputs(): Inputs {
    const { trigger, overlap, keyName, revoke, wait } = this.program;
    const url = `${this.provider.emulator.endpoint(group, name)}openai/models`;
    return {
      resourceGroupName: group,
      accountName: name,
      ...(trigger !== undefined && { rotationTrigger: trigger }),
      ...(wait && { waitUntilAccepted: { url, timeout: "PT30S" } }),
      ...(this.kind === "key"
        ? { ...(keyName && { keyName }), ...(revoke !== undefined && { revokeOnDelete: revoke }) }
        : { ...(keyName && { initialKeyName: keyName }), ...(overlap && { minimumOverlap: overlap }) }),
    };
  }

  /** The tables of events in docs/key-pair.md and docs/single-key.md. */
  private plan(replace: boolean, fanOut: boolean): Plan {
    const { known, program, kind } = this;
    const wanted = program.keyName ?? "Key1";
    const asked = program.trigger !== undefined && program.trigger !== known?.trigger;
    if (fanOut && known?.keyName === wanted) {
      const goesOn = { trigger: known.trigger, key: keysOf(this.engine.resource?.outputs)[wanted] };
      return { creates: true, rotates: asked ? wanted : undefined, finishes: false, goesOn };
    }
    if (known === undefined || replace || (kind === "key" && known.keyName !== wanted)) {
      const rotates = kind === "key" && program.trigger !== undefined ? wanted : undefined;
      return { creates: true, rotates, finishes: false };
    }
    if (known.unfinished) return { creates: false, finishes: true };
    if (!asked) return { creates: false, finishes: false, looks: known.inDoubt || known.lost };
    return kind === "key"
      ? { creates: true, rotates: wanted, finishes: false }
      : {
          creates: false,
          rotates: other(known.keyName),
          finishes: false,
          confirms: known.inDoubt && this.provider.clock.now() < known.doubtedAt + 300_000,
          endsForeignKey:
            program.overlap === undefined && !this.isDoubtYoung() && this.holdsForeignKey(other(known.keyName)),
        };
  }

  private isDoubtYoung(now = this.provider.clock.now()): boolean {
    return this.known?.inDoubt === true && now < this.known.doubtedAt + 24 * hour;
  }

  private holdsForeignKey(slot: KeyName): boolean {
    return keysOf(this.engine.resource?.outputs)[slot] !== this.live()[slot];
  }

  private remember(plan: Plan): void {
    const { program, kind } = this;
    for (const { method, ending, at, calls } of this.invocations) {
      if (ending instanceof RotationInDoubt && this.known) {
        this.known.inDoubt = true;
        this.known.doubtedAt = this.provider.clock.now();
        this.count("rotations in doubt");
      }
      if (!wentThrough(ending)) continue;
      const unfinished = ending instanceof UnfinishedRotation;
      const changed = { from: at, to: this.provider.clock.now() };
      if (method === "create") {
        // A key that was deleted in passing and is still the same goes on with the trigger that it had.
        const goesOn = plan.goesOn?.key === this.engine.resource?.outputs.key;
        this.known = {
          trigger: program.trigger ?? (goesOn ? plan.goesOn?.trigger : undefined),
          keyName: program.keyName ?? "Key1",
          since: at,
          unfinished,
          unconfirmed: unfinished && isUnconfirmed(ending),
          inDoubt: false,
          doubtedAt: 0,
          foundOutside: false,
          lost: false,
          untouched: program.trigger === undefined,
          changed: program.trigger === undefined ? undefined : changed,
        };
      } else if (method === "update" && this.known) {
        this.known.trigger = program.trigger ?? this.known.trigger;
        this.known.unfinished = unfinished;
        this.known.unconfirmed = unfinished && isUnconfirmed(ending);
        this.known.lost = false;
        const wasInDoubt = this.known.inDoubt;
        // A doubt that could not be looked into stays.
        this.known.inDoubt = plan.looks === true && this.trouble.forbade && this.isDoubtYoung(at);
        this.known.foundOutside = false;
        if (unfinished) continue;
        // A pair is updated only to rotate, to finish, to publish what a refresh has found, or to look what was left behind;
        // that publishes nothing, if it finds the key in use as it was.
        const looked = wasInDoubt && calls !== "" && !plan.rotates && !plan.finishes;
        this.known.changed = looked
          ? { from: this.known.changed?.from ?? Number.NEGATIVE_INFINITY, to: changed.to }
          : changed;
        if (kind === "pair" && (plan.rotates || plan.finishes)) {
          this.known.keyName = other(this.known.keyName);
          this.known.since = at;
          this.known.untouched = false;
        }
      }
    }
    if (plan.finishes && this.known?.unfinished === false) this.count("rotations finished");
  }

  /** The one place, beside `regenerate`, where a key in state may become a dead one: nobody could know, or was told. */
  private excuse(printed: string): void {
    const live = this.live();
    for (const { method, before, calls, regenerated, ending } of this.invocations) {
      // Where nobody has looked, a success that brings again what others have issued is one like any other.
      const { key } = this.engine.resource?.outputs ?? {};
      const [slot] = regenerated;
      const isCompared = this.begun?.keyName === slot && !this.isReplaced && this.stored[slot] === before[slot];
      const unseen =
        method === "create" ? !isCompared : this.program.overlap !== undefined && this.stored[slot] !== before[slot];
      if (this.trouble.renewedNothing && regenerated.length > 0 && unseen && key) this.issued.add(key);
      const changed = slots.filter((slot) => before[slot] !== live[slot]);
      for (const slot of changed) this.issued.add(live[slot]);
      if (wentThrough(ending)) {
        const said = `${printed}\n${ending instanceof Error ? ending.message : ""}`;
        const unread = /Not refreshed|Finishing unchecked|Still in doubt|ew key not confirmed/.test(said);
        if (method !== "delete" && calls !== "" && !unread) this.excuses.clear();
        // An effect that was still to come may have won over the key that was taken.
        if (/ew key not confirmed/.test(said)) {
          const isPublished = ending === "returned" && regenerated.length > 0;
          assert.ok(this.trouble.forbade || !isPublished, "published what could be confirmed, and was not");
          const stored = keysOf(this.engine.resource?.outputs);
          for (const slot of regenerated) {
            this.excuses.set(slot, "not confirmed");
            // It was issued here all the same.
            this.issued.add(stored[slot] ?? live[slot]);
          }
        }
      } else if (ending === "killed") {
        for (const slot of changed) this.excuses.set(slot, "killed before anything was written");
        if (changed.length > 0) this.count("keys lost with a process");
      } else if (ending instanceof Error && claimOf(ending) !== "unchanged") {
        for (const slot of changed) this.excuses.set(slot, "failed, and said that it may have changed");
      }
    }
  }

  /** A rotation ends the key before the one that was published last; that one only where it was long not in use any more. */
  private release({ rotates }: Plan, begun: number): void {
    if (this.kind === "key" || !rotates) return;
    const rotated = this.invocations.some(({ before }) => before[rotates] !== this.live()[rotates]);
    if (!rotated) return;
    this.count("rotations");
    if (this.previous?.keyName === rotates) this.previous = undefined;
    if (this.published?.keyName !== rotates || !this.known) return;
    // The other slot came into use by an `up` that went no further, so its key was never published. From then on
    // minimumOverlap counts, but for a pair that was created without a trigger, which may be anybody's first.
    const overlap = this.program.overlap === "PT0S" || this.known.untouched ? 0 : hour;
    assert.ok(begun >= this.known.since + overlap, "regenerated the key that consumers hold");
    this.published = undefined;
    this.count("rotations behind one that was never published");
  }

  private publish(): void {
    const { keyName, key } = this.engine.stackOutputs as Outputs;
    if (this.kind === "key" || this.published?.key === key) return;
    this.previous = this.published ?? this.previous;
    this.published = this.excuses.has(keyName) ? undefined : { keyName, key };
  }

  private judgeState(): void {
    const live = this.live();
    const { resource } = this.engine;
    const stored = keysOf(resource?.outputs);
    for (const slot of slots) {
      if (stored[slot] === undefined || stored[slot] === live[slot]) this.excuses.delete(slot);
      else assert.ok(this.excuses.has(slot), `${slot} in state is dead`);
    }
    if (this.excuses.size > 0) this.count("steps with a dead key in state, with a reason");
    for (const held of [this.published, this.previous]) {
      if (held) assert.equal(live[held.keyName], held.key, `${held.keyName} that consumers hold is dead`);
    }
    const { known } = this;
    assert.equal(resource === undefined, known === undefined);
    if (!resource || !known) return;
    const { rotationTrigger, keyName, key, rotatedAt, unfinished } = resource.outputs;
    const { rotationInDoubt } = resource.outputs as KeyPairOutputs;
    assert.ok(rotatedAt === undefined || known.lost || this.issued.has(key), "somebody else has issued the key");
    assert.deepEqual(
      {
        trigger: rotationTrigger,
        keyName,
        unfinished: unfinished !== undefined,
        inDoubt: rotationInDoubt !== undefined,
        lost: key === null,
      },
      {
        trigger: known.trigger,
        keyName: known.keyName,
        unfinished: known.unfinished,
        inDoubt: known.inDoubt,
        lost: known.lost,
      },
      "state is not what it should be",
    );
  }

  /** An `up` that goes through has done all that it was to do. */
  private judgeSuccess({ creates }: Plan): void {
    assert.ok(!creates || this.invocations.some(({ method }) => method === "create"), "not created");
    assert.equal(this.known?.trigger, this.program.trigger ?? this.known?.trigger, "the trigger was not acted on");
    assert.equal(this.known?.unfinished, false, "not finished");
    assert.ok(this.engine.resource?.outputs.key, "nothing is published");
    assert.equal(this.engine.resource?.outputs.changedOutsideAt, undefined, "the change was not taken over");
  }

  /** What was called, and what was said in the end. */
  private judgeInvocation(invocation: Invocation, plan?: Plan): void {
    const { method, calls, regenerated, ending } = invocation;
    const { expected, slot } = this.expectedCalls(invocation, plan);
    // A confirmation takes more readings while they lag.
    const mayRead = this.trouble.struck || (plan?.confirms && this.provider.emulator.readingLag > 0);
    if (!mayRead || expected === "") assert.equal(calls, expected, `calls of ${method}`);
    // A pair that may not look goes on.
    const allowed = expected.includes("R") || (plan?.endsForeignKey && this.trouble.struck) ? slot : undefined;
    assert.ok(
      regenerated.every((one) => one === allowed),
      `${method} regenerated ${regenerated}`,
    );
    this.count(
      `${method}: ${typeof ending === "string" ? ending : ending instanceof UnfinishedRotation ? "unfinished" : `failed, ${claimOf(ending)}`}`,
    );
    if (ending instanceof UnfinishedRotation) this.judgeUnfinished(ending, invocation, slot);
    else if (ending instanceof Error) this.judgeClaim(ending, invocation);
  }

  /** The calls when nothing goes wrong; where something does, also more of the same and readings. */
  private expectedCalls(invocation: Invocation, plan?: Plan): { expected: string; slot?: KeyName } {
    const { method, before, props } = invocation;
    if (method === "read") return { expected: this.isReadTwice(invocation) ? "LL" : "L" };
    if (method === "delete" && props) {
      const { keyName, key, revokeOnDelete, rotatedAt } = props as KeyOutputs;
      // What the program declares in this `up` is in use there; a destroy has no program.
      const inUse =
        plan !== undefined && [this.engine.resource?.outputs.keyName, plan.deletesInPassing].includes(keyName);
      if (!revokeOnDelete || rotatedAt === undefined || inUse) return { expected: "" };
      const revoked = before[keyName] === key ? "LR" : "L";
      return { expected: this.isReadTwice(invocation) ? `L${revoked}` : revoked, slot: keyName };
    }
    if (method !== "create" && method !== "update") return { expected: "" };
    assert.equal(method === "create", plan?.creates, `unexpected ${method}`);
    if (plan?.rotates) {
      const reads = this.kind === "pair" && this.program.overlap === undefined;
      const expected = plan.endsForeignKey ? "L" : reads ? "LR" : "R";
      if (!plan.confirms) return { expected, slot: plan.rotates };
      // Behind a doubt the keys are read first in any case.
      return { expected: `${reads ? "" : "L"}${expected}LL`, slot: plan.rotates };
    }
    const isLost = this.begun?.key === null;
    if (plan?.finishes && this.wasUnconfirmed && !isLost) return { expected: "LL" };
    // A new resource knows nothing that what it reads could differ from.
    const again = (plan?.finishes || plan?.goesOn) && !isLost && this.isReadTwice(invocation);
    return { expected: plan?.creates || plan?.finishes || plan?.looks ? (again ? "LL" : "L") : "" };
  }

  /** A reading can lag, so one that differs from a key which was issued in the last half minute is made once more. */
  private isReadTwice({ before, at, props }: Invocation): boolean {
    const { rotatedAt, unfinished } = (props ?? this.begun ?? {}) as KeyPairOutputs;
    const issued = [rotatedAt, unfinished?.rotatedAt].filter((one) => one !== undefined).sort();
    const stored = Object.entries(keysOf(props ?? this.begun)) as [KeyName, string][];
    return (
      at - Date.parse(issued.at(-1) ?? "") < 120_000 &&
      stored.some(([slot, key]) => key !== null && before[slot] !== key)
    );
  }

  /** The slot was rotated, and there is a reason not to publish its key yet. */
  private judgeUnfinished({ message }: Error, { before, doubtful }: Invocation, rotated?: KeyName): void {
    assert.ok(
      rotated === undefined || this.trouble.renewedNothing || before[rotated] !== this.live()[rotated],
      message,
    );
    const inDoubt = doubtful || this.wasInDoubt || this.wasUnconfirmed;
    assert.ok(isUnconfirmed({ message } as Error) ? inDoubt : this.program.wait, `for no reason: ${message}`);
  }

  private judgeClaim(error: Error, { before, doubtful }: Invocation): void {
    const live = this.live();
    const changed = slots.some((slot) => before[slot] !== live[slot]);
    const claim = claimOf(error);
    assert.ok(claim !== undefined, `says nothing of the key: ${error.message}`);
    if (claim === "unknown") assert.ok(doubtful || this.wasInDoubt, `there was no doubt: ${error.message}`);
    else assert.ok(!changed, error.message);
  }

  private judgeFailure(failure: Error | undefined): void {
    if (!this.trouble.struck) assert.equal(failure, undefined, "failed for no reason");
  }

  /**
   * A rotation is refused exactly while `minimumOverlap` has not passed, and where it would end a key that state does not
   * hold or that somebody else has issued.
   */
  private judgeRefusal({ rotates, endsForeignKey }: Plan, begun: number): void {
    const { changed, foundOutside, lost } = this.known ?? {};
    const applies = this.kind === "pair" && rotates && this.program.overlap === undefined;
    const tooSoon = changed && begun < changed.from + hour;
    const late = !changed || begun >= changed.to + hour;
    if (!applies) assert.ok(!this.refused, "refused for no reason");
    else if (lost || foundOutside || tooSoon) assert.ok(this.refused, "not refused");
    else if (!late || this.trouble.struck) return;
    else assert.equal(this.refused, endsForeignKey, "a key of somebody else");
  }

  private get refused(): boolean {
    return this.invocations.some(({ ending }) => ending instanceof Error && refusals.test(ending.message));
  }

  /** Nothing is published before it is accepted, where that is waited for. */
  private judgeAcceptance({ creates, rotates, finishes }: Plan): void {
    if (!this.program.wait || !(creates || rotates || finishes)) return;
    const { account, emulator, clock } = this.provider;
    const { keyName } = this.engine.stackOutputs as Outputs;
    assert.ok(account.ageOf(keyName, clock.now()) >= emulator.keyLag, "published before it was accepted");
  }

  private live(): Keys {
    const { key1, key2 } = this.provider.account;
    return { Key1: key1, Key2: key2 };
  }

  private count(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }
}

/** Of a rotation, before any call. */
const refusals = /\[(too-soon|changed-outside|unpublished-change|key-lost|two-resources)\]$/;

/** Whether a rotation was left because of a doubt, and not because its key is refused. */
function isUnconfirmed({ message }: Error): boolean {
  return /^Not published: new key not confirmed/.test(message);
}

function withoutSecrets(outputs: Outputs): Outputs {
  const secrets = { key: null, ...("previousKey" in outputs && { previousKey: null }) };
  return { ...outputs, ...(secrets as unknown as Pick<Outputs, "key">) };
}

function keysOf(outputs: Outputs | undefined): Partial<Keys> {
  if (!outputs) return {};
  const { keyName, key, previousKeyName, previousKey } = outputs;
  return { [keyName]: key, ...(previousKeyName && { [previousKeyName]: previousKey }) };
}

/** Whether the engine was given outputs. */
function wentThrough(ending: Invocation["ending"]): boolean {
  return ending === "returned" || ending instanceof UnfinishedRotation;
}

/** What an error says of the key. */
function claimOf({ message }: Error): "unchanged" | "unknown" | undefined {
  if (/was not changed|[Nn]o key was changed|No new key was sent or issued/.test(message)) return "unchanged";
  return /It is not known whether the key was changed/.test(message) ? "unknown" : undefined;
}

function other(slot: KeyName): KeyName {
  return slot === "Key1" ? "Key2" : "Key1";
}
