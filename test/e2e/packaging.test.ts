import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { join, posix, resolve, sep } from "node:path";
import ts from "typescript";
import { packInto } from "../../scripts/packedApp";
import { app } from "../support/deployment";

const root = resolve(__dirname, "../..");
const name = "pulumi-cognitive-key-rotation";
const temporary = () => mkdtempSync(join(process.env.E2E_ROOT as string, "packaging-"));
const manifest = () => JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** The package as npm has installed it from the tarball. */
const installed = () => join(app(), "node_modules", name);

/** What the e2e tests install. */
function tarball(): string {
  const folder = process.env.E2E_ROOT as string;
  const [file, ...others] = readdirSync(folder).filter((entry) => entry.endsWith(".tgz"));
  assert.deepEqual(others, []);
  return join(folder, file);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    )
    .sort();
}

/** The names of the packages that files import or require, without Node's own, this one and other files. */
function packagesIn(extension: string): string[] {
  const files = filesBelow(installed()).filter((file) => file.endsWith(extension));
  const specifiers = files.flatMap((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(installed(), file), "utf8"), true, true);
    return importedFiles.map(({ fileName }) => fileName);
  });
  const foreign = specifiers.filter(
    (text) => !/^(\.|node:)/.test(text) && !text.startsWith(`${name}/`) && !builtinModules.includes(text),
  );
  return [...new Set(foreign.map((text) => text.split("/", text.startsWith("@") ? 2 : 1).join("/")))].sort();
}

/** The declarations that a program reads which imports this entry, and what those import. */
function declarationsOf(entry: string): { files: string[]; packages: string[] } {
  const files = [posix.normalize(manifest().exports[entry].types)];
  const packages = new Set<string>();
  for (const file of files) {
    for (const { fileName } of ts.preProcessFile(readFileSync(join(installed(), file), "utf8")).importedFiles) {
      const beside = `${posix.join(posix.dirname(file), fileName)}.d.ts`;
      if (!fileName.startsWith(".")) packages.add(fileName);
      else if (!files.includes(beside)) files.push(beside);
    }
  }
  return { files, packages: [...packages].sort() };
}

