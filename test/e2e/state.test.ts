import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { bytesOfResources } from "../../bench/bytesOfResources";
import { installTrivialProviders } from "../../bench/trivialProvider";
import { trivialText } from "../../bench/trivialText";
import { needsFileBackend } from "../support/backends";
import { app, Deployment, library, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { type ClassName, plugin } from "../support/forms";
import { replaced } from "../support/scenario";

/** So many pairs are rotated in one deployment; the time that takes is told, and asserted where no other work disturbs it. */
const count = Number(process.env.FAN_OUT_PAIRS ?? 100);

describe("the state of a key", () => {
  it("takes at most 900 bytes on disk above a trivial resource that is registered the same way", async function () {
    needsFileBackend(this, "it weighs what is on disk");
    const resourceGroup = "rg-language-production-westeurope";
    const name = "contoso-language-production-01";
    const subscriptionId = randomUUID();
    const emulator = await startEmulator({
      subscriptions: [subscriptionId],
      accounts: [{ resourceGroup, name, subscriptionId }],
    });
    const stack = new Deployment(emulator, { project: "language-service-keys" });
    await stack.up(() => {
      const { RotatingCognitiveAccountKey } = library();
      const Trivial = trivialClass("RotatingCognitiveAccountKey");
      new Trivial("language-production-key");
      new RotatingCognitiveAccountKey("language-production-key", {
        resourceGroupName: resourceGroup,
        accountName: name,
        rotationTrigger: "2026-11",
      });
      return undefined;
    });

    assert.equal(emulator.account(resourceGroup, name).key1.length, 84);
    const [trivial] = bytesOfResources(await stack.stored(), "Trivial");
    const [key] = bytesOfResources(await stack.stored(), "RotatingCognitiveAccountKey");
    console.log(`      ${key} bytes for a key, ${trivial} for a trivial resource: ${key - trivial} more`);
    assert.doesNotMatch(
      await stack.stored(),
      /"sourcePosition":"[^"]*pulumi-cognitive-key-rotation\/dist[^"]*","stackTrace"/,
      "the position of a key is a line of the user's program",
    );
    assert.ok(key - trivial <= 900, `${key - trivial} bytes more than a trivial resource`);
  });

  for (const [form, classes, most] of [
    ["npm package", library, { key: 2000, pair: 2250 }],
    ["plugin", plugin.classes, { key: 1400, pair: 1700 }],
  ] as const)
    it(`takes in the ${form} at most ${most.key} bytes beside the lines of the program that has it, and a rotated pair ${most.pair}`, async function () {
      needsFileBackend(this, "it weighs what is on disk");
      const resourceGroup = "rg-language-production-westeurope";
      const [single, paired] = ["contoso-language-production-01", "contoso-language-production-02"];
      const subscriptionId = randomUUID();
      const emulator = await startEmulator({
        subscriptions: [subscriptionId],
        accounts: [single, paired].map((name) => ({ resourceGroup, name, subscriptionId })),
      });
      const stack = new Deployment(emulator, { project: "language-service-keys" });
      const program = (rotationTrigger?: string) => () => {
        const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = classes();
        const args = (accountName: string) => ({ resourceGroupName: resourceGroup, accountName, rotationTrigger });
        new RotatingCognitiveAccountKey("language-production-key", args(single));
        new RotatingCognitiveAccountKeyPair("language-production-keys", args(paired));
        return undefined;
      };
      await stack.up(program());
      assert.deepEqual((await stack.up(program("2026-11"))).steps, { ...replaced, update: 1 });

      assert.equal(emulator.account(resourceGroup, single).key1.length, 84);
      const stored = await stack.stored();
      const bytes = (className: ClassName) => {
        const [all] = bytesOfResources(stored, className);
        const [own] = bytesOfResources(withoutPositions(stored), className);
        return { all, own };
      };
      const [key, pair] = [bytes("RotatingCognitiveAccountKey"), bytes("RotatingCognitiveAccountKeyPair")];
      console.log(
        `      ${key.own} bytes for a key and ${pair.own} for a pair, ${key.all} and ${pair.all} with the lines`,
      );
      assert.ok(key.own <= most.key, `${key.own} bytes for a key`);
      assert.ok(pair.own <= most.pair, `${pair.own} bytes for a pair`);
    });

  it(`takes for each of ${count} pairs, rotated while ARM throttles, at most 1200 bytes above a trivial resource`, async () => {
    const resourceGroup = "rg-language-production-westeurope";
    const numbers = Array.from({ length: count }, (_, index) => String(index + 1).padStart(3, "0"));
    const subscriptionId = randomUUID();
    const emulator = await startEmulator({
      subscriptions: [subscriptionId],
      accounts: numbers.map((number) => ({
        resourceGroup,
        name: `contoso-language-production-${number}`,
        subscriptionId,
      })),
    });
    const stack = new Deployment(emulator, { project: "language-service-keys" });
    const program = (rotationTrigger?: string) => () => {
      const { RotatingCognitiveAccountKeyPair } = library();
      const Trivial = trivialClass("RotatingCognitiveAccountKeyPair");
      new Trivial("language-production-000");
      for (const number of numbers) {
        new RotatingCognitiveAccountKeyPair(`language-production-${number}`, {
          resourceGroupName: resourceGroup,
          accountName: `contoso-language-production-${number}`,
          rotationTrigger,
        });
      }
      return undefined;
    };
    await stack.up(program());
    const adopted = emulator.calls.length;
    assert.equal(adopted, count, "one listKeys for each when it was created");
    const bucket = { size: 20, refillPerSecond: 5 };
    emulator.apply({ throttle: { writes: bucket } });
    assert.deepEqual((await stack.up(program("2026-11"))).steps, { same: 1, update: count });

    const calls = emulator.calls.slice(adopted);
    const done = calls.filter(({ status }) => status === 200);
    const refused = calls.filter(({ status }) => status === 429);
    for (const operation of ["listKeys", "regenerateKey"]) {
      assert.equal(done.filter((call) => call.operation === operation).length, count, `one ${operation} for each`);
    }
    assert.equal(done.length + refused.length, calls.length);
    for (const number of numbers) {
      const own = refused.filter(({ accountName }) => accountName.endsWith(number));
      assert.ok(
        own.every(({ at }, index) => index === 0 || at - own[index - 1].at >= 1_000),
        "no call is refused twice in one waiting period",
      );
    }
    const seconds = ((done.at(-1)?.at ?? 0) - calls[0].at) / 1000;
    // A reading and a write for each: both are charged as writes.
    const allowed = (2 * count - bucket.size) / bucket.refillPerSecond;
    const [trivial] = bytesOfResources(await stack.stored(), "Trivial");
    const pairs = bytesOfResources(await stack.stored(), "RotatingCognitiveAccountKeyPair");
    const most = Math.max(...pairs) - trivial;
    console.log(
      `      ${Math.max(...pairs)} bytes for a pair, ${trivial} for a trivial resource: ${most} more; rotated in ` +
        `${seconds.toFixed(1)} s, where the bucket allows ${allowed} s; ${refused.length} calls refused in between`,
    );
    assert.equal(pairs.length, count);
    assert.ok(refused.length > 0, "the bucket was not what held it up");
    if (process.env.FAN_OUT_PAIRS) assert.ok(seconds <= 1.2 * allowed, `took ${seconds} s`);
    // A server encrypts in its own way, and the names of its stacks are longer.
    if (!process.env.E2E_BACKEND_URL) assert.ok(most <= 1200, `${most} bytes more than a trivial resource`);
  });
});

/** A state without what SDKs note of the program: the line that registers a resource, and those that led to it. */
function withoutPositions(stackFile: string): string {
  const positions = ["sourcePosition", "stackTrace"];
  return JSON.stringify(JSON.parse(stackFile, (name, value) => (positions.includes(name) ? undefined : value)));
}

/** A resource that stores nothing but the text that `className` stores, with another package in it. */
function trivialClass(className: Parameters<typeof trivialText>[0]) {
  installTrivialProviders(app());
  return class Trivial extends pulumi().CustomResource {
    constructor(resourceName: string) {
      super("pulumi-nodejs:dynamic:Trivial", resourceName, { __provider: trivialText(className) });
    }
  };
}
