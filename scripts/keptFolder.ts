import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { onInterrupt } from "./interrupt";

/**
 * Lets `make` fill a folder beside `kept` and moves it there when it has passed the check, so that an interrupted,
 * failed or concurrent run never leaves there what cannot be used.
 *
 * @param make fills `made`, an empty folder; `work` is for everything else and goes away
 * @param check rejects when what is in the folder cannot be used
 * @returns whether it was made here, or by another run meanwhile
 */
export async function keepFolder(
  kept: string,
  make: (made: string, work: string) => Promise<void>,
  check: (folder: string) => Promise<void>,
): Promise<"here" | "meanwhile"> {
  const parent = dirname(kept);
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, ".unfinished-"));
  const remove = () => rm(work, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(remove);
  try {
    const made = join(work, "made");
    await mkdir(made);
    await make(made, work);
    await check(made);
    try {
      await rename(made, kept);
    } catch (error) {
      if (await passes(check, kept)) return "meanwhile";
      if (!["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await rename(kept, join(work, "unusable"));
      await rename(made, kept);
    }
    return "here";
  } finally {
    await remove();
    forgetInterrupt();
  }
}

async function passes(check: (folder: string) => Promise<void>, folder: string): Promise<boolean> {
  try {
    await check(folder);
    return true;
  } catch {
    return false;
  }
}
