import { mkdirSync, renameSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findLanguageHost, languageHostSource } from "./languageHost";
import { keptVersions, type PulumiCli, requireGo, withWorkFolder } from "./pulumiCli";
import { type Machine, thisMachine } from "./pulumiCliMachine";

/** The version that is built. One that is there already may be another. */
const pinnedVersion = "1.38.1";
const program = "pulumi-language-yaml";

export interface YamlHost {
  /** One line that says where the host is or, without one, why and what it needs. Print it. */
  explanation: string;
  /** With which the CLI finds it. */
  environment: { PATH: string };
}

/**
 * Finds the language host for YAML, or builds it from its released Go module: beside a CLI that is kept here, as the
 * engine warns of one elsewhere, or in a folder of its own where the CLI is somebody else's. Does not fail.
 */
export async function obtainYamlHost(cli: PulumiCli, machine: Machine = thisMachine): Promise<YamlHost> {
  const kept = keptVersions(machine);
  const folder = cli.ownBin ?? join(kept, `${program}-v${pinnedVersion}`);
  const PATH = [cli.environment.PATH, ...(cli.ownBin ? [] : [folder])].join(delimiter);
  const present = findLanguageHost("yaml", PATH);
  if (present) return { explanation: `YAML language host: ${present}`, environment: { PATH } };
  try {
    await requireGo(machine);
    await withWorkFolder(kept, async (work) => {
      const made = join(work, program);
      await machine.buildYamlHost(made, work, pinnedVersion);
      mkdirSync(folder, { recursive: true });
      renameSync(made, join(folder, program));
    });
    const explanation = `YAML language host: ${join(folder, program)} (v${pinnedVersion}, built from its Go module)`;
    return { explanation, environment: { PATH } };
  } catch (error) {
    // Of what a failed build prints, the last line says why.
    const reason = (error as Error).message.trim().split("\n").at(-1)?.trim();
    return { explanation: `No YAML language host: ${reason}; ${languageHostSource("yaml")}`, environment: { PATH } };
  }
}
