import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { azureCliVersion, type Machine, obtainAzureCli } from "../../scripts/azureCli";

const run = promisify(execFile);

describe("obtainAzureCli", () => {
  let folder: string;
  let kept: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "azure-cli-"));
    kept = join(folder, "pulumi-cognitive-key-rotation", "azure-cli");
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("installs it once and takes it from the cache folder afterwards", async () => {
    const machine = fakeMachine();

    const installed = await obtainAzureCli(machine);
    const next = await obtainAzureCli(machine);

    const bin = join(kept, azureCliVersion, "bin");
    const described = `Azure CLI v${azureCliVersion}: ${join(bin, "az")}`;
    assert.deepEqual(installed, { bin, explanation: `${described} (installed from PyPI)` });
    assert.deepEqual(next, { bin, explanation: `${described} (kept from an earlier run)` });
    assert.equal(machine.installs, 1);
    assert.deepEqual(await readdir(kept), [azureCliVersion]);
    assert.deepEqual(await readdir(bin), ["az"]);
  });

  it("hands on to the CLI what az is called with, after the environment was moved", async () => {
    const { bin } = await obtainAzureCli(fakeMachine());

    const { stdout } = await run(join(bin, "az"), ["account", "show", "--query", "a b"], { cwd: "/" });

    assert.deepEqual(stdout.split("\n"), ["-I", "-m", "azure.cli", "account", "show", "--query", "a b", ""]);
  });

  it("keeps nothing of an installation that fails half-way, and says in one line why", async () => {
    const machine = fakeMachine(async (venv) => {
      await putPython(venv, "half of it");
      throw new Error("pip ended with 1");
    });

    await assert.rejects(obtainAzureCli(machine), {
      message: `The Azure CLI v${azureCliVersion} could not be installed from PyPI: pip ended with 1`,
    });

    assert.deepEqual(await readdir(kept), []);
  });

  it("keeps nothing that came out as another version", async () => {
    await assert.rejects(obtainAzureCli(fakeMachine((venv) => putPython(venv, "2.0.0"))), {
      message: /: it is v2\.0\.0$/,
    });

    assert.deepEqual(await readdir(kept), []);
  });

  it("replaces one that cannot run any more", async () => {
    await mkdir(join(kept, azureCliVersion, "venv"), { recursive: true });

    const { explanation } = await obtainAzureCli(fakeMachine());

    assert.match(explanation, /\(installed from PyPI\)$/);
    assert.deepEqual(await readdir(kept), [azureCliVersion]);
  });

  it("takes the one that another run has put there meanwhile", async () => {
    const other = fakeMachine();
    const machine = fakeMachine(async (venv) => {
      await obtainAzureCli(other);
      await putPython(venv);
    });

    assert.match((await obtainAzureCli(machine)).explanation, /\(kept from a run at the same time\)$/);

    assert.deepEqual(await readdir(kept), [azureCliVersion]);
  });

  it("wants a Python that the version takes, before it installs anything", async () => {
    const old = fakeMachine();
    old.python = "Python 3.9.18\n";
    await assert.rejects(obtainAzureCli(old), {
      message: /: Python 3\.9\.18 is too old, Python 3\.10 or newer is needed$/,
    });
    const none = fakeMachine();
    none.python = undefined;
    await assert.rejects(obtainAzureCli(none), { message: /: there is no `python3`$/ });

    assert.equal(old.installs + none.installs, 0);
  });

  type Fake = Machine & { installs: number; python?: string };

  /** The launcher and its checks are real; Python and PyPI are not. */
  function fakeMachine(install: (venv: string) => Promise<void> = (venv) => putPython(venv)): Fake {
    const machine: Fake = {
      env: { XDG_CACHE_HOME: folder },
      installs: 0,
      python: "Python 3.11.7\n",
      async output(command, args) {
        if (command !== "python3") return (await run(command, args)).stdout;
        if (machine.python === undefined) throw new Error("there is no `python3`");
        return machine.python;
      },
      install(venv) {
        machine.installs++;
        return install(venv);
      },
    };
    return machine;
  }
});

/** A virtual environment whose Python says which version of the CLI it has, and otherwise how it was called. */
async function putPython(venv: string, version = azureCliVersion): Promise<void> {
  const python = join(venv, "bin", "python");
  await mkdir(join(venv, "bin"), { recursive: true });
  const versions = JSON.stringify({ "azure-cli": version });
  await writeFile(python, `#!/bin/sh\nif [ "$4" = version ]; then echo '${versions}'; else printf '%s\\n' "$@"; fi\n`);
  await chmod(python, 0o755);
}
