import assert from "node:assert/strict";
import type * as Pulumi from "@pulumi/pulumi";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { findLeaks } from "../support/leaks";
import { account, group, inBothForms, name, regenerations, replaced, seeded } from "../support/scenario";

inBothForms("the rotation trigger", ({ keyProgram, pairProgram }) => {
  it("rotates a key and a pair at another value than the last one acted on, and at nothing else", async () => {
    const emulator = await startEmulator({ accounts: [...seeded.accounts, { resourceGroup: group, name: "paired" }] });
    const stack = new Deployment(emulator);
    const both =
      (args: object): Program =>
      () => ({
        ...keyProgram(args)(),
        ...pairProgram({ minimumOverlap: "PT0S", ...args, accountName: "paired" })(),
      });
    const november = { month: 11, by: ["ops"] };
    const steps: [what: string, args: object, steps: object][] = [
      ["none", {}, { create: 2 }],
      ["null", { rotationTrigger: null }, { same: 2 }],
      ["set for the first time", { rotationTrigger: "a" }, { ...replaced, update: 1 }],
      ["another value", { rotationTrigger: november }, { ...replaced, update: 1 }],
      ["in another order", { rotationTrigger: { by: ["ops"], month: 11 } }, { same: 2 }],
      ["removed", {}, { same: 2 }],
      ["put back", { rotationTrigger: november }, { same: 2 }],
      ["an earlier value", { rotationTrigger: "a" }, { ...replaced, update: 1 }],
      [
        "inputs that never cause a step",
        {
          rotationTrigger: "a",
          initialKeyName: "Key2",
          minimumOverlap: "P7D",
          waitUntilAccepted: { url: emulator.url },
        },
        { same: 2 },
      ],
    ];
    for (const [what, args, expected] of steps) {
      const calls = emulator.calls.length;
      assert.deepEqual((await stack.preview(both(args))).steps, expected, `preview: ${what}`);
      assert.equal(emulator.calls.length, calls, "a preview calls nobody");
      assert.deepEqual((await stack.up(both(args))).steps, expected, what);
      if ("same" in expected) assert.equal(emulator.calls.length, calls, "nor does what changes nothing");
    }
    const slots = (accountName: string) =>
      emulator.calls.filter((call) => call.accountName === accountName && call.operation === "regenerateKey");
    assert.deepEqual(
      slots(name).map(({ keyName }) => keyName),
      ["Key1", "Key1", "Key1"],
    );
    assert.deepEqual(
      slots("paired").map(({ keyName }) => keyName),
      ["Key2", "Key1", "Key2"],
    );
  });

  it("stays encrypted where it was a secret and the program has it no more, whatever is updated then", async () => {
    const emulator = await startEmulator({ accounts: [...seeded.accounts, { resourceGroup: group, name: "paired" }] });
    const seen: string[] = [];
    const stack = new Deployment(emulator, { watch: (_, text) => seen.push(text) });
    const both =
      (args: object, revokeOnDelete = false): Program =>
      () => ({
        ...keyProgram({ ...args, revokeOnDelete })(),
        ...pairProgram({ minimumOverlap: "PT0S", ...args, accountName: "paired" })(),
      });
    const rotationTrigger = "synthetic-trigger";
    await stack.up(() => both({ rotationTrigger: { a: [pulumi().secret(rotationTrigger)] } })());
    emulator.account(group, "paired").regenerate("Key1");
    await stack.refresh();
    for (const command of ["preview", "up"] as const) {
      assert.deepEqual((await stack[command](both({}, true))).steps, { update: 2 });
    }
    emulator.account(group, "paired").regenerate("Key2");
    await stack.refresh();
    assert.deepEqual(findLeaks((await stack.stored()) + seen.join(""), [rotationTrigger]), []);
    assert.deepEqual((await stack.up(both({}, true))).steps, { same: 1, update: 1 });
    assert.deepEqual((await stack.up(both({ rotationTrigger: { a: [rotationTrigger] } }, true))).steps, { same: 2 });
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

  it("of a pair may be unknown in a preview, also within the overlap, which an up refuses then", async () => {
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
