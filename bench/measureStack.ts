import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Emulator } from "../emulator/emulator";
import { InlineStack } from "../scripts/inlineStack";
import { onInterrupt } from "../scripts/interrupt";
import { ProviderMeter, type ProviderUse } from "./providerMeter";
import { runSubject } from "./runSubject";
import { project, type SubjectCommand } from "./subjectProcess";
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
  /** The URL of a server for the state. @default a file backend */
  backend?: string;
}

/** Deploys as many keys as there are accounts with a stack of their own, rotates each, and measures every command. */
export async function measureStack(
  name: SubjectName,
  wanted: readonly Measure[],
  { latency, environment, parallel }: Conditions,
  { emulator, accounts, app, plugins, folder, backend }: Place,
): Promise<Measurement[]> {
  const subject = subjects[name];
  const own = mkdtempSync(join(folder, "stack-"));
  const meter = new ProviderMeter(join(own, "meter"));
  emulator.apply({ latency });
  const onPath = { PATH: [...plugins, process.env.PATH].join(delimiter) };
  const stack = new InlineStack({ project, folder: own, backend, environment: {} });
  const removeStack = async () => {
    if (backend) await removeFromServer(stack);
  };
  const forgetInterrupt = onInterrupt(removeStack);
  const measurements: Measurement[] = [];
  try {
    for (const measure of wanted) {
      const callsBefore = emulator.calls.length;
      const loginsBefore = emulator.logins.length;
      const { span, steps, stateBytesPerKey } = await runSubject({
        ...commands[measure],
        subject: name,
        accounts,
        folder: own,
        backend,
        app,
        parallel,
        environment: { ...emulator.environment(), ...meter.environment, ...onPath, ...environment },
        isWeighed: environment === undefined,
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
        ...(stateBytesPerKey !== undefined && { stateBytesPerKey }),
        ...(environment?.[keepsSnapshots] && {
          snapshots: takeSnapshots(join(own, "backend/.pulumi/stacks", project)),
        }),
      });
    }
    return measurements;
  } finally {
    await removeStack();
    forgetInterrupt();
    rmSync(own, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Tells what is left on the server if it cannot be removed. */
async function removeFromServer(stack: InlineStack): Promise<void> {
  try {
    await stack.select();
    await stack.remove();
  } catch (error) {
    console.error(`The stack ${project}/${stack.name} is left: ${(error as Error).message}`);
  }
}

/** The variable that has a file backend keep every state that it writes. */
export const keepsSnapshots = "PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS";

function takeSnapshots(folder: string): Snapshots {
  const kept = readdirSync(folder).filter((name) => /\.json\.\d+$/.test(name));
  const sizes = kept.map((name) => statSync(join(folder, name)).size);
  for (const name of kept) rmSync(join(folder, name));
  return { count: kept.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

const rotationTrigger = "2026-12";
const minimumOverlap = "PT0S";
const commands: Record<Measure, Pick<SubjectCommand, "command" | "rotationTrigger" | "minimumOverlap">> = {
  "first up": { command: "up", minimumOverlap },
  "unchanged up": { command: "up", minimumOverlap },
  "preview of a rotation": { command: "preview", rotationTrigger, minimumOverlap },
  rotation: { command: "up", rotationTrigger, minimumOverlap },
  refresh: { command: "refresh", rotationTrigger, minimumOverlap },
  // As long as it can be without a refusal: the last rotation was commands ago.
  "next rotation": { command: "up", rotationTrigger: "2027-01", minimumOverlap: "PT1S" },
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
