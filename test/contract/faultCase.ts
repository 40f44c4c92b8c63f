import { isDeepStrictEqual } from "node:util";
import type { EmulatorOptions, Fault, FaultCall } from "../../emulator/emulator";
import { KeyHandler } from "../../provider/key";
import { KeyError, RotationInDoubt, UnfinishedRotation } from "../../provider/keyError";
import type { KeyInputs, KeyOutputs } from "../../provider/keyOutcomes";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairInputs, KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { EmulatedProvider } from "../support/emulatedProvider";
import { group, name } from "../support/scenario";

/** What goes wrong, for one operation of the engine on a fresh account. */
export interface Trouble {
  emulator?: Omit<EmulatorOptions, "tls" | "fault">;
  fault?: (call: FaultCall, provider: EmulatedProvider) => Fault | undefined;
  /** Just before the operation begins. */
  before?: (provider: EmulatedProvider) => void;
  /** Somebody else renews keys meanwhile. */
  renewed?: true;
  /** State is without its keys, as after the import of an export that was made with a wrong passphrase. */
  lost?: true;
  /** `waitUntilAccepted` on the resource, with this timeout. */
  wait?: string;
}

export const operations = ["adopt", "adoptPair", "create", "update", "revoke", "refresh"] as const;
export type Operation = (typeof operations)[number];

/** What one operation did, as far as anybody can tell. */
export interface Ending {
  /** `R` and `L` for each regenerateKey and listKeys, with the status where that is not 200, and `-` for none. */
  calls: string;
  /**
   * - `live`: every key in the new state is the live one of its slot.
   * - `unchanged`, `unknown`: it failed, and said that of the slot.
   * - `unfinished`: it failed, and the outputs that it handed over hold the live keys, or the next `up` publishes them.
   * - `revoked`, `left`: the deletion went through, and the key is dead, or not.
   * - `kept`, `dropped`: the refresh went through and left state as it was, or took the resource out.
   *
   * `FALSE` and what was wrong, when that was not so.
   */
  verdict: string;
  /** Of the error. */
  message: string;
  lines: string[];
  seconds: number;
  /** Everything that may have been seen must be free of these. */
  secrets: ReadonlySet<string>;
}

