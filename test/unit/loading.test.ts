import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";

const root = resolve(__dirname, "../..");
const components = join(root, "components");
const provider = join(root, "provider");
/** What the provider text in every stack's state asks for. */
const entry = join(components, "dynamicProvider.ts");
const takingOver = join(components, "takingOver.ts");

const isOwn = (file: string) => file.startsWith(provider + sep) || [entry, takingOver].includes(file);

/** What a process has in `require.cache` when the script has run, with `module` of this package in `library`. */
function loadedBy(script: string, module = entry): string[] {
  const program = `
    const library = require(${JSON.stringify(module)});
    (async () => {
      ${script}
      console.log(JSON.stringify(Object.keys(require.cache)));
    })();`;
  const args = ["--require", require.resolve("tsx/cjs"), "--eval", program];
  const printed = execFileSync(process.execPath, args, { encoding: "utf8", cwd: root });
  const files: string[] = JSON.parse(printed.trim().split("\n").at(-1) as string);
  // What makes JavaScript of the sources, which users get as JavaScript.
  const compilers = ["tsx", "esbuild"].map((name) => join(root, "node_modules", name) + sep);
  return files.filter((file) => !compilers.some((compiler) => file.startsWith(compiler)));
}

const account = '{ resourceGroupName: "rg", accountName: "ai" }';
const noOp = `
  for (const handler of [library.key, library.keyPair]) {
    handler.configure({ config: { get: () => undefined } });
    const inputs = { ...${account}, rotationTrigger: { month: 11 } };
    const known = { ...inputs, subscriptionId: "00000000-0000-0000-0000-000000000000", keyName: "Key1", key: "a", previousKey: "b", __provider: "text" };
    const { failures } = await handler.check(inputs, inputs);
    const { changes } = await handler.diff("id", known, inputs);
    if (failures.length > 0 || changes) throw new Error("that is no no-op");
  }
  process.stdin.destroy();`;

describe("what the provider process loads", () => {
  it("for a resource that does not change are the files of the provider, and no package", function () {
    this.timeout(20_000);
    const loaded = loadedBy(noOp);
    const own = loaded.filter(isOwn);
    assert.deepEqual(
      loaded.filter((file) => !own.includes(file)),
      [],
    );
    assert.ok(own.length >= 10 && own.length <= 48, `${own.length} files`);
  });

  it("for a duration that is new is the one package that reads it", function () {
    this.timeout(20_000);
    const loaded = loadedBy(`
      await library.keyPair.check(${account}, { ...${account}, minimumOverlap: "PT2H" });
      process.stdin.destroy();`);
    const foreign = loaded.filter((file) => !isOwn(file));
    assert.ok(foreign.length > 0 && foreign.every((file) => file.includes("temporal")), foreign.join("\n"));
  });

  it("is never an ES module: import() in CommonJS loads those beside the CommonJS ones that other packages have loaded", () => {
    const names = readdirSync(provider, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const sources = names.map((name) => readFileSync(join(provider, name), "utf8"));
    assert.ok(sources.some((source) => source.includes('require("@azure/identity")')));
    for (const source of sources) assert.doesNotMatch(source, /(?<!typeof )\bimport\([^)]/);
  });
});

describe("what a program loads", () => {
  it("is nothing of azure-native, unless it imports the account entry", function () {
    this.timeout(60_000);
    const modules = join(root, "node_modules", "@pulumi", "azure-native") + sep;
    const loads = (module: string) => loadedBy("", join(components, module)).some((file) => file.startsWith(modules));
    assert.equal(loads("index"), false);
    assert.equal(loads("account"), true);
  });

  it("reads durations only where a key has a maxAge", function () {
    this.timeout(60_000);
    const loaded = loadedBy(
      `const pulumi = require("@pulumi/pulumi");
      const outputs = { keyFingerprint: "0123456789ab", rotatedAt: new Date().toISOString() };
      const newResource = ({ inputs }) => ({ id: "id", state: { ...inputs, ...outputs } });
      const deploy = async (args) => {
        await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
        new library.RotatingCognitiveAccountKeyPair("pair", { ...${account}, ...args });
        await pulumi.runtime.disconnect();
        for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
      };
      const isLoaded = () => Object.keys(require.cache).some((file) => file.includes("temporal"));
      await deploy({ minimumOverlap: "PT2H" });
      if (isLoaded()) throw new Error("loaded without a maxAge");
      await deploy({ maxAge: "P90D" });`,
      join(components, "rotatingCognitiveAccountKeyPair"),
    );
    assert.ok(loaded.some((file) => file.includes("temporal")));
  });
});
