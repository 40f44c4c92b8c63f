import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { azureCliVersion, obtainAzureCli } from "../../scripts/azureCli";

describe("obtainAzureCli", () => {
  let folder: string;
  let bin: string;
  const before = { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "azure-cli-"));
    bin = join(folder, "pulumi-cognitive-key-rotation", "azure-cli", azureCliVersion, "bin");
    Object.assign(process.env, { PATH: `${folder}${delimiter}${before.PATH}`, XDG_CACHE_HOME: folder });
  });

  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true });
  });

  it("installs it once and takes it from the cache folder afterwards", async () => {
    putPython(azureCliVersion);
    const described = `Azure CLI v${azureCliVersion}: ${join(bin, "az")}`;
    assert.deepEqual(await obtainAzureCli(), { bin, explanation: `${described} (installed from PyPI)` });
    assert.deepEqual(await obtainAzureCli(), { bin, explanation: `${described} (kept from an earlier run)` });
    assert.deepEqual(installs(), [`azure-cli==${azureCliVersion}`]);
    assert.match(
      execFileSync("az", { env: { PATH: `${bin}${delimiter}${before.PATH}` }, encoding: "utf8" }),
      /azure-cli/,
    );
  });

  it("makes it anew when it cannot run any more", async () => {
    putPython(azureCliVersion);
    await obtainAzureCli();
    rmSync(join(bin, "../venv"), { recursive: true });
    assert.match((await obtainAzureCli()).explanation, /\(installed from PyPI\)$/);
    assert.equal(installs().length, 2);
  });

  it("does not take what is installed half, or as another version, and says why", async () => {
    putPython(azureCliVersion, "echo 'ERROR: No matching distribution' >&2; exit 1");
    const failed =
      /^Error: The Azure CLI v\S+ could not be installed from PyPI: .*ended with 1: ERROR: No matching distribution$/;
    await assert.rejects(obtainAzureCli(), failed);
    putPython("2.0.0");
    await assert.rejects(obtainAzureCli(), /could not be installed from PyPI: it is v2\.0\.0$/);
    assert.equal(existsSync(join(bin, "az")), false);
    putPython(azureCliVersion);
    assert.match((await obtainAzureCli()).explanation, /\(installed from PyPI\)$/);
  });

  it("says so when there is no Python", async () => {
    process.env.PATH = join(folder, "nothing");
    await assert.rejects(obtainAzureCli(), /could not be installed from PyPI: there is no `python3`$/);
  });

  const installs = () => readFileSync(join(folder, "installs"), "utf8").trim().split("\n");

  /** A `python3` whose virtual environments have a pip that puts an `az` of this version there, and then does the rest. */
  function putPython(version: string, rest = ""): void {
    const az = `#!/bin/sh\\necho '{\\"azure-cli\\": \\"${version}\\"}'\\n`;
    const pip = join(folder, "pip");
    writeFileSync(
      pip,
      `#!/bin/sh
for last; do :; done
echo "$last" >> ${join(folder, "installs")}
az="$(dirname "$0")/az"
printf "${az}" > "$az"; chmod +x "$az"
${rest}
`,
    );
    const python = join(folder, "python3");
    writeFileSync(python, `#!/bin/sh\nmkdir -p "$3/bin" && cp ${pip} "$3/bin/python"\n`);
    for (const file of [pip, python]) chmodSync(file, 0o755);
  }
});
