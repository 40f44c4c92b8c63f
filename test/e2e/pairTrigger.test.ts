import assert from "node:assert/strict";
import type * as Pulumi from "@pulumi/pulumi";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { pairProgram, regeneratedSlots, regenerations, seeded } from "../support/scenario";

describe("a key pair", () => {
  it("rotates at another trigger than the last one acted on, and at nothing else", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const up = async (args: Parameters<typeof pairProgram>[0]) =>
      (await stack.up(pairProgram({ minimumOverlap: "PT0S", ...args }))).steps;
    assert.deepEqual(await up({}), { create: 1 });
    assert.deepEqual(await up({ rotationTrigger: null }), { same: 1 });
    assert.deepEqual(await up({ rotationTrigger: "a" }), { update: 1 }, "set for the first time");
    assert.deepEqual(await up({ rotationTrigger: { month: 11, by: ["ops"] } }), { update: 1 });
    assert.deepEqual(await up({ rotationTrigger: { by: ["ops"], month: 11 } }), { same: 1 });
    assert.deepEqual(await up({}), { same: 1 }, "removed");
    assert.deepEqual(await up({ rotationTrigger: { month: 11, by: ["ops"] } }), { same: 1 }, "put back");
    assert.deepEqual(await up({ rotationTrigger: "a" }), { update: 1 }, "an earlier value is another value");
    const others = { initialKeyName: "Key2", minimumOverlap: "P7D", waitUntilAccepted: { url: emulator.url } } as const;
    const previewed = await stack.preview(pairProgram({ rotationTrigger: "a", ...others }));
    assert.deepEqual(previewed.steps, { same: 1 }, "a preview of inputs that never cause a step shows no change");
    assert.deepEqual(await up({ rotationTrigger: "a", ...others }), { same: 1 });
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key1", "Key2"]);
  });

  it("shows an unknown trigger as a change and does not fail", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program =
      (value: number, minimumOverlap?: string): Program =>
      () => {
        const { dynamic } = pulumi();
        class Source extends dynamic.Resource {
          declare readonly trigger: Pulumi.Output<string>;
          constructor() {
            const outs = { trigger: `t-${value}` };
            super(
              {
                create: async () => ({ id: "source", outs }),
                update: async () => ({ outs }),
              },
              "source",
              { value, trigger: undefined },
            );
          }
        }
        const { trigger } = new Source();
        return pairProgram({ rotationTrigger: { by: [trigger] }, minimumOverlap })();
      };
    await stack.up(program(1));
    assert.deepEqual((await stack.up(program(2, "PT0S"))).steps, { update: 2 });
    assert.equal(regenerations(emulator), 1);
    // Within the overlap: the preview cannot know whether it will be refused, and up, which can, refuses.
    assert.deepEqual((await stack.preview(program(3))).steps, { update: 2 });
    const { printed } = await failing(stack.up(program(3)));
    assert.match(printed, /Not rotated: .*\[too-soon\]/);
    assert.equal(regenerations(emulator), 1);
  });
});
