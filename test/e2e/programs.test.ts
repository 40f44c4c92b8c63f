import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { folderWith, writeProgram } from "../support/appFolder";
import { Deployment, failing, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, group, keyProgram, name, seeded } from "../support/scenario";

/** A real `import()`: the one that a TypeScript file compiles to would be turned into `require`. */
const importModule: (url: string) => Promise<Record<string, unknown>> = new Function(
  "url",
  "return import(url)",
) as never;

const args = JSON.stringify({ resourceGroupName: group, accountName: name, rotationTrigger: 1 });

describe("a program", () => {
  it("in plain CommonJS rotates", async () => {
    const emulator = await startEmulator(seeded);
    const file = writeProgram(
      "program.cjs",
      `const { RotatingCognitiveAccountKey } = require("pulumi-cognitive-key-rotation");
       exports.key = new RotatingCognitiveAccountKey("key", ${args}).key;`,
    );
    const run = await new Deployment(emulator).up(() => require(file));
    assert.deepEqual(run.outputs.key, { value: account(emulator).key1, secret: true });
  });

  it("in ESM rotates", async () => {
    const emulator = await startEmulator(seeded);
    const file = writeProgram(
      "program.mjs",
      `import { RotatingCognitiveAccountKey } from "pulumi-cognitive-key-rotation";
       export const { key } = new RotatingCognitiveAccountKey("key", ${args});`,
    );
    const run = await new Deployment(emulator).up(async () => ({ ...(await importModule(pathToFileURL(file).href)) }));
    assert.deepEqual(run.outputs.key, { value: account(emulator).key1, secret: true });
  });

  it("whose package is only nested under another is told what to add where", async () => {
    const emulator = await startEmulator(seeded);
    const main = folderWith("node_modules/wrapper/node_modules");
    const run = await failing(new Deployment(emulator, { main }).up(keyProgram({ rotationTrigger: 1 })));
    assert.ok(
      run.printed.includes(
        `add pulumi-cognitive-key-rotation to the package.json of ${main} and install it (MODULE_NOT_FOUND)`,
      ),
      run.printed,
    );
    assert.equal(emulator.calls.length, 0);
  });

  it("can destroy a key whose package is gone, unless the key is to be revoked", async () => {
    const emulator = await startEmulator(seeded);
    for (const revokeOnDelete of [undefined, true]) {
      const main = folderWith("node_modules");
      const stack = new Deployment(emulator, { main });
      await stack.up(keyProgram({ rotationTrigger: 1, revokeOnDelete }));
      const live = account(emulator).key1;
      rmSync(join(main, "node_modules", "pulumi-cognitive-key-rotation"));
      if (revokeOnDelete) {
        assert.match(
          (await failing(stack.destroy())).printed,
          /add pulumi-cognitive-key-rotation to the package\.json/,
        );
      } else {
        assert.deepEqual((await stack.destroy()).steps, { delete: 1 });
      }
      assert.equal(account(emulator).key1, live);
    }
  });
});

describe("the engine's stored format", () => {
  it("is the one of pulumi.dynamic.Resource: a key moves from its registration to ours and back unchanged", async () => {
    const emulator = await startEmulator(seeded);
    const file = writeProgram(
      "reference.cjs",
      `const pulumi = require("@pulumi/pulumi");
       const provider = {
         configure(request) { return require("pulumi-cognitive-key-rotation/provider").key.configure(request); },
         check(olds, news) { return require("pulumi-cognitive-key-rotation/provider").key.check(olds, news); },
         diff(id, olds, news) { return require("pulumi-cognitive-key-rotation/provider").key.diff(id, olds, news); },
         create(inputs) { return require("pulumi-cognitive-key-rotation/provider").key.create(inputs); },
       };
       class Reference extends pulumi.dynamic.Resource {
         constructor() {
           super(provider, "key", { ...${args}, key: undefined }, { additionalSecretOutputs: ["key"] },
             "cognitiveKeyRotation", "RotatingCognitiveAccountKey");
         }
       }
       exports.program = () => ({ key: new Reference().key });`,
    );
    const reference: Program = () => require(file).program();
    const ours = keyProgram({ rotationTrigger: 1 });

    const there = new Deployment(emulator);
    await there.up(reference);
    assert.deepEqual((await there.preview(ours)).steps, { same: 1 });
    assert.deepEqual((await there.up(ours)).steps, { same: 1 });

    const back = new Deployment(emulator);
    await back.up(ours);
    assert.deepEqual((await back.preview(reference)).steps, { same: 1 });
  });
});
