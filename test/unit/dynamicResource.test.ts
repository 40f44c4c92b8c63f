import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { providerText } from "../../components/dynamicResource";
import { checkTrigger } from "../../provider/trigger";
import { codeOf } from "../../provider/words";

class AzureNative extends pulumi.ProviderResource {}
class Own extends pulumi.ProviderResource {}

interface Registered {
  type: string;
  provider?: string;
  inputs: Record<string, unknown>;
}

/** Registers what the program makes, with mocks as a user's own unit test would set them. */
async function registered(program: () => unknown): Promise<Registered[]> {
  const seen: Registered[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs, name, provider }) => {
      seen.push({ type, inputs, provider });
      const keys = { key: "synthetic", previousKey: "also synthetic", keyFingerprint: "0123456789ab" };
      return { id: `${name}-id`, state: { ...inputs, ...keys } };
    },
    call: () => ({}),
  });
  await program();
  await pulumi.runtime.disconnect();
  return seen;
}

/** The warnings that a program logs. */
async function warned(program: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const log = pulumi.log as { warn: (message: string) => Promise<void> };
  const { warn } = log;
  log.warn = async (message) => {
    warnings.push(message);
  };
  try {
    await program();
  } finally {
    log.warn = warn;
  }
  return warnings;
}

const where = { resourceGroupName: "rg", accountName: "acct" };

describe("the provider text", () => {
  // It is in the state of every stack: another text would be another provider for keys that exist.
  it("never changes", () => {
    assert.equal(
      providerText("RotatingCognitiveAccountKey"),
      "exports.handler=(n='pulumi-cognitive-key-rotation')=>{try{return require(n+'/provider').key}catch(e){e.message='add '+n+' to the package.json of '+process.cwd()+' and install it ('+e.code+') [not-installed]';e.stack='';let t=()=>{throw e};return{check:t,read:t,delete:(_,p)=>p.revokeOnDelete&&t()}}}",
    );
    assert.equal(
      providerText("RotatingCognitiveAccountKeyPair"),
      "exports.handler=(n='pulumi-cognitive-key-rotation')=>{try{return require(n+'/provider').keyPair}catch(e){e.message='add '+n+' to the package.json of '+process.cwd()+' and install it ('+e.code+') [not-installed]';e.stack='';let t=()=>{throw e};return{check:t,read:t,delete:(_,p)=>p.revokeOnDelete&&t()}}}",
    );
  });

  it("gives the handler of this package", () => {
    const provider = require("pulumi-cognitive-key-rotation/provider");
    assert.equal(run(process.cwd()), provider.key);
    assert.equal(run(process.cwd(), "RotatingCognitiveAccountKeyPair"), provider.keyPair);
  });

  it("without the package says what to add where, and lets only a key go that is not to be revoked", () => {
    const handler = run("/");
    for (const method of [handler.check, handler.read, () => handler.delete("id", { revokeOnDelete: true })]) {
      assert.throws(method as () => void, (error: Error) => {
        assert.equal(
          error.message,
          "add pulumi-cognitive-key-rotation to the package.json of / and install it (MODULE_NOT_FOUND) [not-installed]",
        );
        assert.equal(error.stack, "");
        return true;
      });
    }
    handler.delete("id", {});
  });

  /** Runs the text as the provider process does, whose `require` looks from the folder it was started in. */
  function run(
    cwd: string,
    className: Parameters<typeof providerText>[0] = "RotatingCognitiveAccountKey",
  ): Record<string, (...args: unknown[]) => unknown> {
    const module = { exports: {} as { handler(): Record<string, () => unknown> } };
    const before = process.cwd();
    process.chdir(cwd);
    try {
      new Function("exports", "require", providerText(className))(module.exports, createRequire(join(cwd, "/")));
      return module.exports.handler();
    } finally {
      process.chdir(before);
    }
  }
});

