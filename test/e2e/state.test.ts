import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { providerText } from "../../components/dynamicResource";
import { app, Deployment, library, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";

interface StoredResource {
  urn: string;
  type: string;
}

describe("the state of a key", () => {
  it("takes at most 1100 bytes on disk above a trivial resource that is registered the same way", async () => {
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
    const [trivial] = bytesOf(stack.stateFile, "Trivial");
    const [key] = bytesOf(stack.stateFile, "RotatingCognitiveAccountKey");
    console.log(`      ${key} bytes for a key, ${trivial} for a trivial resource: ${key - trivial} more`);
    assert.doesNotMatch(
      stack.stateFile,
      /"sourcePosition":"[^"]*pulumi-cognitive-key-rotation\/dist[^"]*","stackTrace"/,
      "the position of a key is a line of the user's program",
    );
    assert.ok(key - trivial <= 1100, `${key - trivial} bytes more than a trivial resource`);
  });

  it("takes for each of 100 rotated pairs at most 1400 bytes above a trivial resource registered the same way", async () => {
    const resourceGroup = "rg-language-production-westeurope";
    const numbers = Array.from({ length: 100 }, (_, index) => String(index + 1).padStart(3, "0"));
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
      for (const number of numbers) {
        new Trivial(`language-production-${number}`);
        new RotatingCognitiveAccountKeyPair(`language-production-${number}`, {
          resourceGroupName: resourceGroup,
          accountName: `contoso-language-production-${number}`,
          rotationTrigger,
        });
      }
      return undefined;
    };
    await stack.up(program());
    assert.deepEqual((await stack.up(program("2026-11"))).steps, { same: 100, update: 100 });

    const calls = emulator.calls.map(({ operation, keyName = "" }) => `${operation} ${keyName}`.trim());
    assert.equal(calls.filter((call) => call === "listKeys").length, 100);
    assert.equal(calls.filter((call) => call === "regenerateKey Key2").length, 100);
    assert.equal(calls.length, 200);
    const trivials = bytesOf(stack.stateFile, "Trivial");
    const pairs = bytesOf(stack.stateFile, "RotatingCognitiveAccountKeyPair");
    const most = Math.max(...pairs.map((bytes, index) => bytes - trivials[index]));
    console.log(
      `      ${Math.max(...pairs)} bytes for a pair, ${Math.max(...trivials)} for a trivial resource: ${most} more`,
    );
    assert.equal(pairs.length, 100);
    assert.ok(most <= 1400, `${most} bytes more than a trivial resource`);
  });
});

/** A resource that stores nothing but the text that `className` stores, with another package and handler in it. */
function trivialClass(className: Parameters<typeof providerText>[0]) {
  const trivialModule = join(app(), "node_modules", "pulumi-cognitive-key-of-no-value");
  mkdirSync(trivialModule, { recursive: true });
  writeFileSync(
    join(trivialModule, "provider.js"),
    'exports.key=exports.keyPair={create:async()=>({id:"trivial",outs:{}}),diff:async()=>({changes:false})}',
  );
  const __provider = providerText(className).replace(
    "pulumi-cognitive-key-rotation",
    "pulumi-cognitive-key-of-no-value",
  );
  return class Trivial extends pulumi().CustomResource {
    constructor(resourceName: string) {
      super("pulumi-nodejs:dynamic/cognitiveKeyRotation:Trivial", resourceName, { __provider });
    }
  };
}

/** The bytes of each resource of a class, in the order of their names; they lie on disk as compact JSON. */
function bytesOf(stateFile: string, className: string): number[] {
  const { checkpoint } = JSON.parse(stateFile) as { checkpoint: { latest: { resources: StoredResource[] } } };
  const resources = checkpoint.latest.resources
    .filter(({ type }) => type.endsWith(`:${className}`))
    .sort((a, b) => a.urn.localeCompare(b.urn));
  return resources.map((resource) => {
    const onDisk = JSON.stringify(resource);
    assert.ok(stateFile.includes(onDisk.slice(0, 200)), "the state file is not compact JSON any more");
    return Buffer.byteLength(onDisk);
  });
}
