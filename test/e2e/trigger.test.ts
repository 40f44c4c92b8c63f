import assert from "node:assert/strict";
import type * as Pulumi from "@pulumi/pulumi";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, keyProgram, regenerations, replaced, seeded } from "../support/scenario";

describe("the rotation trigger", () => {
  it("does nothing when it is removed, null, or put back, and rotates when it is another value", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(keyProgram({ rotationTrigger: { month: 10, by: ["ops"] } }));
    for (const rotationTrigger of [undefined, null, { by: ["ops"], month: 10 }]) {
      const run = await stack.up(keyProgram({ rotationTrigger }));
      assert.deepEqual(run.steps, { same: 1 }, `trigger ${JSON.stringify(rotationTrigger)}`);
    }
    assert.equal(regenerations(emulator), 1);
    await stack.up(keyProgram());
    const other = await stack.up(keyProgram({ rotationTrigger: { by: ["ops"], month: 11 } }));
    assert.deepEqual(other.steps, replaced);
    assert.equal(regenerations(emulator), 2);
  });

  it("adopts the present key while there is none, and rotates when it is first set", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const original = account(emulator).key2;

    const adopted = await stack.up(keyProgram({ keyName: "Key2" }));
    assert.deepEqual(
      emulator.calls.map(({ operation }) => operation),
      ["listKeys"],
    );
    assert.equal(adopted.outputs.key.value, original);
    assert.equal(adopted.outputs.key.secret, true);
    assert.equal(adopted.outputs.rotatedAt, undefined, "an adopted key has no time of rotation");

    const still = await stack.up(keyProgram({ keyName: "Key2", rotationTrigger: null }));
    assert.deepEqual(still.steps, { same: 1 });
    assert.equal(regenerations(emulator), 0);

    const rotated = await stack.up(keyProgram({ keyName: "Key2", rotationTrigger: 0 }));
    assert.deepEqual(rotated.steps, replaced);
    assert.equal(rotated.outputs.key.value, account(emulator).key2);
    assert.notEqual(account(emulator).key2, original);
    assert.match(String(rotated.outputs.rotatedAt.value), /^\d{4}-\d\d-\d\dT/);
  });

  it("and the account may be unknown in a preview, also nested", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program: Program = () => {
      const { dynamic } = pulumi();
      class Source extends dynamic.Resource {
        declare readonly account: Pulumi.Output<string>;
        constructor() {
          super({ create: async () => ({ id: "source", outs: { account: "my-account" } }) }, "source", {
            account: undefined,
          });
        }
      }
      const { account } = new Source();
      return keyProgram({ accountName: account, rotationTrigger: { by: [account] } })();
    };
    assert.deepEqual((await stack.preview(program)).steps, { create: 2 });
    assert.equal(emulator.calls.length, 0);
    assert.deepEqual((await stack.up(program)).steps, { create: 2 });
    assert.deepEqual((await stack.preview(program)).steps, { same: 2 });
  });

  it("never moves a key to another default subscription, and a bump there is refused", async () => {
    const [here, there] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
    const emulator = await startEmulator({
      accounts: [here, there].map((subscriptionId) => ({ ...seeded.accounts[0], subscriptionId })),
      subscriptions: [here, there],
    });
    const stack = new Deployment(emulator, { environment: { ARM_SUBSCRIPTION_ID: here } });
    const first = await stack.up(keyProgram({ rotationTrigger: 1 }));

    await stack.setEnvironment({ ARM_SUBSCRIPTION_ID: there });
    const moved = await stack.up(keyProgram({ rotationTrigger: 1 }));
    assert.deepEqual(moved.steps, { same: 1 });
    assert.deepEqual(moved.outputs.key, first.outputs.key);

    const calls = emulator.calls.length;
    const refused = await failing(stack.up(keyProgram({ rotationTrigger: 2 })));
    assert.match(refused.printed, /Set subscriptionId on the resource/);
    assert.equal(emulator.calls.length, calls, "refused before any call");

    const told = await stack.up(keyProgram({ rotationTrigger: 2, subscriptionId: here }));
    assert.deepEqual(told.steps, replaced);
    assert.equal(emulator.calls.at(-1)?.subscriptionId, here);
  });
});
