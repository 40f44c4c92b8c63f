import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { list, type ReadEntry } from "tar";
import { parse } from "yaml";
import { version } from "../../package.json";
import { buildPlugin, bundles, pluginName } from "../../scripts/buildPlugin";
import { outputOf } from "../../scripts/childProcess";
import { archiveName, releasePlugin } from "../../scripts/pluginRelease";
import { Deployment, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { afterTest } from "../support/hooks";
import { needsLanguageHost } from "../support/languageLane";
import { Project, projectFolder } from "../support/project";
import { group, name, regenerations, seeded } from "../support/scenario";

const temporary = () => mkdtempSync(join(process.env.E2E_ROOT as string, "archive-"));
const names = ["linux", "darwin", "windows"].flatMap((system) =>
  ["amd64", "arm64"].map((processor) => archiveName(system, processor)),
);
const posix = archiveName("linux", "amd64");
const windows = archiveName("windows", "amd64");
const processor = process.arch === "x64" ? "amd64" : process.arch;
const asked = `/${archiveName(process.platform, processor)}`;

let made: string | undefined;
/** The folder of the archives that are to be released, or of what these sources give. */
function archives(): string {
  if (process.env.PACKED_PLUGIN !== undefined) return process.env.PACKED_PLUGIN;
  if (made === undefined) {
    made = temporary();
    releasePlugin(made);
  }
  return made;
}

describe("the archives of the plugin", () => {
  const read = (name: string) => readFileSync(join(archives(), name));

  function entriesOf(name: string): ReadEntry[] {
    const entries: ReadEntry[] = [];
    list({ file: join(archives(), name), sync: true, onReadEntry: (entry) => entries.push(entry) });
    return entries;
  }

  it("are named as the CLI asks for them on each system, and listed with their SHA-256", () => {
    assert.deepEqual(readdirSync(archives()), ["SHA256SUMS", ...names].sort());
    assert.equal(posix, `pulumi-resource-cognitive-key-rotation-v${version}-linux-amd64.tar.gz`);
    const sums = names.map((name) => `${createHash("sha256").update(read(name)).digest("hex")}  ${name}\n`);
    assert.equal(read("SHA256SUMS").toString(), sums.sort().join(""));
  });

  it("hold all bundles, what starts them, and all licences, and tell nothing of the machine that made them", () => {
    const files = (executable: string, ...others: string[]) =>
      ["LICENSE", "THIRD-PARTY-LICENSES.txt", executable, ...bundles, ...others].map((path) => [
        path,
        path === executable ? 0o755 : 0o644,
        ...[0, undefined, ""],
      ]);
    const found = (name: string) =>
      entriesOf(name).map(({ path, mode, mtime, uid, uname }) => [path, mode, mtime?.getTime(), uid, uname]);
    assert.deepEqual(found(posix), files(pluginName));
    const project = ["PulumiPlugin.yaml", "package.json", "run-plugin/package.json", "run-plugin/index.js"];
    assert.deepEqual(found(windows), files(`${pluginName}.cmd`, ...project));
  });

  it("are made to the same bytes again, in another folder, at another time, by a person who hides new files", () => {
    const again = temporary();
    const mask = process.umask(0o077);
    try {
      releasePlugin(again);
    } finally {
      process.umask(mask);
    }
    for (const file of readdirSync(archives())) assert.ok(readFileSync(join(again, file)).equals(read(file)), file);
  });

  it("weigh at most 500 KB, what a start compiles at most 750 KB, and all bundles at most 2 MB", () => {
    for (const name of names) assert.ok(read(name).length <= 500_000, `${name}: ${read(name).length} bytes`);
    const entries = entriesOf(posix);
    const sizeOf = (file: string) => (entries.find(({ path }) => path === file) as ReadEntry).size;
    const sizes = bundles.map(sizeOf);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(sizes[0] <= 750_000 && all <= 2_000_000, `${sizes} bytes`);
  });

  it("have no FormData, the first look at which loads another HTTP client", () => {
    const folder = temporary();
    execFileSync("tar", ["-xzf", join(archives(), posix), "-C", folder]);
    for (const file of bundles) assert.doesNotMatch(readFileSync(join(folder, file), "utf8"), /\bFormData\b/, file);
  });
});

describe("what starts the plugin", () => {
  /** A folder with a `node` that says its version, or without, and with what the shim calls. */
  function path(nodeVersion?: string): string {
    const folder = temporary();
    const commands = execFileSync("sh", ["-c", "command -v sh; command -v readlink"], { encoding: "utf8" });
    for (const command of commands.trim().split("\n"))
      symlinkSync(command, join(folder, command.split("/").pop() as string));
    if (nodeVersion)
      writeFileSync(
        join(folder, "node"),
        `#!/bin/sh\ncase $1 in --version) echo ${nodeVersion} ;; *) echo "$*" ;; esac\n`,
        {
          mode: 0o755,
        },
      );
    return folder;
  }

  it("finds the bundle beside itself, through links and where the path has spaces", () => {
    const folder = join(temporary(), "with a space");
    buildPlugin(folder);
    const linked = temporary();
    symlinkSync(join(folder, pluginName), join(linked, "first"));
    symlinkSync("first", join(linked, pluginName));
    for (const file of [join(folder, pluginName), join(linked, pluginName)]) {
      const { stdout, stderr } = spawnSync(file, ["--tracing", "an endpoint"], {
        encoding: "utf8",
        env: { PATH: path("v20.0.0") },
      });
      assert.equal(stderr, "");
      assert.equal(stdout, `${join(folder, pluginName)}.js --tracing an endpoint\n`);
    }
  });

  it("compiles a bundle only when something in it is needed: for a changed duration, for a call, for neither", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program = (rotationTrigger?: string): Program => {
      const { RotatingCognitiveAccountKeyPair } = plugin.classes();
      const key = { resourceGroupName: group, accountName: name, minimumOverlap: "PT0S", rotationTrigger };
      return () => void new RotatingCognitiveAccountKeyPair("keys", key);
    };
    const runWithout = async (broken: readonly string[], run: () => Promise<{ steps: object }>) => {
      const folder = temporary();
      buildPlugin(folder);
      for (const file of broken) writeFileSync(join(folder, file), `throw new Error("${file} was loaded")`);
      await stack.setEnvironment({ PATH: [folder, process.env.PATH].join(delimiter) });
      return (await run()).steps;
    };
    const late = bundles.slice(1);
    const lateBut = (...needed: string[]) => late.filter((file) => !needed.includes(file));

    const forCalls = lateBut("azure.js", "durations.js");
    assert.deepEqual(forCalls, ["rare.js"]);
    assert.deepEqual(await runWithout(forCalls, () => stack.up(program("2026-11"))), { create: 1 });
    assert.deepEqual(await runWithout(late, () => stack.up(program("2026-11"))), { same: 1 });
    const forPreviews = lateBut("durations.js");
    assert.deepEqual(await runWithout(forPreviews, () => stack.preview(program("2026-12"))), { update: 1 });
    assert.deepEqual(await runWithout(forCalls, () => stack.up(program("2026-12"))), { update: 1 });
    // So nothing above was content with a bundle that fails. One that fails does so before a key is renewed.
    const renewed = regenerations(emulator);
    for (const file of ["azure.js", "durations.js"])
      await assert.rejects(runWithout([file], () => stack.up(program("2027-01"))));
    assert.equal(regenerations(emulator), renewed);
  });

  it("does not start without all bundles", () => {
    for (const file of bundles.slice(1)) {
      const folder = temporary();
      buildPlugin(folder);
      rmSync(join(folder, file));
      const { status, stdout, stderr } = spawnSync(join(folder, pluginName), { encoding: "utf8" });
      assert.deepEqual([status, stdout], [1, ""]);
      assert.ok(stderr.includes(`Cannot find module './${file}'`), stderr);
    }
  });

  it("says so where Node is missing or too old", () => {
    const folder = temporary();
    buildPlugin(folder);
    const start = (nodeVersion?: string) =>
      spawnSync(join(folder, pluginName), { encoding: "utf8", env: { PATH: path(nodeVersion) } });
    for (const nodeVersion of [undefined, "v18.20.1", "v8.0.0"]) {
      const { status, stdout, stderr } = start(nodeVersion);
      const found = nodeVersion ?? "none";
      assert.deepEqual([status, stdout], [1, ""]);
      assert.equal(stderr, `cognitive-key-rotation needs Node.js 20 or newer on PATH, and found ${found}.\n`);
    }
    assert.deepEqual([start("v20.0.0").status, start("v100.1.0").status], [0, 0]);
  });
});

