/** What `availability.ts` starts: `availabilityRun.ts FOLDER [options]`, with `cert.pem` and `key.pem` in that folder. */
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import { createEmulator, type Emulator } from "../emulator/emulator";
import { isInterrupted, onInterrupt } from "../scripts/interrupt";
import { startProgress } from "../scripts/progress";
import { obtainPulumiCli } from "../scripts/pulumiCli";
import { type AvailabilityOptions, readOptions } from "./availabilityOptions";
import { availabilityJson, availabilityTable, type Circumstances, objections } from "./availabilityReport";
import { drawTimeline } from "./availabilityTimeline";
import { designs } from "./designs";
import { type RotationUnderLoad, rotateUnderLoad } from "./rotationUnderLoad";

const resourceGroup = "rg-bench";
/** What recorded exchanges with Azure name as the time of this call: `x-envoy-upstream-service-time`. */
const latency = { regenerateKey: 100 };
const accounts = designs.map(({ name }) => ({
  resourceGroup,
  name: name.toLowerCase().replaceAll(" ", "-"),
  kind: "AIServices",
}));

async function main(folder: string, options: AvailabilityOptions): Promise<number> {
  const { rate, lag } = options;
  const cli = await obtainPulumiCli();
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const emulator = createEmulator({ tls: { cert: read("cert.pem"), key: read("key.pem") }, accounts, latency });
  emulator.listen(0, "localhost");
  await once(emulator, "listening");
  // The folder is the parent's to remove; a signal only has to end this process.
  const forgetInterrupt = onInterrupt(() => {});
  const keys = new Set<string>();
  const rememberKeys = () => {
    for (const { name } of accounts) {
      for (const key of Object.values(emulator.account(resourceGroup, name).keys)) keys.add(key);
    }
  };
  rememberKeys();
  try {
    console.log(`Azure is played by an emulator at ${emulator.url}, state is kept in ${folder}.`);
    const stacks = { command: cli.command, folder, environment: environmentOf(emulator, folder) };
    const rotations: RotationUnderLoad[] = [];
    for (const [index, design] of designs.entries()) {
      const progress = await startProgress(`${design.name}: deploying, rotating and deploying again`);
      try {
        rotations.push(await rotateUnderLoad(design, { emulator, account: accounts[index], stacks, rate, lag }));
      } finally {
        progress.stop();
        rememberKeys();
      }
    }
    const circumstances: Circumstances = {
      command: ["npm run bench:availability --", ...process.argv.slice(3)].join(" "),
      rate,
      lag,
      versions: {
        "Pulumi CLI": cli.version,
        "@pulumi/pulumi": sdkVersion,
        "pulumi-cognitive-key-rotation": packageVersion(),
        Node: process.versions.node,
      },
    };
    console.log(availabilityTable(rotations));
    if (options.json) writeFileSync(options.json, availabilityJson(rotations, circumstances));
    if (options.svg) writeFileSync(options.svg, drawTimeline(rotations, circumstances));
    const versions = Object.entries(circumstances.versions).map(([name, version]) => `${name} ${version}`);
    console.log(`${rate} requests a second, ${lag} s between the two stacks' deployments; ${versions.join(", ")}`);
    console.log(circumstances.command);
    const wrong = objections(rotations);
    for (const objection of wrong) console.error(objection);
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    // The interrupt decides what comes next.
    if (isInterrupted()) await new Promise(() => {});
    // Keys never belong in an error; one that is there all the same is not shown.
    const { message } = error as Error;
    console.error([...keys].reduce((redacted, key) => redacted.replaceAll(key, "[key]"), message));
    return 1;
  } finally {
    await emulator.stop();
    forgetInterrupt();
  }
}

function environmentOf(emulator: Emulator, folder: string): Record<string, string> {
  const backend = join(folder, "backend");
  mkdirSync(backend);
  return {
    ...emulator.environment(),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "the state lives as long as the benchmark",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

function packageVersion(): string {
  const { version }: { version: string } = require("pulumi-cognitive-key-rotation/package.json");
  return version;
}

const options = readOptions(process.argv.slice(3));
if (options !== "help") {
  main(process.argv[2], options).then(
    (status) => {
      process.exitCode = status;
    },
    (error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