describe("the packed package", () => {
  it("holds the compiled sources, and what npm always packs", () => {
    const sources = ["components", "provider"].flatMap((room) =>
      filesBelow(join(root, room)).map((file) => `${room}/${file.replace(/\.ts$/, "")}`),
    );
    const declarations = [".", "./account", "./provider"].flatMap((entry) => declarationsOf(entry).files);
    const expected = [
      ...["LICENSE", "README.md", "package.json"],
      ...sources.map((file) => `dist/${file}.js`),
      // What a program does not see is nothing to program against.
      ...new Set(declarations),
    ];
    assert.deepEqual(filesBelow(installed()), expected.sort());
  });

  it("leads to azure-native from its account entry alone", () => {
    assert.deepEqual(declarationsOf(".").packages, ["@pulumi/pulumi"]);
    assert.deepEqual(declarationsOf("./provider").packages, []);
    assert.deepEqual(declarationsOf("./account").packages, [
      "@pulumi/azure-native/cognitiveservices",
      "@pulumi/pulumi",
    ]);
    assert.deepEqual(manifest().peerDependenciesMeta, { "@pulumi/azure-native": { optional: true } });
  });

  it("is no larger than 64 KB", () => {
    const { size } = statSync(tarball());
    assert.ok(size <= 64_000, `${size} bytes`);
  });

  it("is packed to the same bytes again, from another folder and at another time", () => {
    const folder = temporary();
    cpSync(installed(), join(folder, "copy"), { recursive: true, filter: (file) => !file.endsWith("node_modules") });
    execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: join(folder, "copy") });
    const [packed] = readdirSync(folder).filter((entry) => entry.endsWith(".tgz"));
    assert.ok(readFileSync(join(folder, packed)).equals(readFileSync(tarball())));
  });

  it("is what these sources give", () => {
    const folder = temporary();
    assert.ok(readFileSync(join(folder, packInto(folder))).equals(readFileSync(tarball())));
  });

  it("is in order for publint", async () => {
    const { publint } = await import("publint");
    const { buffer, byteOffset, length } = readFileSync(tarball());
    const packed = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
    assert.deepEqual((await publint({ pack: { tarball: packed }, strict: true, level: "warning" })).messages, []);
  });

  it("has types that every way of resolving modules finds and that tell the truth", () => {
    // node10 knows no `exports`, so it does not find ./provider. No program imports that: its reader is the provider text.
    const expected = { NoResolution: [{ kind: "NoResolution", entrypoint: "./provider", resolutionKind: "node10" }] };
    const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    const { stdout } = spawnSync(process.execPath, [attw, tarball(), "--format", "json", "--no-definitely-typed"], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    const { analysis, problems } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(analysis.entrypoints), [".", "./account", "./provider", "./package.json"]);
    for (const { resolutions } of Object.values<{ resolutions: object }>(analysis.entrypoints)) {
      assert.deepEqual(Object.keys(resolutions), ["node10", "node16-cjs", "node16-esm", "bundler"]);
    }
    assert.deepEqual(problems, expected);
  });

  it("depends on what it requires, and on nothing else", () => {
    const { dependencies, peerDependencies } = manifest();
    const declared = [...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort();
    assert.deepEqual(packagesIn(".js"), declared);
    assert.deepEqual(
      packagesIn(".d.ts").filter((required) => !declared.includes(required)),
      [],
    );
  });

  it("has its comments in the declarations, where editors show them, and not once more in the code", () => {
    for (const file of filesBelow(installed()).filter((path) => path.endsWith(".js"))) {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(installed(), file), "utf8"),
        ts.ScriptTarget.ES2020,
        true,
      );
      const comments: string[] = [];
      const visit = (node: ts.Node): void => {
        for (const range of ts.getLeadingCommentRanges(source.text, node.pos) ?? []) {
          comments.push(source.text.slice(range.pos, range.end));
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      assert.deepEqual(comments, [], file);
    }
  });
});

