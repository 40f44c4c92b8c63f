import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type * as TypeScript from "typescript";
import { app, knowsTypeScript6 } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import {
  assertRotates,
  copyInstallation,
  Project,
  program,
  projectFolder,
  shareInstallation,
} from "../support/project";
import { account, group, name, regeneratedSlots, seeded } from "../support/scenario";

const root = resolve(__dirname, "../..");

describe("a program in TypeScript", () => {
  it("rotates with the compiler that Pulumi brings along, when the project has none", async () => {
    const emulator = await startEmulator(seeded);
    const folder = projectFolder({ "Pulumi.yaml": "name: typescript\nruntime: nodejs\n", "index.ts": program });
    shareInstallation(folder);
    await assertRotates(new Project(emulator, folder), emulator);
  });

  it("finds declarations in the package that this compiler can read", () => {
    const fromApp = createRequire(join(app(), "/"));
    const ts: typeof TypeScript = fromApp("@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js");
    const declarations = join(app(), "node_modules", "pulumi-cognitive-key-rotation", "dist", "components");
    const reached = new Set(["index.d.ts", "account.d.ts"]);
    for (const file of reached) {
      const text = readFileSync(join(declarations, file), "utf8");
      for (const [, beside] of text.matchAll(/ from "\.\/(\w+)"/g)) reached.add(`${beside}.d.ts`);
    }
    assert.ok(reached.has("rotatingCognitiveAccountKeyPair.d.ts"));
    const files = [...reached].map((file) => join(declarations, file));
    const read = ts.createProgram(files, { noResolve: true, noLib: true, types: [] });
    const errors = read.getSyntacticDiagnostics().map(({ file, messageText }) => `${file?.fileName}: ${messageText}`);
    assert.deepEqual(errors, []);
  });

  it("rotates with a compiler and settings of its own, as a copy of examples/producer does", async function () {
    if (!knowsTypeScript6()) this.skip();
    const emulator = await startEmulator(seeded);
    const folder = projectFolder({});
    for (const file of ["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts"]) {
      cpSync(join(root, "examples", "producer", file), join(folder, file));
    }
    copyInstallation(folder);
    for (const added of ["typescript", "@types/node", "undici-types"]) replacePackage(added, folder);
    const producer = new Project(emulator, folder);

    const adopted = await producer.up({ resourceGroupName: group, accountName: name, minimumOverlap: "PT0S" });
    assert.deepEqual(adopted.steps, { create: 1 });
    assert.deepEqual(regeneratedSlots(emulator), []);
    assert.deepEqual((await producer.up({ rotationTrigger: "2026-11" })).steps, { update: 1 });
    assert.deepEqual((await producer.up({ rotationTrigger: "2026-11" })).steps, { same: 1 });
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    assert.equal(await producer.output("key"), account(emulator).key2);
  });
});

/** A package that `npm install` would bring into this project. Files that are there are shared, and not written to. */
function replacePackage(name: string, folder: string): void {
  const to = join(folder, "node_modules", name);
  rmSync(to, { recursive: true, force: true });
  cpSync(join(root, "node_modules", name), to, { recursive: true });
}
