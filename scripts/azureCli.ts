import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { outputOf } from "./childProcess";
import { startProgress } from "./progress";

/** The version of `azure-cli` on PyPI that is installed and kept. */
export const azureCliVersion = "2.91.0";

const minutes = 60_000;

export interface AzureCli {
  /** The folder with `az` and nothing else, to put on PATH. */
  bin: string;
  /** One line that says which CLI it is and where it came from. Print it. */
  explanation: string;
}

/**
 * The real Azure CLI, from PyPI in a virtual environment that is kept in
 * `$XDG_CACHE_HOME|~/.cache/pulumi-cognitive-key-rotation/azure-cli/<version>`. An `az` on PATH is not looked for: its
 * version is anybody's, and its extensions change what it does.
 */
export async function obtainAzureCli(): Promise<AzureCli> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const root = join(cache, "pulumi-cognitive-key-rotation", "azure-cli", azureCliVersion);
  const bin = join(root, "bin");
  const az = join(bin, "az");
  const describe = (origin: string) => ({ bin, explanation: `Azure CLI v${azureCliVersion}: ${az} (${origin})` });
  try {
    await requireVersion(az, root);
    return describe("kept from an earlier run");
  } catch {
    // Nothing there yet, half of it, or its Python is gone: made anew.
  }
  const progress = await startProgress(`Installing the Azure CLI v${azureCliVersion} from PyPI, a few minutes once`);
  try {
    const venv = join(root, "venv");
    await rm(root, { recursive: true, force: true });
    await mkdir(bin, { recursive: true });
    await outputOf("python3", ["-m", "venv", venv], { timeout: 2 * minutes });
    const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet", "--no-compile"];
    await outputOf(join(venv, "bin", "python"), [...pip, `azure-cli==${azureCliVersion}`], { timeout: 30 * minutes });
    await requireVersion(join(venv, "bin", "az"), root);
    // At the end: a later run takes the CLI by it.
    await symlink(join(venv, "bin", "az"), az);
  } catch (error) {
    throw new Error(`The Azure CLI v${azureCliVersion} could not be installed from PyPI: ${(error as Error).message}`);
  } finally {
    progress.stop();
  }
  return describe("installed from PyPI");
}

async function requireVersion(az: string, root: string): Promise<void> {
  // In a folder of its own, where nobody ever logs in: az writes into its folder whatever it is asked.
  const env = { ...process.env, ...(await azureConfigFolder(join(root, "config"))) };
  const printed = await outputOf(az, ["version", "--output", "json"], { env, timeout: 2 * minutes });
  const found = JSON.parse(printed)["azure-cli"];
  if (found !== azureCliVersion) throw new Error(`it is v${found}`);
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
