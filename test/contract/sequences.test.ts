import fc from "fast-check";
import type { Kind } from "./pluginClient";
import { type Form, SequenceScene } from "./sequenceScene";
import { sequences } from "./sequenceSteps";

const forms: readonly Form[] = ["dynamic", "plugin"];
/** Sequences for each of the two resources, half of them in each form: the handlers are the same. */
const runs = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 75) / forms.length);
const kinds: readonly Kind[] = ["key", "pair"];

const promises: Record<Kind, string> = {
  key: "a single key in state is live, or a command has failed and said what is known",
  pair: "so are a pair's, and the key it published before stays valid until the next rotation",
};

describe("whatever happens, in whatever order", () => {
  const happened = new Map<string, number>();

  for (const [form, kind] of forms.flatMap((form) => kinds.map((kind) => [form, kind] as const))) {
    it(`${promises[kind]} (${form})`, async function () {
      // A failure is looked into for some time, until a shorter sequence fails as well.
      this.timeout(60_000 + runs * 2_000);
      await fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          for (const [what, times] of Object.entries(await SequenceScene.run(kind, form, steps))) {
            happened.set(what, (happened.get(what) ?? 0) + times);
          }
        }),
        { numRuns: runs, includeErrorInReport: true },
      );
    });
  }

  after(() => {
    const times = [...happened].sort(([, a], [, b]) => b - a).map(([what, count]) => `${what} ${count}`);
    console.log(`      ${forms.length * kinds.length * runs} sequences: ${times.join(", ")}`);
  });
});
