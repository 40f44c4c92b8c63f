import assert from "node:assert/strict";
import { accountsOf } from "../../../bench/accountsOf";
import { type Conditions, keepsSnapshots, type Measure, measureStack, measures } from "../../../bench/measureStack";
import { installSubjects } from "../../../bench/runSubject";
import type { SubjectName } from "../../../bench/subjects";
import { installTrivialPlugin } from "../../../bench/trivialProvider";
import { pluginFolder } from "../../../scripts/buildPlugin";
import { app } from "../../support/deployment";
import { startEmulator } from "../../support/emulator";

const rotation: readonly Measure[] = ["first up", "rotation"];
const conditions: Conditions = { latency: { regenerateKey: 0, listKeys: 0 } };
const backend = process.env.E2E_BACKEND_URL;
let plugins: readonly string[];

async function measure(subject: SubjectName, wanted: readonly Measure[], under = conditions) {
  const accounts = accountsOf(2);
  const emulator = await startEmulator({ accounts });
  const folder = process.env.E2E_ROOT as string;
  return measureStack(subject, wanted, under, { emulator, accounts, app: app(), plugins, folder, backend });
}

/** Each form, a trivial resource of its shape, and what a key may weigh in state. */
const forms: [subject: SubjectName, floor: SubjectName, bytes: number][] = [
  ["pair", "shaped", 2_600],
  ["single", "shapedSingle", 2_150],
  ["pluginPair", "shapedPlugin", 1_950],
  ["pluginSingle", "shapedPluginSingle", 1_600],
];

describe("the benchmark", () => {
  before(() => {
    installSubjects(app());
    plugins = [installTrivialPlugin(process.env.E2E_ROOT as string), pluginFolder];
  });

  for (const [subject, floor, bound] of forms) {
    it(`measures a stack of "${subject}" through all commands, and "${floor}" weighs as much and calls nobody`, async () => {
      const measurements = await measure(subject, measures);
      const reading = /pair/i.test(subject) && { listKeys: 2 };
      assert.deepEqual(Object.fromEntries(measurements.map(({ measure, calls }) => [measure, calls])), {
        "first up": { listKeys: 2, token: 1 },
        "unchanged up": { token: 0 },
        "preview of a rotation": { token: 0 },
        rotation: { regenerateKey: 2, token: 1 },
        refresh: { listKeys: 2, token: 1 },
        "next rotation": { ...reading, regenerateKey: 2, token: 1 },
      });
      for (const { seconds, cpuSeconds, peakMemoryMB } of measurements) {
        const used = `${seconds} s, ${cpuSeconds} s, ${peakMemoryMB} MB`;
        // Half of what a provider takes here, as machines differ. Node without any code has two thirds of this memory.
        assert.ok(seconds > 0.2 && cpuSeconds > 0.05 && peakMemoryMB > 60, used);
      }
      const found = Object.fromEntries(
        measurements.map(({ measure, stateBytesPerKey = 0 }) => [measure, stateBytesPerKey]),
      );
      console.log(`      ${JSON.stringify(found)}`);
      // A server encrypts in its own way, and the names of its stacks are longer.
      if (!backend) assert.ok(found.refresh <= bound, `${found.refresh} bytes`);

      for (const { measure: after, calls, stateBytesPerKey = 0 } of await measure(floor, rotation)) {
        assert.deepEqual(calls, { token: 0 });
        assert.ok(
          Math.abs(stateBytesPerKey / found[after] - 1) <= 0.02,
          `${stateBytesPerKey} and ${found[after]} bytes`,
        );
      }
    });
  }

  it("measures what users would take instead, and resources that do nothing", async () => {
    const documented = await measure("documented", rotation);
    assert.deepEqual(
      documented.map(({ calls }) => calls),
      Array(2).fill({ regenerateKey: 2, token: 2 }),
    );
    for (const subject of ["trivialUpdated", "trivialReplaced"] as const) {
      const trivial = await measure(subject, rotation);
      assert.deepEqual(
        trivial.map(({ calls }) => calls),
        Array(2).fill({ token: 0 }),
      );
    }
  });

  it("counts the states that a file backend writes", async function () {
    if (backend) return this.skip();
    const counted = await measure("pair", rotation, { ...conditions, environment: { [keepsSnapshots]: "true" } });
    // Before and after each step.
    assert.ok(
      counted.every(({ snapshots }) => snapshots && snapshots.count >= 4 && snapshots.bytes > 4_000),
      JSON.stringify(counted),
    );
  });
});
