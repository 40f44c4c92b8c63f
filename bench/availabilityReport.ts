import Table from "cli-table3";
import type { Span } from "../scripts/inlineStack";
import { failuresOf, outageMs, stretchesOf } from "../scripts/steadyClient";
import type { AvailabilityOptions } from "./availabilityOptions";
import type { RotationUnderLoad } from "./rotationUnderLoad";
import type { Circumstances } from "./runBenchmark";

export type LoadCircumstances = Circumstances & Pick<AvailabilityOptions, "rate" | "lag">;

/** One row per design. */
export function availabilityTable(rotations: readonly RotationUnderLoad[]): string {
  const table = new Table({
    head: ["design", "made of", "requests", "refused", "outage (s)"],
    colAligns: ["left", "left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { design, requests } of rotations) {
    table.push([design.name, design.resource, requests.length, failuresOf(requests).length, outageSeconds(requests)]);
  }
  return table.toString();
}

/** To a tenth, as the requests are about as dense. */
export function outageSeconds(requests: RotationUnderLoad["requests"]): string {
  return (outageMs(requests) / 1000).toFixed(1);
}

/** Everything as JSON: moments in seconds since the producer's `up` began, and no key. */
export function availabilityJson(rotations: readonly RotationUnderLoad[], circumstances: LoadCircumstances): string {
  const designs = rotations.map((rotation) => {
    const { design, requests, regenerations, producerUp, regeneratedAt, consumerUp } = rotation;
    const since = (at: number) => (at - producerUp.from) / 1000;
    const sinceBoth = ({ from, to }: Span) => ({ from: since(from), to: since(to) });
    return {
      name: design.name,
      resource: design.resource,
      requests: requests.length,
      failures: failuresOf(requests).length,
      outageSeconds: outageMs(requests) / 1000,
      regenerations,
      producerUp: sinceBoth(producerUp),
      regeneratedAt: since(regeneratedAt),
      consumerUp: sinceBoth(consumerUp),
      stretches: stretchesOf(requests).map((stretch) => ({ ...stretch, ...sinceBoth(stretch) })),
    };
  });
  return `${JSON.stringify({ ...circumstances, designs }, undefined, 2)}\n`;
}

/** Why the figures show nothing, or something that must not be. */
export function objections(rotations: readonly RotationUnderLoad[]): string[] {
  return rotations.flatMap(({ design, requests, regenerations }) => {
    const failures = failuresOf(requests).length;
    return [
      ...(regenerations === 1
        ? []
        : [`${design.name}: ${regenerations} calls to regenerateKey, and there must be one.`]),
      ...(failures > 0 && !design.hasOutage
        ? [`${design.name}: ${failures} requests were refused, and none must be.`]
        : []),
      ...(failures === 0 && design.hasOutage
        ? [`${design.name}: no request was refused, so nothing was measured.`]
        : []),
    ];
  });
}
