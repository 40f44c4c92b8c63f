import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Emulator } from "../emulator/emulator";
import { bytesOfResources } from "./bytesOfResources";
import { ProviderMeter, type ProviderUse } from "./providerMeter";
import { runSubject, type SubjectCommand } from "./subjectProcess";
import { type Subject, type SubjectName, subjects } from "./subjects";

/** What is measured of a stack, one after the other. */
export const measures = [
  "first up",
  "unchanged up",
  "preview of a rotation",
  "rotation",
  "refresh",
  "next rotation",
] as const;

export type Measure = (typeof measures)[number];

/** How a stack is run. */
export interface Conditions {
  /** Milliseconds from a call's arrival to its effect. */
  latency: { regenerateKey: number; listKeys: number };
  /** Variables of the engine, beside those that all have. */
  environment?: Record<string, string>;
  /** What is handed to `--parallel`. @default what Pulumi does without it */
  parallel?: number;
}

/** One command. */
export interface Measurement extends ProviderUse {
  measure: Measure;
  /** Wall time. */
  seconds: number;
  /** Calls by kind; `token` and `metadata` are those of the login. */
  calls: Record<string, number>;
  /** Bytes on disk of one key, on average. Absent where the engine is told to store something else. */
  stateBytesPerKey?: number;
  /** Present where the engine keeps what it has written. */
  snapshots?: Snapshots;
}

/** What the engine has written of one stack's state during a command, where it was told to keep all of it. */
export interface Snapshots {
  count: number;
  bytes: number;
}

export interface Place {
  emulator: Emulator;
  /** Whose keys are rotated: as many as the stack has. */
  accounts: readonly { resourceGroup: string; name: string }[];
  /** Where the package is installed. */
  app: string;
  /** Where the plugins are. */
  plugins: readonly string[];
  folder: string;
}

/** Deploys as many keys as there are accounts with a stack of their own, rotates each, and measures every command. */
export async function measureStack(
  name: SubjectName,
  wanted: readonly Measure[],
  { latency, environment, parallel }: Conditions,
  { emulator, accounts, app, plugins, folder }: Place,
): Promise<Measurement[]> {
  const subject = subjects[name];
  const own = mkdtempSync(join(folder, "stack-"));
  const states = join(own, "backend", ".pulumi", "stacks", "keys");
  const meter = new ProviderMeter(join(own, "meter"));
  emulator.apply({ latency });
  const onPath = { PATH: [...plugins, process.env.PATH].join(delimiter) };
  const measurements: Measurement[] = [];
  try {
    for (const measure of wanted) {
      const callsBefore = emulator.calls.length;
      const loginsBefore = emulator.logins.length;
      const { span, steps } = await runSubject({
        ...commands[measure],
        subject: name,
        accounts,
        folder: own,
        app,
        parallel,
        environment: { ...emulator.environment(), ...meter.environment, ...onPath, ...environment },
      });
      assert.deepEqual(
        steps,
        Object.fromEntries(stepsOf(measure, subject).map((step) => [step, accounts.length])),
        `${name}: ${measure}`,
      );
      measurements.push({
        measure,
        seconds: (span.to - span.from) / 1000,
        ...meter.take(),
        calls: {
          ...countBy(emulator.calls.slice(callsBefore).map(({ operation }) => operation)),
          token: emulator.logins.length - loginsBefore,
        },
        ...(environment === undefined && { stateBytesPerKey: bytesPerKey(states, name) }),
        ...(environment?.[keepsSnapshots] && { snapshots: takeSnapshots(states) }),
      });
    }
    return measurements;
  } finally {
    rmSync(own, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The variable that has a file backend keep every state that it writes. */
export const keepsSnapshots = "PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS";

function bytesPerKey(folder: string, subject: SubjectName): number {
  const bytes = bytesOfResources(readFileSync(join(folder, "dev.json"), "utf8"), classOf[subject]);
  return Math.round(bytes.reduce((sum, each) => sum + each, 0) / bytes.length);
}

function takeSnapshots(folder: string): Snapshots {
  const kept = readdirSync(folder).filter((name) => /\.json\.\d+$/.test(name));
  const sizes = kept.map((name) => statSync(join(folder, name)).size);
  for (const name of kept) rmSync(join(folder, name));
  return { count: kept.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

const rotationTrigger = "2026-12";
const nextTrigger = "2027-01";
const commands: Record<Measure, Pick<SubjectCommand, "command" | "rotationTrigger" | "minimumOverlap">> = {
  "first up": { command: "up" },
  "unchanged up": { command: "up" },
  "preview of a rotation": { command: "preview", rotationTrigger },
  rotation: { command: "up", rotationTrigger },
  refresh: { command: "refresh" },
  // An overlap, which is the default, makes each pair read before it writes. It is short, so that nothing is refused.
  "next rotation": { command: "up", rotationTrigger: nextTrigger, minimumOverlap: "PT1S" },
};

const classOf: Record<SubjectName, string> = {
  trivialUpdated: "TrivialKey",
  trivialReplaced: "TrivialKey",
  shaped: "ShapedKeyOfTheVerySameLength",
  pair: "RotatingCognitiveAccountKeyPair",
  single: "RotatingCognitiveAccountKey",
  shapedPlugin: "ShapedPluginKeyOfSameLength",
  pluginPair: "RotatingCognitiveAccountKeyPair",
  pluginSingle: "RotatingCognitiveAccountKey",
  documented: "Resource",
};

function stepsOf(measure: Measure, { rotatesBy }: Subject): readonly string[] {
  if (measure === "first up") return ["create"];
  if (measure === "refresh") return ["refresh"];
  if (measure === "unchanged up") return ["same"];
  return rotatesBy === "replace" ? ["create-replacement", "replace", "delete-replaced"] : ["update"];
}

export function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