describe("a key in a program", () => {
  it("is registered as pulumi.dynamic.Resource registers its own", async function () {
    // Its serialiser loads a compiler.
    this.timeout(20_000);
    class Reference extends pulumi.dynamic.Resource {
      constructor() {
        super(
          { create: async () => ({ id: "id" }) },
          "reference",
          { input: 1 },
          {},
          "rotatingCognitiveAccountKey",
          "RotatingCognitiveAccountKey",
        );
      }
    }
    const [ours, reference] = await registered(() => [new RotatingCognitiveAccountKey("key", where), new Reference()]);
    assert.equal(ours.type, reference.type);
    assert.equal(typeof reference.inputs.__provider, "string");
    assert.equal(ours.inputs.__provider, providerText("RotatingCognitiveAccountKey"));
    assert.match(String(reference.inputs.__provider), /exports\.handler/);
  });

  it("stores no input that was left at its default", async () => {
    const [{ inputs }] = await registered(() => new RotatingCognitiveAccountKey("key", where));
    assert.deepEqual(
      Object.entries(inputs).filter(([name, value]) => name !== "__provider" && value !== undefined),
      Object.entries(where).reverse().sort(),
    );
  });

  it("has a secret key under mocks, and nothing else secret", async () => {
    const secret: Record<string, boolean> = {};
    await registered(async () => {
      const key = new RotatingCognitiveAccountKey("key", { ...where, rotationTrigger: "1" });
      for (const output of ["key", "keyFingerprint", "keyName", "rotationTrigger"] as const) {
        secret[output] = await pulumi.isSecret(key[output]);
      }
      assert.equal(await new Promise((resolve) => key.key.apply(resolve)), "synthetic");
    });
    assert.deepEqual(secret, { key: true, keyFingerprint: false, keyName: false, rotationTrigger: false });
  });

  it("has two secret keys under mocks when it is a pair, and nothing else secret", async () => {
    const secret: Record<string, boolean> = {};
    await registered(async () => {
      const pair = new RotatingCognitiveAccountKeyPair("pair", { ...where, rotationTrigger: "1" });
      for (const output of ["key", "previousKey", "keyFingerprint", "keyName", "rotationTrigger"] as const) {
        secret[output] = await pulumi.isSecret(pair[output]);
      }
      assert.equal(await new Promise((resolve) => pair.previousKey.apply(resolve)), "also synthetic");
    });
    const nothingElse = { keyFingerprint: false, keyName: false, rotationTrigger: false };
    assert.deepEqual(secret, { key: true, previousKey: true, ...nothingElse });
  });

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
    const warnings = await warned(async () => {
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
      const warnings = await warned(async () => {
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
      assert.match(warnings[0], /, so azure-native:clientSecret have no effect .*\[unreached-configuration\]$/);
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

  it("refuses a trigger that Pulumi could not store, in the program or by check, and passes on any other", async () => {
    await registered(() => {
      for (const make of [
        () => new RotatingCognitiveAccountKey("key", { ...where, rotationTrigger: [new Date() as never] }),
        () => new RotatingCognitiveAccountKeyPair("key", { ...where, rotationTrigger: [new Date() as never] }),
      ]) {
        assert.throws(make, {
          message:
            /rotationTrigger\[0\] of \w+ "key" must be a JSON value, and is an object of class Date\. .*\[trigger\]$/,
        });
      }
    });
    const [{ inputs }] = await registered(() => {
      const rotationTrigger = pulumi.output("known").apply(() => ({ a: new Date() as never, b: [1] }));
      new RotatingCognitiveAccountKey("key", { ...where, rotationTrigger });
    });
    const [failure] = checkTrigger(inputs.rotationTrigger);
    assert.equal(failure.property, "rotationTrigger.a");
    assert.deepEqual((inputs.rotationTrigger as { b: unknown }).b, [1]);
  });

  it("warns of an explicit azure-native provider that is inherited from a parent, as it has no effect here", async () => {
    const warnings = await warned(async () => {
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

  it("warns when the provider process will resolve another version of the package than the program runs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "other-version-"));
    const installed = join(folder, "node_modules", "pulumi-cognitive-key-rotation");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), JSON.stringify({ version: "99.0.0" }));
    const before = process.cwd();
    try {
      process.chdir(folder);
      const warnings = await warned(() => registered(() => new RotatingCognitiveAccountKey("key", where)));
      assert.match(warnings.join(), /the provider process resolves 99\.0\.0.*\[two-versions\]$/);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
    assert.deepEqual(await warned(() => registered(() => new RotatingCognitiveAccountKey("key", where))), []);
  });

  it("leaves the arguments of the caller as they were", async () => {
    const args = { ...where, rotationTrigger: { a: 1 } };
    const before = structuredClone(args);
    await registered(() => [
      new RotatingCognitiveAccountKey("one", args),
      new RotatingCognitiveAccountKey("two", args),
    ]);
    assert.deepEqual(args, before);
  });
});
