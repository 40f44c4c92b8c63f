import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "../emulator/emulator";
import type { Beside } from "../scripts/besideEmulator";
import { InlineStack, type Span } from "../scripts/inlineStack";
import { SteadyClient, type SteadyRequest } from "../scripts/steadyClient";
import type { AvailabilityOptions } from "./availabilityOptions";
import type { Design } from "./designs";
import { subjects } from "./subjects";

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

/** How long the client calls before the producer's `up` and after the consumer's, in milliseconds. */
const undisturbedMs = 1_000;

/**
 * Rotates once while a client calls with the key that the consumer's last `up` has given it.
 *
 * @param account the design's own
 */
export async function rotateUnderLoad(
  design: Design,
  account: { resourceGroup: string; name: string },
  { rate, lag }: AvailabilityOptions,
  { emulator, folder }: Beside,
): Promise<RotationUnderLoad> {
  const stackOf = (project: string) =>
    new InlineStack({
      project,
      name: account.name,
      folder: join(folder, `${project}-${account.name}`),
      backend: join(folder, "backend"),
      environment: emulator.environment(),
    });
  const producer = stackOf("producer");
  const consumer = stackOf("consumer");
  let held = "";
  const produce = (rotationTrigger: string) => () => {
    const { Resource, rotatesBy } = subjects[design.subject];
    const { key } = new Resource("key", {
      ...{ resourceGroupName: account.resourceGroup, accountName: account.name, rotationTrigger },
      ...(rotatesBy === "update" && { minimumOverlap: "PT0S" }),
    });
    return { key };
  };
  const consume = () => {
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
  try {
    const callsBefore = emulator.calls.length;
    client.start(held);
    await sleep(undisturbedMs);
    const { span: producerUp } = await producer.up(produce("2026-12"));
    await sleep(producerUp.to + lag * 1000 - Date.now());
    let stopped: Promise<void> | undefined;
    const { span: consumerUp } = await consumer.up(consume, {
      onEvent: ({ summaryEvent }) => {
        if (summaryEvent === undefined) return;
        client.hold(held);
        stopped = sleep(undisturbedMs).then(() => client.stop());
      },
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
  }
}

function lastRenewal(emulator: Emulator, { resourceGroup, name }: Parameters<typeof rotateUnderLoad>[1]): number {
  const now = Date.now();
  const account = emulator.account(resourceGroup, name);
  return now - Math.min(account.ageOf("Key1", now), account.ageOf("Key2", now));
}
