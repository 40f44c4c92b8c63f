/** `npm run bench:availability`: what a rotation costs the clients of a key, for three designs. `--help` says more. */
import { writeFileSync } from "node:fs";
import type { Beside } from "../scripts/besideEmulator";
import { startProgress } from "../scripts/progress";
import { type AvailabilityOptions, readOptions, usage } from "./availabilityOptions";
import { availabilityJson, availabilityTable, objections } from "./availabilityReport";
import { drawTimeline } from "./availabilityTimeline";
import { designs } from "./designs";
import { type RotationUnderLoad, rotateUnderLoad } from "./rotationUnderLoad";
import { type Circumstances, runBenchmark } from "./runBenchmark";

const accounts = designs.map(({ subject }) => ({
  resourceGroup: "rg-bench",
  name: subject,
  kind: "AIServices",
}));

async function measure(options: AvailabilityOptions, place: Beside, ran: Circumstances): Promise<number> {
  const { rate, lag, json, svg } = options;
  const rotations: RotationUnderLoad[] = [];
  for (const [index, design] of designs.entries()) {
    const progress = await startProgress(`${design.name}: deploying, rotating and deploying again`);
    try {
      rotations.push(await rotateUnderLoad(design, accounts[index], options, place));
    } finally {
      progress.stop();
    }
  }
  const circumstances = { command: ran.command, rate, lag, versions: ran.versions };
  console.log(availabilityTable(rotations));
  if (json) writeFileSync(json, availabilityJson(rotations, circumstances));
  if (svg) writeFileSync(svg, drawTimeline(rotations, circumstances));
  const versions = Object.entries(ran.versions).map(([name, version]) => `${name} ${version}`);
  console.log(`${rate} requests a second, ${lag} s between the two deployments\n${versions.join(", ")}`);
  console.log(ran.command);
  const wrong = objections(rotations);
  for (const objection of wrong) console.error(objection);
  return wrong.length === 0 ? 0 : 1;
}

runBenchmark(__filename, {
  script: "bench:availability",
  usage,
  readOptions,
  // What recorded exchanges with Azure name as the time of this call: `x-envoy-upstream-service-time`.
  emulatorOptions: () => ({ accounts, latency: { regenerateKey: 100 } }),
  measure,
});
