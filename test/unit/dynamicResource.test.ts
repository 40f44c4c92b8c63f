import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { providerText } from "../../components/dynamicResource";

interface Registered {
  type: string;
  inputs: Record<string, unknown>;
}

/** Registers what the program makes, with mocks as a user's own unit test would set them. */
async function registered(program: () => unknown): Promise<Registered[]> {
  const seen: Registered[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs, name }) => {
      seen.push({ type, inputs });
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
      "exports.handler=(n='pulumi-cognitive-key-rotation')=>{try{return require(n+'/provider').key}catch(e){e.message='add '+n+' to the package.json of '+process.cwd()+' and install it ('+e.code+')';e.stack='';let t=()=>{throw e};return{check:t,read:t,delete:(_,p)=>p.revokeOnDelete&&t()}}}",
    );
    assert.equal(
      providerText("RotatingCognitiveAccountKeyPair"),
      "exports.handler=(n='pulumi-cognitive-key-rotation')=>{try{return require(n+'/provider').keyPair}catch(e){e.message='add '+n+' to the package.json of '+process.cwd()+' and install it ('+e.code+')';e.stack='';let t=()=>{throw e};return{check:t,read:t,delete:(_,p)=>p.revokeOnDelete&&t()}}}",
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
          "add pulumi-cognitive-key-rotation to the package.json of / and install it (MODULE_NOT_FOUND)",
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
          "cognitiveKeyRotation",
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

  it("refuses an explicit provider with an error that prints without a stack", async () => {
    class AzureNative extends pulumi.ProviderResource {}
    await registered(() => {
      const provider = new AzureNative("azure-native", "explicit");
      for (const opts of [{ provider }, { providers: [provider] }]) {
        assert.throws(
          () => new RotatingCognitiveAccountKey("key", where, opts),
          (error: Error) => pulumi.RunError.isInstance(error) && /takes no provider option/.test(error.message),
        );
      }
    });
  });

  it("warns of an explicit azure-native provider that is inherited from a parent, as it has no effect here", async () => {
    class AzureNative extends pulumi.ProviderResource {}
    const warnings = await warned(async () => {
      await registered(() => {
        const providers = [new AzureNative("azure-native", "explicit")];
        const parent = new pulumi.ComponentResource("test:index:Parent", "parent", {}, { providers });
        new RotatingCognitiveAccountKey("key", where, { parent });
        new RotatingCognitiveAccountKey("other", where);
      });
    });
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0],
      /explicit azure-native provider is inherited.*credentials, cloud and default subscription/,
    );
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
      assert.match(warnings.join(), /The program runs .* the provider process resolves 99\.0\.0/);
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
