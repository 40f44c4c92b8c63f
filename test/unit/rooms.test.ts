import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const root = resolve(__dirname, "../..");
const folders = ["components", "plugin", "provider", "emulator", "scripts", "bench"];

/** What each room of the product may import, beside itself. What is not named is no room's. */
const arrows: Record<string, { rooms: string[]; packages: RegExp }> = {
  components: { rooms: ["provider", "foundation", "words", "login"], packages: /^@pulumi\/(pulumi|azure-native\/)/ },
  plugin: {
    rooms: ["provider", "rotation", "login", "foundation", "words"],
    // Never Pulumi's runtime: the bundle would hold all of it.
    packages:
      /^(@grpc\/grpc-js|@pulumi\/pulumi\/proto\/\w+|google-protobuf\/google\/protobuf\/\w+|(plugin\/)?\w+\.json)$/,
  },
  provider: { rooms: ["rotation", "azure", "login", "foundation", "words"], packages: /^$/ },
  login: { rooms: ["azure", "foundation", "words"], packages: /^(@azure\/(identity|core-rest-pipeline)|node-forge)$/ },
  azure: { rooms: ["rotation", "foundation", "words"], packages: /^@azure\// },
  rotation: { rooms: ["foundation", "words"], packages: /^$/ },
  foundation: { rooms: ["words"], packages: /^temporal-polyfill$/ },
  words: { rooms: [], packages: /^$/ },
};

/** What every room of `provider/` stands on. */
const foundation = ["duration", "fingerprint", "keyError", "networkCause"].map((name) => `provider/${name}.ts`);

function roomOf(file: string): string {
  if (foundation.includes(file)) return "foundation";
  const parts = file.split("/");
  return parts[0] === "provider" && parts.length > 2 ? parts[1] : parts[0];
}

/** Everything that a file imports or requires, types too: files by their path, the rest by its name. */
function importsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const { moduleSpecifier } = node as ts.ImportDeclaration;
    if (moduleSpecifier && ts.isStringLiteral(moduleSpecifier)) found.push(moduleSpecifier.text);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push(node.argument.literal.text);
    }
    if (ts.isCallExpression(node) && ["require", "import"].includes(node.expression.getText(source))) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) found.push(specifier.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.map((specifier) => (specifier.startsWith(".") ? fileOf(join(dirname(file), specifier)) : specifier));
}

function fileOf(path: string): string {
  const candidates = [`${path}.ts`, join(path, "index.ts"), path];
  const found = candidates.find((candidate) => existsSync(join(root, candidate)));
  assert.ok(found, `${path} is imported and does not exist`);
  return found;
}

const graph = new Map<string, string[]>();
for (const folder of folders) {
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
    const file = join(folder, name);
    if (file.endsWith(".ts")) graph.set(file, importsOf(file));
  }
}

/** A way from a file back to itself; `undefined` where there is none. */
function cycleThrough(file: string, way: string[] = [file]): string[] | undefined {
  for (const next of graph.get(way[way.length - 1]) ?? []) {
    if (next === file) return [...way, next];
    const cycle = way.includes(next) || !graph.has(next) ? undefined : cycleThrough(file, [...way, next]);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe("the house", () => {
  it("has no arrow from a room to one that is nearer to the street, nor to a package that is not the room's", () => {
    const wrong = [...graph].flatMap(([file, imports]) => {
      const room = roomOf(file);
      if (!(room in arrows)) return [];
      const { rooms, packages } = arrows[room];
      const isAllowed = (target: string) =>
        graph.has(target)
          ? [room, ...rooms].includes(roomOf(target))
          : target.startsWith("node:") ||
            target.startsWith("pulumi-cognitive-key-rotation/package") ||
            packages.test(target);
      return imports.filter((target) => !isAllowed(target)).map((target) => `${file} → ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("touches azure-native only behind the entry of the account", () => {
    const touching = [...graph].filter(([, imports]) =>
      imports.some((target) => target.startsWith("@pulumi/azure-native")),
    );
    const product = touching.map(([file]) => file).filter((file) => roomOf(file) in arrows);
    assert.deepEqual(product, ["components/rotatingCognitiveAccount.ts"]);
  });

  it("keeps nothing for the whole process in the core and in the plugin, and prints only where a process begins", () => {
    const files = [...graph.keys()].filter((file) => /^(provider|plugin)\//.test(file));
    const held = /\bconsole\.|^(?:export )?(?:let |const \w+ = new (?:Map|Set|WeakMap|WeakSet)(?:<.*>)?\(\))/m;
    assert.deepEqual(
      files.filter((file) => held.test(readFileSync(join(root, file), "utf8"))),
      ["plugin/main.ts"],
    );
    const begin = readFileSync(join(root, "plugin/main.ts"), "utf8");
    const said = ["console.log(port)", "console.error(toKeyError(thrown).message)"];
    assert.doesNotMatch(
      said.reduce((text, one) => text.replace(one, ""), begin),
      held,
      "nothing else",
    );
    assert.match(readFileSync(join(root, "components/dynamicProvider.ts"), "utf8"), held, "the way in does both");
  });

  it("has no cycle of imports", () => {
    for (const file of graph.keys()) assert.equal(cycleThrough(file)?.join(" → "), undefined);
  });

  it("is read as it is", () => {
    assert.ok(graph.get("components/dynamicProvider.ts")?.includes("provider/index.ts"));
    assert.ok(
      graph.get("provider/login/loginMethods.ts")?.includes("@azure/identity"),
      "imports of types, and by require",
    );
    assert.deepEqual(
      importsOf(relative(root, __filename)).filter((name) => name === "typescript"),
      ["typescript"],
    );
  });
});