/** Runs the operation against the real adapter and the emulator, and judges what came of it when all is over. */
export async function run(operation: Operation, trouble: Trouble): Promise<Ending> {
  const provider = await EmulatedProvider.start(trouble.emulator);
  const { account, emulator, clock } = provider;
  const wait = trouble.wait && { url: `${emulator.endpoint(group, name)}openai/models`, timeout: trouble.wait };
  const steps = new Steps(provider, wait ? { waitUntilAccepted: wait } : {}, trouble.lost);
  trouble.before?.(provider);
  const before = { ...account.keys };
  provider.fault = (call) => trouble.fault?.(call, provider);
  const context = provider.process();
  const start = clock.now();
  const made = await steps[operation](new KeyHandler(context), new KeyPairHandler(context)).catch((e: unknown) => e);
  const seconds = (clock.now() - start) / 1000;
  const count = emulator.calls.length;
  const next = await soonAfter(made);
  await clock.runOut();
  const calls = emulator.calls
    .slice(0, count)
    .map(({ operation: called, status }) => `${called[0].toUpperCase()}${status === 200 ? "" : (status ?? "-")}`)
    .join(" ");
  return {
    calls,
    seconds,
    verdict: made instanceof Error ? await failed(made) : succeeded(operation, made),
    message: made instanceof Error ? made.message : "",
    lines: provider.lines,
    secrets: emulator.secrets,
  };

  function slot(): "key1" | "key2" {
    return operation === "update" ? "key2" : "key1";
  }

  /** Whether the key of a pair that consumers hold was ended by this. */
  function endedTheKeyInUse(): boolean {
    return operation === "update" && !trouble.renewed && account.key1 !== before.key1;
  }

  async function failed(error: Error): Promise<string> {
    if (!(error instanceof KeyError)) throw error;
    if (endedTheKeyInUse()) return "FALSE: the key in use is dead";
    // What the next `up` publishes is live also when all effects have come, however soon it follows.
    const outs = (next as { outs?: KeyPairOutputs } | undefined)?.outs;
    if (outs && published(outs, "live") !== "live") return "FALSE: the next up has published a dead key";
    if (error instanceof UnfinishedRotation) {
      return outs ? "unfinished" : published(error.properties as KeyPairOutputs, "unfinished");
    }
    if (error instanceof RotationInDoubt) {
      const { rotationInDoubt, ...kept } = error.properties as KeyPairOutputs;
      if (!rotationInDoubt || !isDeepStrictEqual(kept, steps.pair)) return "FALSE: state is not what it was";
    } else if (operation === "update" && error.inDoubt) {
      return "FALSE: state does not say that the rotation is in doubt";
    }
    const changed = account.keys[slot()] !== before[slot()];
    if (/was not changed|[Nn]o key was changed|No new key was sent or issued/.test(error.message)) {
      return changed ? "FALSE: the key was changed" : "unchanged";
    }
    return /It is not known whether the key was changed/.test(error.message) ? "unknown" : "FALSE: says nothing";
  }

  /** The next `up`, two seconds after one that has left something in state, and without the trouble; or why it fails. */
  async function soonAfter(result: unknown): Promise<unknown> {
    const left = result instanceof UnfinishedRotation || result instanceof RotationInDoubt;
    if (!left || wait !== undefined) return undefined;
    await clock.sleep(2_000);
    provider.fault = undefined;
    account.properties.disableLocalAuth = false;
    const process = provider.process();
    const handler = operation === "update" ? new KeyPairHandler(process) : new KeyHandler(process);
    const update = (state: unknown) =>
      handler.update("id", state as KeyPairOutputs, steps.bumped).catch((error: unknown) => error);
    if (emulator.readingLag === 0) return update(result.properties);
    const again = await update(result.properties);
    if (!(again instanceof UnfinishedRotation)) return again;
    emulator.readingLag = 0;
    return update(again.properties);
  }

  function succeeded(what: Operation, result: unknown): string {
    if (endedTheKeyInUse()) return "FALSE: the key in use is dead";
    const renewing = emulator.calls.some(({ operation: called }) => called === "regenerateKey");
    if (what === "revoke") return renewing && account.key1 !== before.key1 ? "revoked" : "left";
    if (what !== "refresh" && renewing && account.keys[slot()] === before[slot()]) return "FALSE: nothing was rotated";
    const { outs, props } = result as { outs?: KeyPairOutputs; props?: KeyPairOutputs };
    if (what !== "refresh") return published(outs as KeyPairOutputs, "live");
    if (props === undefined) return "dropped";
    return isDeepStrictEqual(props, steps.pair) ? "kept" : published(props, "live");
  }

  function published({ key, keyName, previousKey, previousKeyName }: KeyPairOutputs, verdict: string): string {
    const live = { Key1: account.key1, Key2: account.key2 };
    if (key !== live[keyName]) return "FALSE: the key is dead";
    return previousKeyName && previousKey !== live[previousKeyName] ? "FALSE: the previous key is dead" : verdict;
  }
}

const where = { resourceGroupName: group, accountName: name };

/** The engine's calls, each with a state as an earlier deployment has left it. */
class Steps {
  private readonly single: KeyOutputs;
  readonly pair: KeyPairOutputs;

  constructor(
    { account, identity }: EmulatedProvider,
    private readonly more: Pick<KeyInputs & KeyPairInputs, "waitUntilAccepted">,
    lost = false,
  ) {
    const { subscriptionId } = identity;
    const [key, previousKey] = lost ? ([null, null] as unknown as string[]) : [account.key1, account.key2];
    const stored = { ...where, subscriptionId, key, keyName: "Key1", keyFingerprint: "" } as const;
    const rotatedAt = "2025-12-01T00:00:00.000Z";
    this.single = { ...stored, rotationTrigger: "a", rotatedAt, revokeOnDelete: true };
    const previous = { previousKey, previousKeyName: "Key2" } as const;
    this.pair = { ...stored, ...previous, rotationTrigger: "a", rotationCount: 1, rotatedAt };
  }

  adopt(key: KeyHandler): Promise<unknown> {
    return key.create({ ...where, ...this.more });
  }

  adoptPair(_: KeyHandler, pair: KeyPairHandler): Promise<unknown> {
    return pair.create({ ...where, ...this.more });
  }

  get bumped(): KeyInputs & KeyPairInputs {
    return { ...where, ...this.more, rotationTrigger: "b" };
  }

  async create(key: KeyHandler): Promise<unknown> {
    await key.diff("id", this.single, this.bumped);
    return key.create(this.bumped);
  }

  update(_: KeyHandler, pair: KeyPairHandler): Promise<unknown> {
    return pair.update(name, this.pair, this.bumped);
  }

  async revoke(key: KeyHandler): Promise<unknown> {
    return key.delete("id", this.single);
  }

  refresh(_: KeyHandler, pair: KeyPairHandler): Promise<unknown> {
    return pair.read(name, this.pair);
  }
}
