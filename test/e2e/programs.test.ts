import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { folderWith, writeProgram } from "../support/appFolder";
import { Deployment, failing, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { assertRotates, Project, program, projectFolder, shareInstallation } from "../support/project";
import { account, group, keyProgram, name, seeded } from "../support/scenario";

const args = JSON.stringify({ resourceGroupName: group, accountName: name, rotationTrigger: 1 });

describe("a program", () => {
  it("in JavaScript as an ES module rotates", async () => {
    const emulator = await startEmulator(seeded);
    const folder = projectFolder({
      "Pulumi.yaml": "name: es-module\nruntime: nodejs\n",
      "package.json": { type: "module", main: "main.js" },
      "main.js": program,
    });
    shareInstallation(folder);
    await assertRotates(new Project(emulator, folder), emulator);
  });

  it("bundled by esbuild rotates, with this package beside the bundle and in it", async () => {
    const emulator = await startEmulator(seeded);
    const folder = projectFolder({
      "Pulumi.yaml": "name: bundle\nruntime: nodejs\nmain: main.js\n",
      "source.ts": program,
    });
    shareInstallation(folder);
    const bundle = (...external: string[]) =>
      buildSync({
        entryPoints: [join(folder, "source.ts")],
        outfile: join(folder, "main.js"),
        bundle: true,
        platform: "node",
        external,
      });
    bundle("@pulumi/pulumi", "pulumi-cognitive-key-rotation");
    // Pulumi itself loads files by paths that no bundler sees.
    await assertRotates(new Project(emulator, folder), emulator, () => bundle("@pulumi/pulumi"));
  });

  it("whose package is only nested under another is told what to add where", async () => {
    const emulator = await startEmulator(seeded);
    const main = folderWith("node_modules/wrapper/node_modules");
    const run = await failing(new Deployment(emulator, { main }).up(keyProgram({ rotationTrigger: 1 })));
    assert.ok(
      run.printed.includes(`MODULE_NOT_FOUND: install pulumi-cognitive-key-rotation in ${main} [not-installed]`),
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
        assert.match((await failing(stack.destroy())).printed, /\[not-installed\]/);
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
             undefined, "RotatingCognitiveAccountKey");
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
