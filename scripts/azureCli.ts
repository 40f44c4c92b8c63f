import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { runChild } from "./childProcess";
import { keepFolder } from "./keptFolder";
import { startProgress } from "./progress";
import { isAtLeast } from "./pulumiCli";

/** The version of `azure-cli` on PyPI that is installed and kept. */
export const azureCliVersion = "2.91.0";

/** The oldest Python that this version takes. */
const oldestPython = "3.10";
const seconds = 1000;
const minutes = 60 * seconds;

export interface AzureCli {
  /** The folder with `az` and nothing else, to put on PATH. */
  bin: string;
  /** One line that says which CLI it is and where it came from. Print it. */
  explanation: string;
}

/** What is touched outside the decisions; unit tests replace it. */
export interface Machine {
  env: NodeJS.ProcessEnv;
  /**
   * What the command prints; rejects with a line for people when it is missing, fails or takes too long.
   *
   * @param settings variables beside those of this process
   */
  output(command: string, args: string[], settings?: Record<string, string>): Promise<string>;
  /** Makes a virtual environment with the CLI in `venv`. */
  install(venv: string): Promise<void>;
}

/**
 * The real Azure CLI, from PyPI in a virtual environment that is kept in
 * `$XDG_CACHE_HOME|~/.cache/pulumi-cognitive-key-rotation/azure-cli/<version>`. An `az` on PATH is not looked for: its
 * version is anybody's, and its extensions change what it does.
 */
export async function obtainAzureCli(machine: Machine = thisMachine): Promise<AzureCli> {
  const cache = machine.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const root = join(cache, "pulumi-cognitive-key-rotation", "azure-cli", azureCliVersion);
  const check = (folder: string) => requireVersion(machine, folder);
  const describe = (origin: string): AzureCli => {
    const bin = join(root, "bin");
    return { bin, explanation: `Azure CLI v${azureCliVersion}: ${join(bin, "az")} (${origin})` };
  };
  try {
    await check(root);
    return describe("kept from an earlier run");
  } catch {
    // Nothing there yet, or its Python is gone: made anew below.
  }
  try {
    await requirePython(machine);
    const made = await keepFolder(root, (folder) => make(machine, folder), check);
    return describe(made === "here" ? "installed from PyPI" : "kept from a run at the same time");
  } catch (error) {
    throw new Error(`The Azure CLI v${azureCliVersion} could not be installed from PyPI: ${(error as Error).message}`);
  }
}

/** pip's own `az` names the folder that the environment was made in, and that one is moved. */
const launcher = `#!/bin/sh
export AZ_INSTALLER=PIP
exec "$(dirname "$0")/../venv/bin/python" -I -m azure.cli "$@"
`;

async function make(machine: Machine, root: string): Promise<void> {
  await machine.install(join(root, "venv"));
  const az = join(root, "bin", "az");
  await mkdir(join(root, "bin"));
  await writeFile(az, launcher);
  await chmod(az, 0o755);
}

async function requirePython(machine: Machine): Promise<void> {
  const found = await machine.output("python3", ["--version"]);
  if (!isAtLeast(found, oldestPython)) {
    throw new Error(`${found.trim()} is too old, Python ${oldestPython} or newer is needed`);
  }
}

async function requireVersion(machine: Machine, root: string): Promise<void> {
  const az = join(root, "bin", "az");
  await access(az);
  // In a folder of its own, where nobody ever logs in: az writes into its folder whatever it is asked.
  const settings = await azureConfigFolder(join(root, "config"));
  const printed = await machine.output(az, ["version", "--output", "json"], settings);
  const found = JSON.parse(printed)["azure-cli"];
  if (found !== azureCliVersion) throw new Error(`it is v${found}`);
}

const thisMachine: Machine = { env: process.env, output, install };

async function output(
  command: string,
  args: string[],
  settings: Record<string, string> = {},
  timeout = 2 * minutes,
): Promise<string> {
  try {
    const { code, stdout, stderr } = await runChild(command, args, { env: { ...process.env, ...settings }, timeout });
    if (code === 0) return stdout;
    const reason = `${stderr} ${stdout}`.trim().replace(/\s+/g, " ").slice(-500);
    throw new Error(`\`${[basename(command), ...args.slice(0, 2)].join(" ")}\` ended with ${code}: ${reason}`);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw code === "ENOENT" && syscall?.startsWith("spawn") ? new Error(`there is no \`${command}\``) : error;
  }
}

/**
 * Makes a folder for `az` to keep to: logins, settings and caches are in there alone, and nothing is told to or asked of
 * Microsoft but what a command is for.
 *
 * @returns the variables under which it does
 */
export async function azureConfigFolder(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  // No setting turns the look for a newer version off; it is made where this file does not name the present one.
  const local = { local: azureCliVersion };
  const versions = { versions: { "azure-cli": local, core: local }, update_time: "" };
  await writeFile(join(folder, "versionCheck.json"), JSON.stringify(versions));
  return { AZURE_CONFIG_DIR: folder, AZURE_CORE_COLLECT_TELEMETRY: "false", AZURE_CORE_SURVEY_MESSAGE: "false" };
}

async function install(venv: string): Promise<void> {
  const progress = await startProgress(`Installing the Azure CLI v${azureCliVersion} from PyPI, a few minutes once`);
  let summary: string | undefined;
  try {
    await output("python3", ["-m", "venv", venv]);
    const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet", "--no-compile"];
    await output(join(venv, "bin", "python"), [...pip, `azure-cli==${azureCliVersion}`], {}, 30 * minutes);
    summary = `Installed the Azure CLI v${azureCliVersion}`;
  } finally {
    progress.stop(summary);
  }
}

if (require.main === module) {
  obtainAzureCli().then(
    ({ explanation }) => console.log(explanation),
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