describe("a program outside the repository", function () {
  this.timeout(300_000);
  const program = `
    import * as pulumi from "@pulumi/pulumi";
    import {
      type CognitiveAccountKeyName, RotatingCognitiveAccountKey, type RotatingCognitiveAccountKeyArgs,
      RotatingCognitiveAccountKeyPair, type RotatingCognitiveAccountKeyPairArgs, type WaitUntilAcceptedArgs,
    } from "${name}";
    import { RotatingCognitiveAccount, type RotatingCognitiveAccountArgs } from "${name}/account";
    import { key as handler } from "${name}/provider";

    const waitUntilAccepted: WaitUntilAcceptedArgs = { url: pulumi.output("https://a.openai.azure.com/"), timeout: "PT1M" };
    const slot: CognitiveAccountKeyName = "Key2";
    const pairArgs: RotatingCognitiveAccountKeyPairArgs = {
      resourceGroupName: "group", accountName: pulumi.output("name"), subscriptionId: "id", initialKeyName: slot,
      rotationTrigger: { month: pulumi.output(11), why: ["leak", null] }, minimumOverlap: "PT0S", waitUntilAccepted,
    };
    const pair = new RotatingCognitiveAccountKeyPair("pair", pairArgs, { protect: true });
    const keyArgs: RotatingCognitiveAccountKeyArgs = { accountId: "id", keyName: slot, revokeOnDelete: true };
    const single = new RotatingCognitiveAccountKey("key", keyArgs);
    const accountArgs: RotatingCognitiveAccountArgs = {
      resourceGroupName: "group", kind: "OpenAI", sku: { name: "S0" }, properties: { publicNetworkAccess: "Enabled" },
      rotationTrigger: "2026-11",
    };
    const account = new RotatingCognitiveAccount("account", accountArgs);
    export const outputs: pulumi.Output<string>[] = [pair.key, pair.previousKey, single.key, account.key, account.endpoint];
    export const rotatedAt: pulumi.Output<string | undefined> = pair.rotatedAt;
    export const diff: (id: string, olds: never, news: never) => Promise<unknown> = handler.diff;

    // @ts-expect-error there are two slots
    new RotatingCognitiveAccountKey("a", { accountId: "id", keyName: "Key3" });
    // @ts-expect-error a function is no JSON value
    new RotatingCognitiveAccountKeyPair("b", { accountId: "id", rotationTrigger: () => 1 });
    // @ts-expect-error a trigger that is misspelt would never rotate
    new RotatingCognitiveAccountKeyPair("c", { accountId: "id", rotateTrigger: 1 });
    // @ts-expect-error kind is required
    new RotatingCognitiveAccount("d", { resourceGroupName: "group", sku: { name: "S0" } });
    // @ts-expect-error a key is not known while the program runs
    export const length: number = pair.key.length;
    // @ts-expect-error exactOptionalPropertyTypes is on
    export const absent: RotatingCognitiveAccountKeyArgs = { accountId: "id", keyName: undefined };
  `;

  /** A folder with the package as it was installed, and with the SDK and azure-native of the repository. */
  function consumer(): string {
    const folder = temporary();
    const modules = join(folder, "node_modules");
    mkdirSync(join(modules, "@pulumi"), { recursive: true });
    mkdirSync(join(modules, "@types"));
    cpSync(installed(), join(modules, name), { recursive: true });
    for (const entry of ["@pulumi/pulumi", "@pulumi/azure-native", "@types/node"]) {
      symlinkSync(join(root, "node_modules", entry), join(modules, entry), "dir");
    }
    symlinkSync(join(app(), "node_modules", "@azure"), join(modules, "@azure"), "dir");
    return folder;
  }

  it("type-checks under the strictest options, as CommonJS and as ESM, and so do the declarations it uses", () => {
    const folder = consumer();
    const files = ["program.cts", "program.mts"].map((file) => join(folder, file));
    for (const file of files) {
      writeFileSync(file, program);
    }
    const packed = filesBelow(installed()).filter((file) => file.endsWith(".d.ts"));
    const declared = packed.map((file) => join(folder, "node_modules", name, file));
    const compiled = ts.createProgram([...files, ...declared], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      isolatedModules: true,
      skipLibCheck: false,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      types: ["node"],
      noEmit: true,
      configFilePath: join(folder, "tsconfig.json"),
    });
    // Of the declarations of others, which are ten times as many, only what ours make of them is looked at.
    const checked = [...files, ...declared].map((file) => {
      const source = compiled.getSourceFile(file);
      assert.ok(source !== undefined, file);
      return source;
    });
    const diagnostics = [
      ...compiled.getOptionsDiagnostics(),
      ...compiled.getGlobalDiagnostics(),
      ...checked.flatMap((file) => [
        ...compiled.getSyntacticDiagnostics(file),
        ...compiled.getSemanticDiagnostics(file),
      ]),
    ];
    const host = { getCurrentDirectory: () => folder, getCanonicalFileName: (f: string) => f, getNewLine: () => "\n" };
    assert.equal(ts.formatDiagnostics(diagnostics, host), "");

    const checker = compiled.getTypeChecker();
    const entries = checked.filter(({ fileName }) => /\/components\/(index|account)\.d\.ts$/.test(fileName));
    assert.equal(entries.length, 2);
    const exported = entries.flatMap((entry) =>
      checker.getExportsOfModule(checker.getSymbolAtLocation(entry) as ts.Symbol),
    );
    const documented = exported.flatMap((alias) => {
      const symbol = checker.getAliasedSymbol(alias);
      const args = symbol.name.endsWith("Args") ? checker.getDeclaredTypeOfSymbol(symbol).getProperties() : [];
      return [symbol, ...args];
    });
    assert.ok(documented.length > exported.length * 3);
    for (const symbol of documented) {
      assert.notEqual(ts.displayPartsToString(symbol.getDocumentationComment(checker)), "", symbol.name);
    }
  });
});
