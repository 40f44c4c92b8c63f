import { join } from "node:path";
import { outputOf } from "../../scripts/childProcess";

const seconds = 1_000;

/**
 * Python with a package of PyPI, in a virtual environment of its own.
 *
 * @param requirement as pip takes it, such as `pulumi==3.248.0`
 * @param folder in which the environment is made
 * @returns the interpreter; none where it cannot be had, and then says why: a reason to skip the test
 */
export async function pythonWith(requirement: string, folder: string): Promise<string | undefined> {
  const python = join(folder, "venv", "bin", "python");
  const install = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet", "--no-compile"];
  try {
    await outputOf("python3", ["-m", "venv", join(folder, "venv")], { timeout: 60 * seconds });
    await outputOf(python, [...install, requirement], { timeout: 90 * seconds });
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    console.log(`    skipped: it needs python3 with venv, and pip with PyPI or a mirror (${reason})`);
    return;
  }
  return python;
}
