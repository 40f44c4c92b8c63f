import assert from "node:assert/strict";
import { Deployment, library, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, keyProgram, seeded } from "../support/scenario";

describe("another stack", () => {
  it("reads the key as a secret through a stack reference, and gets the next one with its own next up", async () => {
    const emulator = await startEmulator(seeded);
    const producer = new Deployment(emulator);
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const program: Program = () => {
      const reference = new (pulumi().StackReference)(producer.reference);
      return { key: reference.requireOutput("key"), keyFingerprint: reference.requireOutput("keyFingerprint") };
    };

    const produced = await producer.up(keyProgram({ rotationTrigger: 1 }));
    const first = await consumer.up(program);
    assert.deepEqual(first.outputs.key, { value: account(emulator).key1, secret: true });
    assert.deepEqual(first.outputs.keyFingerprint, { value: produced.outputs.keyFingerprint.value, secret: false });
    assert.ok(
      !(await consumer.stored()).includes(account(emulator).key1),
      "no key in plaintext in the consumer's state",
    );

    await producer.up(keyProgram({ rotationTrigger: 2 }));
    const second = await consumer.up(program);
    assert.deepEqual(second.outputs.key, { value: account(emulator).key1, secret: true });
    assert.notEqual(second.outputs.keyFingerprint.value, first.outputs.keyFingerprint.value);
  });

  it("in the same stack, a dependant is replaced after the new key is there and before the old resource goes", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program = (rotationTrigger: number, seen: string[]): Program => {
      return () => {
        const { dynamic } = pulumi();
        const { RotatingCognitiveAccountKey } = library();
        const rotating = new RotatingCognitiveAccountKey("key", {
          resourceGroupName: "rg-ai",
          accountName: "my-account",
          rotationTrigger,
        });
        const provider = {
          async create(inputs: object) {
            return { id: "dependant", outs: inputs };
          },
          async diff(_id: string, olds: { using: string }, news: { using: string }) {
            const changes = olds.using !== news.using;
            return { changes, replaces: changes ? ["using"] : [] };
          },
        };
        class Dependant extends dynamic.Resource {}
        new Dependant(provider, "dependant", { using: rotating.keyFingerprint });
        rotating.keyFingerprint.apply((value) => seen.push(value));
        return undefined;
      };
    };
    const seen: string[] = [];
    await stack.up(program(1, seen));
    const bumped = await stack.up(program(2, seen));
    assert.deepEqual(bumped.order, [
      "create-replacement key",
      "replace key",
      "create-replacement dependant",
      "replace dependant",
      "delete-replaced dependant",
      "delete-replaced key",
    ]);
    assert.equal(new Set(seen).size, 2);
  });
});
