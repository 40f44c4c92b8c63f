import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "../emulator/emulator";
import { onInterrupt } from "../scripts/interrupt";
import { SteadyClient, type SteadyRequest } from "../scripts/steadyClient";
import { BenchStack, type BenchStackOptions, type Span } from "./benchStack";
import type { Design } from "./designs";

/** One rotation, and what a client of the consumer saw of it. Moments are milliseconds since the epoch. */
export interface RotationUnderLoad {
  design: Design;
  requests: readonly SteadyRequest[];
  producerUp: Span;
  /** How often a key was renewed while the client was calling. */
  regenerations: number;
  /** When the account had its new key. */
  regeneratedAt: number;
  consumerUp: Span;
}

export interface LoadOptions {
  emulator: Emulator;
  /** The account that is the design's own. */
  account: { resourceGroup: string; name: string };
  stacks: BenchStackOptions;
  /** Requests a second. */
  rate: number;
  /** Seconds from the end of the producer's `up` to the start of the consumer's. */
  lag: number;
}

/** How long the client calls before the producer's `up` and after the consumer's, in milliseconds. */
const undisturbedMs = 1_000;

/** Rotates once while a client calls with the key that the consumer's last `up` has given it. */
export async function rotateUnderLoad(design: Design, options: LoadOptions): Promise<RotationUnderLoad> {
  const { emulator, account, stacks, rate, lag } = options;
  const producer = await BenchStack.create("producer", account.name, stacks);
  const consumer = await BenchStack.create("consumer", account.name, stacks);
  let held = "";
  const produce = (rotationTrigger: string) => async () => {
    const { key } = design.declare({
      resourceGroupName: account.resourceGroup,
      accountName: account.name,
      rotationTrigger,
    });
    return { key };
  };
  const consume = async () => {
    const key = new pulumi.StackReference(producer.reference).requireOutput("key");
    key.apply((value: string) => {
      held = value;
    });
    return { key };
  };

  await producer.up(produce("2026-11"));
  await consumer.up(consume);
  const url = new URL("openai/models?api-version=2024-10-21", emulator.endpoint(account.resourceGroup, account.name));
  const client = new SteadyClient({ url, intervalMs: 1000 / rate });
  const forgetInterrupt = onInterrupt(() => client.stop());
  try {
    const callsBefore = emulator.calls.length;
    client.start(held);
    await sleep(undisturbedMs);
    let lagOver: Promise<void> | undefined;
    const producerUp = await producer.up(produce("2026-12"), () => {
      lagOver = sleep(lag * 1000);
    });
    await lagOver;
    let stopped: Promise<void> | undefined;
    const consumerUp = await consumer.up(consume, () => {
      client.hold(held);
      stopped = sleep(undisturbedMs).then(() => client.stop());
    });
    await stopped;
    const calls = emulator.calls.slice(callsBefore);
    return {
      design,
      requests: client.requests,
      producerUp,
      regenerations: calls.filter(({ operation }) => operation === "regenerateKey").length,
      regeneratedAt: lastRenewal(emulator, account),
      consumerUp,
    };
  } finally {
    await client.stop();
    forgetInterrupt();
  }
}

function lastRenewal(emulator: Emulator, { resourceGroup, name }: LoadOptions["account"]): number {
  const now = Date.now();
  const account = emulator.account(resourceGroup, name);
  return now - Math.min(account.ageOf("Key1", now), account.ageOf("Key2", now));
}
