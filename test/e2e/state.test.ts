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
    const text = providerText("RotatingCognitiveAccountKey");
    const trivialModule = join(app(), "node_modules", "pulumi-cognitive-key-of-no-value");
    mkdirSync(trivialModule, { recursive: true });
    writeFileSync(join(trivialModule, "provider.js"), 'exports.key={create:async()=>({id:"trivial",outs:{}})}');
    const stack = new Deployment(emulator, { project: "language-service-keys" });
    await stack.up(() => {
      const { RotatingCognitiveAccountKey } = library();
      const { CustomResource } = pulumi();
      class Trivial extends CustomResource {
        constructor(resourceName: string) {
          // The same text, but for the package and what its handler does.
          const __provider = text.replace("pulumi-cognitive-key-rotation", "pulumi-cognitive-key-of-no-value");
          super("pulumi-nodejs:dynamic/cognitiveKeyRotation:Trivial", resourceName, { __provider });
        }
      }
      new Trivial("language-production-key");
      new RotatingCognitiveAccountKey("language-production-key", {
        resourceGroupName: resourceGroup,
        accountName: name,
        rotationTrigger: "2026-11",
      });
      return undefined;
    });

    assert.equal(emulator.account(resourceGroup, name).key1.length, 84);
    const trivial = bytesOf(stack.stateFile, "Trivial");
    const key = bytesOf(stack.stateFile, "RotatingCognitiveAccountKey");
    console.log(`      ${key} bytes for a key, ${trivial} for a trivial resource: ${key - trivial} more`);
    assert.doesNotMatch(
      stack.stateFile,
      /"sourcePosition":"[^"]*pulumi-cognitive-key-rotation\/dist[^"]*","stackTrace"/,
      "the position of a key is a line of the user's program",
    );
    assert.ok(key - trivial <= 1100, `${key - trivial} bytes more than a trivial resource`);
  });
});

/** The bytes of one resource, which lie on disk as compact JSON. */
function bytesOf(stateFile: string, className: string): number {
  const { checkpoint } = JSON.parse(stateFile) as { checkpoint: { latest: { resources: StoredResource[] } } };
  const resource = checkpoint.latest.resources.find(({ type }) => type.endsWith(`:${className}`));
  const onDisk = JSON.stringify(resource);
  assert.ok(stateFile.includes(onDisk.slice(0, 200)), "the state file is not compact JSON any more");
  return Buffer.byteLength(onDisk);
}
