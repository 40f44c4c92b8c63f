import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { codeOf } from "../../provider/words";
import { logged, registered } from "../support/mockedProgram";

class AzureNative extends pulumi.ProviderResource {}
class Own extends pulumi.ProviderResource {}

const where = { resourceGroupName: "rg", accountName: "acct" };

describe("Pulumi's options for a key", () => {
  it("refuses a provider of another package with an error that prints without a stack", async () => {
    await registered(() => {
      const azureNative = new AzureNative("azure-native", "explicit");
      const own = new Own("pulumi-nodejs", "own");
      for (const opts of [
        { provider: azureNative },
        { providers: [azureNative] },
        { providers: [own, azureNative] },
        { providers: { "azure-native": azureNative } },
        { provider: own, providers: { "azure-native": azureNative } },
        { provider: {} as pulumi.ProviderResource },
      ]) {
        for (const make of [
          () => new RotatingCognitiveAccountKey("key", where, opts),
          () => new RotatingCognitiveAccountKeyPair("key", where, opts),
        ]) {
          assert.throws(
            make,
            (error: Error) =>
              pulumi.RunError.isInstance(error) &&
              /provider of (azure-native|an unknown package)\. \S+ "key" .*\[foreign-provider\]$/.test(error.message),
          );
        }
      }
    });
  });

  it("takes a provider of Pulumi's own package for dynamic resources, given or inherited", async () => {
    const warnings = await logged("warn", async () => {
      const resources = await registered(async () => {
        const provider = new Own("pulumi-nodejs", "own");
        const parent = new pulumi.ComponentResource("test:index:Parent", "parent", {}, { providers: [provider] });
        for (const opts of [
          { provider },
          { providers: [provider] },
          { providers: { "pulumi-nodejs": provider } },
          { providers: [] },
          { provider: undefined },
          { parent },
        ]) {
          new RotatingCognitiveAccountKey(`key-${JSON.stringify(Object.keys(opts))}`, where, opts);
        }
      });
      assert.ok(resources.some(({ provider }) => provider?.includes("pulumi:providers:pulumi-nodejs::own")));
    });
    assert.deepEqual(warnings, []);
  });

  it("warns once of a provider of that package which lacks a login setting of the stack, as none reaches it", async () => {
    const names = ["azure-native:clientId", "azure-native:clientSecret", "azure-native:location", "test:setting"];
    pulumi.runtime.setAllConfig(Object.fromEntries(names.map((name) => [name, "value"])));
    try {
      const warnings = await logged("warn", async () => {
        await registered(() => {
          const lacking = new Own("pulumi-nodejs", "lacking", { "azure-native:clientId": "id" });
          const complete = new Own(
            "pulumi-nodejs",
            "complete",
            Object.fromEntries(names.map((name) => [name, "value"])),
          );
          for (const provider of [lacking, lacking, complete, undefined]) {
            new RotatingCognitiveAccountKey("key", where, { provider });
          }
        });
      });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0], /variables: azure-native:clientSecret\. \[unreached-configuration\]$/);
    } finally {
      pulumi.runtime.setAllConfig({});
    }
  });

  it("refuses options that start a second provider process, given or added by a transformation, and registers nothing", async () => {
    const adding =
      (more: object): pulumi.ResourceTransformation =>
      ({ props, opts }) => ({ props, opts: { ...opts, ...more } });
    const resources = await registered(() => {
      for (const more of [{ version: "1.0.0" }, { pluginDownloadURL: "https://host.example" }]) {
        const parent = new pulumi.ComponentResource(
          "test:index:Parent",
          "parent",
          {},
          { transformations: [adding(more)] },
        );
        for (const opts of [more, { transformations: [adding(more)] }, { parent }]) {
          for (const make of [
            () => new RotatingCognitiveAccountKey("key", where, opts),
            () => new RotatingCognitiveAccountKeyPair("key", where, opts),
          ]) {
            assert.throws(
              make,
              (error: Error) =>
                pulumi.RunError.isInstance(error) &&
                new RegExp(`${Object.keys(more)[0]}\\. .* "key", .*\\[second-process\\]$`).test(error.message),
            );
          }
        }
      }
      new RotatingCognitiveAccountKey("well", where, { transformations: [adding({ protect: true })], version: "" });
    });
    assert.deepEqual(
      resources
        .filter(({ type }) => type.endsWith(":RotatingCognitiveAccountKey"))
        .map(({ inputs }) => inputs.accountName),
      ["acct"],
    );
  });

  it("refuses to be read by an id or imported, also without arguments", async () => {
    await registered(() => {
      for (const opts of [{ id: "acct/Key1" }, { id: pulumi.output("acct") }, { import: "acct" }]) {
        for (const args of [where, {}, undefined as unknown as object]) {
          assert.throws(
            () => new RotatingCognitiveAccountKeyPair("pair", args, opts),
            (error: Error) =>
              pulumi.RunError.isInstance(error) &&
              new RegExp(`${Object.keys(opts)[0]}\\. .*KeyPair "pair": .*\\[no-import\\]$`).test(error.message),
          );
        }
      }
    });
  });

  it("warns of an explicit azure-native provider that is inherited from a parent, as it has no effect here", async () => {
    const warnings = await logged("warn", async () => {
      await registered(() => {
        const providers = [new AzureNative("azure-native", "explicit")];
        const parent = new pulumi.ComponentResource("test:index:Parent", "parent", {}, { providers });
        new RotatingCognitiveAccountKey("key", where, { parent });
        new RotatingCognitiveAccountKey("other", where);
      });
    });
    assert.equal(warnings.length, 1);
    assert.equal(codeOf(warnings[0]), "inherited-provider");
  });
});
