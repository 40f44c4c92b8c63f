import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { providerText } from "../../components/providerText";
import { checkTrigger } from "../../provider/trigger";
import { logged, registered } from "../support/mockedProgram";

const where = { resourceGroupName: "rg", accountName: "acct" };

describe("the provider text", () => {
  // It is in the state of every stack: another text would be another provider for keys that exist.
  it("never changes", () => {
    assert.equal(
      providerText("RotatingCognitiveAccountKey"),
      "exports.handler=(n='pulumi-cognitive-key-rotation')=>{try{return require(n+'/provider').key}catch(e){e.stack='';e.message=e.code+': install '+n+' in '+process.cwd()+' [not-installed]';n=()=>{throw e};return{check:n,read:n,delete:(_,p)=>p.revokeOnDelete&&n()}}}",
    );
    assert.equal(
      providerText("RotatingCognitiveAccountKeyPair"),
      "exports.handler=(n='pulumi-cognitive-key-rotation')=>{try{return require(n+'/provider').keyPair}catch(e){e.stack='';e.message=e.code+': install '+n+' in '+process.cwd()+' [not-installed]';n=()=>{throw e};return{check:n,read:n}}}",
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
        assert.equal(error.message, "MODULE_NOT_FOUND: install pulumi-cognitive-key-rotation in / [not-installed]");
        assert.equal(error.stack, "");
        return true;
      });
    }
    handler.delete("id", {});
    // Pulumi calls no method that is not there: a pair is deleted without a call anyway.
    assert.deepEqual(Object.keys(run("/", "RotatingCognitiveAccountKeyPair")), ["check", "read"]);
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
          undefined,
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

  it("refuses a trigger that Pulumi could not store, in the program or by check, and passes on any other", async () => {
    await registered(() => {
      for (const make of [
        () => new RotatingCognitiveAccountKey("key", { ...where, rotationTrigger: [new Date() as never] }),
        () => new RotatingCognitiveAccountKeyPair("key", { ...where, rotationTrigger: [new Date() as never] }),
      ]) {
        assert.throws(make, {
          message:
            /rotationTrigger\[0\] of \w+ "key" must be a JSON value, but is an object of class Date\. .*\[trigger\]$/,
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

  it("warns when the provider process will resolve another version of the package than the program runs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "other-version-"));
    const installed = join(folder, "node_modules", "pulumi-cognitive-key-rotation");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), JSON.stringify({ version: "99.0.0" }));
    const before = process.cwd();
    try {
      process.chdir(folder);
      const warnings = await logged("warn", () => registered(() => new RotatingCognitiveAccountKey("key", where)));
      assert.match(warnings.join(), /The provider process in .* loads 99\.0\.0.*\[two-versions\]$/);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
    assert.deepEqual(await logged("warn", () => registered(() => new RotatingCognitiveAccountKey("key", where))), []);
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
