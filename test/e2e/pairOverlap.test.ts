import assert from "node:assert/strict";
import type * as Pulumi from "@pulumi/pulumi";
import { needsFailedUpdates } from "../support/backends";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, inBothForms, regeneratedSlots, seeded, statusWith } from "../support/scenario";

/** A program that holds the pair and another resource, whose creation fails. */
function besideAFailure(program: Program): Program {
  return () => {
    const { dynamic } = pulumi();
    const outputs = program() as { key: Pulumi.Output<string> };
    class Failing extends dynamic.Resource {
      constructor() {
        const create = async () => Promise.reject(new Error("this resource always fails"));
        super({ create }, "failing", { after: outputs.key.apply(() => "the rotation") });
      }
    }
    new Failing();
    return outputs;
  };
}

inBothForms("a key pair", ({ pairProgram }) => {
  it("refuses a second rotation within the overlap, in preview and up, and nothing else is disturbed by that", async function () {
    await needsFailedUpdates(this);
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    const consumerHolds = (await producer.up(pairProgram())).outputs.key.value;
    const failed = await failing(producer.up(besideAFailure(pairProgram({ rotationTrigger: 1 }))));
    assert.match(failed.printed, /this resource always fails/);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"], "rotated, but not published");
    assert.equal(await statusWith(emulator, consumerHolds), 200);

    const before = await pairIn(producer);
    const calls = emulator.calls.length;
    const sentence =
      /Not rotated: too soon\. Possible from .* UTC\. Wait until then\. Key1 of account "my-account" \(resource group "rg-ai", .* minimumOverlap \(PT1H\) .* No call was made and no key was changed\. \[too-soon\]/;
    for (const command of ["preview", "up"] as const) {
      const { printed } = await failing(producer[command](pairProgram({ rotationTrigger: 2 })));
      assert.match(printed, sentence, command);
      assert.doesNotMatch(printed, /\n\s+at /, `${command} shows no stack trace`);
    }
    assert.equal(emulator.calls.length, calls, "refused before any call");
    assert.equal(await pairIn(producer), before, "nothing is left half-done");
    assert.equal(await statusWith(emulator, consumerHolds), 200, "consumers keep working");

    assert.deepEqual((await producer.refresh({ expectNoChanges: true })).steps, { refresh: 1 });
    await producer.refreshWith(pairProgram({ rotationTrigger: 2 }));
    const published = await producer.up(pairProgram({ rotationTrigger: 1 }));
    assert.deepEqual(published.outputs.key, { value: account(emulator).key2, secret: true });
    assert.deepEqual(
      (await producer.up(pairProgram({ rotationTrigger: 2, minimumOverlap: "PT0S" }))).steps,
      { update: 1 },
      "overridden",
    );
    await failing(producer.up(pairProgram({ rotationTrigger: 3 })));
    assert.equal((await producer.destroyWith(pairProgram({ rotationTrigger: 3 }))).steps.delete, 1);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key1"]);
  });
});

/** The pair as it lies in state, but for the encryption of its secrets, which is another one at each writing. */
async function pairIn(stack: Deployment): Promise<string> {
  const { resources } = await stack.state();
  const pair = JSON.stringify(resources.find(({ type }) => type.endsWith("RotatingCognitiveAccountKeyPair")));
  return pair.replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""');
}