describe("a machine with the CLI and Node alone", () => {
  before(function () {
    // Go reads SSL_CERT_FILE on no other system.
    if (process.platform !== "linux") this.skip();
  });

  /**
   * A web server of archives; gives its address and what it was asked for.
   *
   * @param served instead of the one that this machine asks for
   */
  async function serveArchives(served = asked): Promise<{ url: string; requests: string[] }> {
    const requests: string[] = [];
    const [cert, key] = ["CERT", "KEY"].map((file) => readFileSync(process.env[`EMULATOR_${file}_FILE`] as string));
    const server = createServer({ cert, key }, ({ url = "" }, response) => {
      requests.push(url);
      response.end(url === asked ? readFileSync(join(archives(), served)) : undefined);
    });
    server.listen(0, "localhost");
    await once(server, "listening");
    afterTest(() => void server.close());
    return { url: `https://localhost:${(server.address() as AddressInfo).port}`, requests };
  }

  const bare = (): Record<string, string | undefined> => ({
    SSL_CERT_FILE: process.env.EMULATOR_CERT_FILE,
    PATH: process.env.PATH,
  });
  const installed = (home: string) => join(home, "plugins", `resource-cognitive-key-rotation-v${version}`);

  it("fetches the plugin from where its program says, and again from where its state says", async () => {
    const { url, requests } = await serveArchives();
    const emulator = await startEmulator(seeded);
    const program: Program = () => {
      const inputs = { resourceGroupName: group, accountName: name };
      const options = { version, pluginDownloadURL: url };
      new (plugin.classes().RotatingCognitiveAccountKey)("key", inputs, options);
      return {};
    };
    const stack = new Deployment(emulator, { environment: bare(), program });
    assert.deepEqual((await stack.up()).steps, { create: 1 });
    assert.deepEqual(requests, [asked]);

    rmSync(installed(join(stack.folder, "home")), { recursive: true });
    assert.deepEqual((await stack.destroy()).steps, { delete: 1 });
    assert.deepEqual(requests, [asked, asked]);
  });

  for (const [title, served, languages] of [
    ["adds the package to a project with one command", asked, ["yaml"]],
    // What it takes the archive for where no file of it can be started: as on Windows a .cmd.
    ["adds it from the archive for Windows too, with the language host of Node", windows, ["yaml", "nodejs"]],
  ] as const) {
    it(title, async function () {
      for (const language of languages) needsLanguageHost(this, language);
      const { url, requests } = await serveArchives(served);
      const folder = projectFolder({ "Pulumi.yaml": { name: "producer", runtime: "yaml" } });
      const project = new Project(await startEmulator(seeded), folder);
      Object.assign(project.environment, bare());
      await project.pulumi(["package", "add", `cognitive-key-rotation@${version}`, "--server", url]);
      assert.deepEqual(requests, [asked]);
      const { packages } = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8"));
      assert.deepEqual(packages, {
        "cognitive-key-rotation": { source: "cognitive-key-rotation", version, pluginDownloadURL: url },
      });
      assert.ok(readdirSync(join(folder, "sdks", "cognitive-key-rotation")).length > 0);
    });
  }

  it("is told by the schema where a mirror is", async () => {
    const mirror = "https://mirror.example/plugins";
    const folder = temporary();
    buildPlugin(folder, mirror);
    const printed = await outputOf("pulumi", ["package", "get-schema", join(folder, pluginName)]);
    assert.equal(JSON.parse(printed).pluginDownloadURL, mirror);
  });
});
