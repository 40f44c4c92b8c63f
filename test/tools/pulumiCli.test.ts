import assert from "node:assert/strict";
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findLanguageHost } from "../../scripts/languageHost";
import { isAtLeast, obtainPulumiCli, pinnedVersion } from "../../scripts/pulumiCli";
import type { Machine } from "../../scripts/pulumiCliMachine";
import { obtainYamlHost } from "../../scripts/yamlHost";

const resourceScript = "pulumi-resource-pulumi-nodejs";
const yamlHost = "pulumi-language-yaml";

describe("obtainPulumiCli", () => {
  let folder: string;
  let kept: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulumi-cli-"));
    kept = join(folder, "home", "versions");
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("takes the one on PATH first, and tries nothing else", async () => {
    const bin = await putCli(join(folder, "usr"), "3.201.0");
    const machine = fakeMachine({ path: bin });

    const cli = await obtainPulumiCli(machine);

    assert.equal(cli.explanation, `Pulumi CLI v3.201.0: ${join(bin, "pulumi")} (on PATH)`);
    assert.equal(cli.version, "3.201.0");
    assert.equal(cli.environment.PULUMI_CLI_ROOT, undefined);
    assert.deepEqual(machine.calls, ["pulumi version"]);
  });

  it("writes nothing beside the one on PATH, and names a folder with the resource script instead", async () => {
    const bin = await putCli(join(folder, "usr"), "3.201.0");

    const cli = await obtainPulumiCli(fakeMachine({ path: bin }));

    assert.deepEqual(await readdir(bin), ["pulumi"]);
    const [first, last] = cli.environment.PATH.split(delimiter);
    assert.equal(first, bin);
    await access(join(last, resourceScript));
  });

  it("leaves PATH alone when the resource script is on it", async () => {
    const bin = await putCli(join(folder, "usr"), "3.201.0");
    await putProgram(join(bin, resourceScript));

    const cli = await obtainPulumiCli(fakeMachine({ path: bin }));

    assert.equal(cli.environment.PATH, bin);
  });

  it("sees whether the Node language host is there", async () => {
    const bin = await putCli(join(folder, "usr"), "3.201.0");
    assert.equal((await obtainPulumiCli(fakeMachine({ path: bin }))).hasNodeLanguageHost, false);

    await putProgram(join(bin, "pulumi-language-nodejs"));
    assert.equal((await obtainPulumiCli(fakeMachine({ path: bin }))).hasNodeLanguageHost, true);
  });

  it("sees the language hosts of a CLI that is linked from another folder", async () => {
    const bin = await putCli(join(folder, "opt"), "3.201.0");
    await putProgram(join(bin, "pulumi-language-nodejs"));
    await putProgram(join(bin, "pulumi-language-python"));
    const path = join(folder, "usr", "bin");
    await mkdir(path, { recursive: true });
    await symlink(join(bin, "pulumi"), join(path, "pulumi"));

    assert.equal((await obtainPulumiCli(fakeMachine({ path }))).hasNodeLanguageHost, true);
    assert.equal(findLanguageHost("python", path), join(bin, "pulumi-language-python"));
    assert.equal(findLanguageHost("go", path), undefined);
  });

  it("passes over one on PATH that is too old", async () => {
    const bin = await putCli(join(folder, "usr"), "3.199.9");
    await putCli(join(kept, pinnedVersion), pinnedVersion);

    const cli = await obtainPulumiCli(fakeMachine({ path: bin }));

    assert.equal(
      cli.explanation,
      `Pulumi CLI v${pinnedVersion}: ${join(kept, pinnedVersion, "bin", "pulumi")} (kept from an earlier run)`,
    );
  });

  for (const name of [pinnedVersion, `v${pinnedVersion}`]) {
    it(`takes the copy kept in ${name} and copies the resource script beside it`, async () => {
      const bin = await putCli(join(kept, name), pinnedVersion);

      const cli = await obtainPulumiCli(fakeMachine({}));

      assert.equal(cli.environment.PULUMI_CLI_ROOT, join(kept, name));
      assert.equal(cli.environment.PATH.split(delimiter)[0], bin);
      assert.match(await readFile(join(bin, resourceScript), "utf8"), /dynamic-provider/);
      assert.deepEqual((await readdir(bin)).sort(), ["pulumi", resourceScript]);
    });
  }

  it("takes the official installer before it builds", async () => {
    const machine = fakeMachine({ install: (root) => putCli(root, pinnedVersion), go: "go1.25.0" });

    const cli = await obtainPulumiCli(machine);

    assert.equal(
      cli.explanation,
      `Pulumi CLI v${pinnedVersion}: ${join(kept, pinnedVersion, "bin", "pulumi")} (official installer)`,
    );
    assert.ok(!machine.calls.includes("build"));
    assert.deepEqual(await readdir(kept), [pinnedVersion]);
  });

  it("builds when the installer does not get through, and keeps the result for the next run", async () => {
    const machine = fakeMachine({ build: (root) => putCli(root, pinnedVersion), go: "go1.26.8" });

    const built = await obtainPulumiCli(machine);
    const next = await obtainPulumiCli(machine);

    assert.match(built.explanation, /\(built from its Go modules\)$/);
    assert.match(next.explanation, /\(kept from an earlier run\)$/);
    assert.deepEqual(await readdir(kept), [pinnedVersion]);
    assert.equal(machine.calls.filter((call) => call === "build").length, 1);
  });

  it("replaces a copy that cannot run", async () => {
    await mkdir(join(kept, pinnedVersion, "bin"), { recursive: true });
    await writeFile(join(kept, pinnedVersion, "bin", "pulumi"), "half a download");

    const cli = await obtainPulumiCli(fakeMachine({ build: (root) => putCli(root, pinnedVersion), go: "go1.26.8" }));

    assert.match(cli.explanation, /\(built from its Go modules\)$/);
    assert.deepEqual(await readdir(kept), [pinnedVersion]);
  });

  it("takes the copy that another run has put there meanwhile", async () => {
    const build = async (root: string) => {
      await putCli(root, pinnedVersion);
      await putCli(join(kept, pinnedVersion), pinnedVersion);
    };

    const cli = await obtainPulumiCli(fakeMachine({ build, go: "go1.26.8" }));

    assert.match(cli.explanation, /\(kept from a run at the same time\)$/);
    assert.deepEqual(await readdir(kept), [pinnedVersion]);
  });

  it("keeps nothing of a build that came out as another version", async () => {
    const machine = fakeMachine({ build: (root) => putCli(root, "3.1.0"), go: "go1.26.8" });

    await assert.rejects(obtainPulumiCli(machine), /Go modules: it is v3\.1\.0/);

    assert.deepEqual(await readdir(kept), []);
  });

  it("says why each step failed and what to install", async () => {
    const bin = await putCli(join(folder, "usr"), "3.10.0");

    await assert.rejects(obtainPulumiCli(fakeMachine({ path: bin, go: "go1.24.9" })), {
      message: [
        `No Pulumi CLI was found, and v${pinnedVersion} could be neither installed nor built:`,
        "  - `pulumi` on PATH: v3.10.0 is too old, v3.200.0 or newer is needed",
        `  - copy kept before: no v${pinnedVersion} in ${kept}`,
        "  - official installer: no answer in 10 s",
        "  - Go modules: go1.24.9 is too old, go1.25 or newer is needed",
        "Install the Pulumi CLI (v3.200.0 or newer): https://www.pulumi.com/docs/install/",
        "or Go (1.25 or newer), from which it is built: https://go.dev/doc/install",
      ].join("\n"),
    });
    assert.deepEqual(await readdir(kept), []);
  });

  it("names a missing pulumi, a missing go and an unusable copy as such", async () => {
    await mkdir(join(kept, pinnedVersion), { recursive: true });

    await assert.rejects(obtainPulumiCli(fakeMachine({})), (error: Error) => {
      assert.match(error.message, /`pulumi` on PATH: there is no `pulumi`/);
      assert.match(error.message, /copy kept before: \S+ is not usable \(there is no `\S+\/bin\/pulumi`\)/);
      assert.match(error.message, /Go modules: there is no `go`/);
      return true;
    });
  });

  it("takes the one in PULUMI_CLI_ROOT without a search", async () => {
    const bin = await putCli(join(folder, "given"), "3.230.0");
    const machine = fakeMachine({ env: { PULUMI_CLI_ROOT: join(folder, "given") } });

    const cli = await obtainPulumiCli(machine);

    assert.equal(cli.explanation, `Pulumi CLI v3.230.0: ${join(bin, "pulumi")} (set by PULUMI_CLI_ROOT)`);
    assert.deepEqual(await readdir(bin), ["pulumi"]);
    assert.deepEqual(machine.calls, [`${join(bin, "pulumi")} version`]);
  });

  describe("with PULUMI_CLI_VERSION", () => {
    it("wants exactly this version from PATH", async () => {
      const bin = await putCli(join(folder, "usr"), "3.250.0");
      await putCli(join(kept, "v3.230.0"), "3.230.0");

      const same = await obtainPulumiCli(fakeMachine({ path: bin, env: { PULUMI_CLI_VERSION: "v3.250.0" } }));
      const other = await obtainPulumiCli(fakeMachine({ path: bin, env: { PULUMI_CLI_VERSION: "3.230.0" } }));

      assert.match(same.explanation, /\(on PATH\)$/);
      assert.match(other.explanation, /^Pulumi CLI v3\.230\.0: .*\(kept from an earlier run\)$/);
    });

    it("latest comes from the official installer, not from PATH", async () => {
      const bin = await putCli(join(folder, "usr"), "3.250.0");
      const env = { PULUMI_CLI_VERSION: "latest" };

      const cli = await obtainPulumiCli(fakeMachine({ path: bin, env, install: (root) => putCli(root, "3.999.0") }));

      assert.match(cli.explanation, /^Pulumi CLI v3\.999\.0: .*\(official installer\)$/);
    });

    it("latest is never built from Go modules", async () => {
      const machine = fakeMachine({ env: { PULUMI_CLI_VERSION: "latest" }, go: "go1.26.8" });

      await assert.rejects(obtainPulumiCli(machine), (error: Error) => !error.message.includes("Go"));

      assert.ok(!machine.calls.includes("build"));
    });
  });

  describe("and the language host for YAML", () => {
    const buildYamlHost = (file: string) => putProgram(file);

    it("takes the one beside the CLI, as the official one brings it along", async () => {
      const bin = await putCli(join(folder, "usr"), "3.201.0");
      await putProgram(join(bin, yamlHost));
      const machine = fakeMachine({ path: bin, go: "go1.26.8", buildYamlHost });

      const { explanation, environment } = await obtainYamlHost(await obtainPulumiCli(machine), machine);

      assert.equal(explanation, `YAML language host: ${join(bin, yamlHost)}`);
      assert.equal(findLanguageHost("yaml", environment.PATH), join(bin, yamlHost));
      assert.ok(!machine.calls.includes("buildYamlHost"));
    });

    it("builds one beside the CLI that is kept, and finds it the next time", async () => {
      const bin = await putCli(join(kept, pinnedVersion), pinnedVersion);
      const machine = fakeMachine({ go: "go1.26.8", buildYamlHost });

      const built = await obtainYamlHost(await obtainPulumiCli(machine), machine);
      const next = await obtainYamlHost(await obtainPulumiCli(machine), machine);

      assert.match(built.explanation, /^YAML language host: \S+ \(v\d+\.\d+\.\d+, built from its Go module\)$/);
      assert.equal(next.explanation, `YAML language host: ${join(bin, yamlHost)}`);
      for (const { environment } of [built, next])
        assert.equal(findLanguageHost("yaml", environment.PATH), join(bin, yamlHost));
      assert.equal(machine.calls.filter((call) => call === "buildYamlHost").length, 1);
      assert.deepEqual(await readdir(kept), [pinnedVersion]);
    });

    it("keeps one in a folder of its own where the CLI is somebody else's, and names that on PATH", async () => {
      const bin = await putCli(join(folder, "usr"), "3.201.0");
      await putProgram(join(bin, resourceScript));
      const machine = fakeMachine({ path: bin, go: "go1.26.8", buildYamlHost });
      const obtain = async () => obtainYamlHost(await obtainPulumiCli(machine), machine);

      const hosts = [await obtain(), await obtain()];

      assert.deepEqual((await readdir(bin)).sort(), ["pulumi", resourceScript]);
      const [own] = await readdir(kept);
      for (const { environment } of hosts) {
        assert.deepEqual(environment.PATH.split(delimiter), [bin, join(kept, own)]);
        assert.equal(findLanguageHost("yaml", environment.PATH), join(kept, own, yamlHost));
      }
      assert.equal(machine.calls.filter((call) => call === "buildYamlHost").length, 1);
    });

    const failures: Record<string, [Partial<Fakes>, string]> = {
      "there is no Go": [{}, "there is no `go`"],
      "Go is too old": [{ go: "go1.24.9" }, "go1.24.9 is too old, go1.25 or newer is needed"],
      "the build fails": [
        {
          go: "go1.26.8",
          buildYamlHost: () => Promise.reject(new Error("`go get` ended with 1: one\n    no answer\n")),
        },
        "no answer",
      ],
    };
    for (const [situation, [fakes, reason]] of Object.entries(failures)) {
      it(`says in one line what it needs where ${situation}`, async () => {
        const bin = await putCli(join(kept, pinnedVersion), pinnedVersion);
        const machine = fakeMachine(fakes);

        const { explanation, environment } = await obtainYamlHost(await obtainPulumiCli(machine), machine);

        assert.equal(
          explanation,
          `No YAML language host: ${reason}; ` +
            "pulumi-language-yaml comes with the official Pulumi CLI, or is built by Go 1.25 or newer",
        );
        assert.equal(findLanguageHost("yaml", environment.PATH), undefined);
        assert.deepEqual((await readdir(bin)).sort(), ["pulumi", resourceScript]);
        assert.deepEqual(await readdir(kept), [pinnedVersion]);
      });
    }
  });

  interface Fakes {
    path?: string;
    env?: NodeJS.ProcessEnv;
    go?: string;
    install?: (root: string) => Promise<unknown>;
    build?: (root: string) => Promise<unknown>;
    buildYamlHost?: (file: string) => Promise<unknown>;
  }

  /** A fake CLI is a file that holds the version it reports, so files decide what is found, as on a real machine. */
  function fakeMachine(fakes: Fakes): Machine & { calls: string[] } {
    const calls: string[] = [];
    return {
      calls,
      env: { PATH: fakes.path ?? "", PULUMI_HOME: join(folder, "home"), ...fakes.env },
      async output(command, args) {
        calls.push([command, ...args].join(" "));
        if (command === "go") {
          return fakes.go ?? Promise.reject(new Error("there is no `go`"));
        }
        const file = command === "pulumi" ? join(fakes.path ?? "/nowhere", command) : command;
        return readFile(file, "utf8").catch(() => Promise.reject(new Error(`there is no \`${command}\``)));
      },
      async install(root) {
        calls.push("install");
        await (fakes.install?.(root) ?? Promise.reject(new Error("no answer in 10 s")));
      },
      async build(root) {
        calls.push("build");
        await fakes.build?.(root);
      },
      async buildYamlHost(file) {
        calls.push("buildYamlHost");
        await fakes.buildYamlHost?.(file);
      },
      newestVersion: async () => "3.999.0",
    };
  }
});

describe("isAtLeast", () => {
  it("compares numbers, not text", () => {
    assert.equal(isAtLeast("3.200.0", "3.200.0"), true);
    assert.equal(isAtLeast("3.1000.0", "3.200.0"), true);
    assert.equal(isAtLeast("3.99.9", "3.200.0"), false);
    assert.equal(isAtLeast("4.0.0", "3.200.0"), true);
    assert.equal(isAtLeast("go1.25", "1.25"), true);
    assert.equal(isAtLeast("go1.24.13", "1.25"), false);
    assert.equal(isAtLeast("nothing", "1.25"), false);
  });
});

async function putCli(root: string, version: string): Promise<string> {
  const bin = join(root, "bin");
  await mkdir(bin, { recursive: true });
  await putProgram(join(bin, "pulumi"), `v${version}\n`);
  return bin;
}

async function putProgram(file: string, text = ""): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}
