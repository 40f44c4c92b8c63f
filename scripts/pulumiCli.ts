import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findInPath } from "./findInPath";
import { onInterrupt } from "./interrupt";
import { findLanguageHost } from "./languageHost";
import { type Machine, oldestGo, thisMachine } from "./pulumiCliMachine";

/** The version that is kept, installed or built; `PULUMI_CLI_VERSION` overrides it. */
export const pinnedVersion = "3.259.0";

/** The oldest `pulumi` on PATH that will do: the first that knows `hideDiffs`. */
const oldestOnPath = "3.200.0";
const resourceScript = "pulumi-resource-pulumi-nodejs";

export interface PulumiCli {
  version: string;
  /** One line that says which CLI was chosen and why. Print it. */
  explanation: string;
  /** Whether stand-alone projects run too; without the Node language host only inline programs do. */
  hasNodeLanguageHost: boolean;
  /** Its folder, where what belongs beside it may be put; none where the installation is somebody else's. */
  ownBin?: string;
  /** What every process that runs this CLI needs in its environment, `PATH` included; workers find the CLI by it. */
  environment: Record<string, string>;
}

/** Where a CLI lies. `root` is the folder over its `bin`; the one on PATH has none. */
interface Found {
  root?: string;
  version: string;
  why: string;
  /** Whether the folder is one this module keeps, and so may add a file to. */
  ours: boolean;
}

/**
 * Finds, installs or builds the Pulumi CLI. In order: `pulumi` on PATH → the copy kept in
 * `$PULUMI_HOME|~/.pulumi/versions` → the official installer → building it from its released Go modules.
 *
 * - `PULUMI_CLI_ROOT`: take the CLI in this folder's `bin` and search no further. `environment` sets it for workers.
 * - `PULUMI_CLI_VERSION`: another version than the pinned one. Then a `pulumi` on PATH counts only when it is exactly
 *   this one. With `latest` neither PATH nor Go counts: the newest release is looked up and comes from the official
 *   installer (or from the copy of that release kept before), and without a network that is an error.
 */
export async function obtainPulumiCli(machine: Machine = thisMachine): Promise<PulumiCli> {
  const { env } = machine;
  if (env.PULUMI_CLI_ROOT) {
    const root = env.PULUMI_CLI_ROOT;
    const version = await versionOf(machine, join(root, "bin", "pulumi"));
    return describe(machine, { root, version, why: "set by PULUMI_CLI_ROOT", ours: false });
  }
  const wish = env.PULUMI_CLI_VERSION?.replace(/^v/, "");
  const newest = wish === "latest";
  const version = newest ? await machine.newestVersion() : (wish ?? pinnedVersion);
  const kept = keptVersions(machine);

  const steps: Record<string, () => Promise<Found>> = {
    "`pulumi` on PATH": () => findOnPath(machine, wish),
    "copy kept before": () => findKept(machine, kept, version),
    "official installer": () =>
      keep(machine, kept, version, "official installer", (root) => machine.install(root, version)),
    "Go modules": async () => {
      await requireGo(machine);
      const build = (root: string, work: string) => machine.build(root, work, version);
      return keep(machine, kept, version, "built from its Go modules", build);
    },
  };
  const notForNewest = ["`pulumi` on PATH", "Go modules"];
  const reasons: string[] = [];
  for (const [step, attempt] of Object.entries(steps)) {
    if (newest && notForNewest.includes(step)) continue;
    try {
      return describe(machine, await attempt());
    } catch (error) {
      reasons.push(`  - ${step}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    [
      `No Pulumi CLI was found, and v${version} could be neither installed nor built:`,
      ...reasons,
      `Install the Pulumi CLI ${wish ? `v${version}` : `(v${oldestOnPath} or newer)`}: https://www.pulumi.com/docs/install/`,
      ...(newest ? [] : [`or Go (${oldestGo} or newer), from which it is built: https://go.dev/doc/install`]),
    ].join("\n"),
  );
}

async function findOnPath(machine: Machine, exactly: string | undefined): Promise<Found> {
  const version = await versionOf(machine, "pulumi");
  if (exactly && version !== exactly) throw new Error(`v${version}, and PULUMI_CLI_VERSION asks for v${exactly}`);
  if (!exactly && !isAtLeast(version, oldestOnPath))
    throw new Error(`v${version} is too old, v${oldestOnPath} or newer is needed`);
  return { version, why: "on PATH", ours: false };
}

/** The Automation API's own installs lie in `3.259.0`, those of the version manager and of earlier builds in `v3.259.0`. */
async function findKept(machine: Machine, kept: string, version: string): Promise<Found> {
  const reasons: string[] = [];
  for (const root of [join(kept, version), join(kept, `v${version}`)]) {
    try {
      await requireVersion(machine, root, version);
      return { root, version, why: "kept from an earlier run", ours: true };
    } catch (error) {
      if (existsSync(root)) reasons.push(`${root} is not usable (${(error as Error).message})`);
    }
  }
  throw new Error(reasons.join("; ") || `no v${version} in ${kept}`);
}

/**
 * Fills a folder beside the kept ones and moves it there when it has passed the check, so that an interrupted, failed or
 * concurrent run never leaves there what cannot be used.
 *
 * @param make fills `root`; `work` is for everything else and goes away
 */
async function keep(
  machine: Machine,
  kept: string,
  version: string,
  why: string,
  make: (root: string, work: string) => Promise<void>,
): Promise<Found> {
  const root = join(kept, version);
  return withWorkFolder(kept, async (work) => {
    const made = join(work, "made");
    const bin = join(made, "bin");
    mkdirSync(bin, { recursive: true });
    await make(made, work);
    copyResourceScript(bin);
    await requireVersion(machine, made, version);
    const meanwhile = await findKept(machine, kept, version).catch(() => undefined);
    if (meanwhile) return { ...meanwhile, why: "kept from a run at the same time" };
    if (existsSync(root)) renameSync(root, join(work, "unusable"));
    renameSync(made, root);
    return { root, version, why, ours: true };
  });
}

/** The folder of the CLIs that are kept. */
export function keptVersions({ env }: Machine): string {
  return join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "versions");
}

/** Gives `work` a folder beside the kept ones, and removes it, also at an interrupt. */
export async function withWorkFolder<T>(kept: string, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(kept, { recursive: true });
  const folder = mkdtempSync(join(kept, ".unfinished-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forgetInterrupt = onInterrupt(remove);
  try {
    return await work(folder);
  } finally {
    remove();
    forgetInterrupt();
  }
}

export async function requireGo(machine: Machine): Promise<void> {
  const found = await machine.output("go", ["env", "GOVERSION"]);
  if (!isAtLeast(found, oldestGo)) throw new Error(`${found.trim()} is too old, go${oldestGo} or newer is needed`);
}

function describe({ env: { PATH: path = "" } }: Machine, { root, version, why, ours }: Found): PulumiCli {
  const file = root === undefined ? findInPath("pulumi", path) : join(root, "bin", "pulumi");
  const bin = file && dirname(file);
  if (ours && bin && !existsSync(join(bin, resourceScript))) copyResourceScript(bin);
  const searched = [bin, path].filter(Boolean).join(delimiter);
  // Somebody else's installation is not written to; the engine also looks on PATH.
  const behind = findInPath(resourceScript, searched) ? [] : [sdkFolder()];
  return {
    version,
    explanation: `Pulumi CLI v${version}: ${file ?? "pulumi"} (${why})`,
    hasNodeLanguageHost: findLanguageHost("nodejs", searched) !== undefined,
    ...(ours && { ownBin: bin }),
    environment: {
      PATH: [root && bin, path, ...behind].filter(Boolean).join(delimiter),
      ...(root && { PULUMI_CLI_ROOT: root }),
    },
  };
}

async function versionOf(machine: Machine, command: string): Promise<string> {
  const printed = await machine.output(command, ["version"]);
  const version = /^v?(\d+\.\d+\.\d+)/.exec(printed.trim())?.[1];
  if (!version) throw new Error(`\`pulumi version\` printed ${JSON.stringify(printed.trim().slice(0, 80))}`);
  return version;
}

async function requireVersion(machine: Machine, root: string, version: string): Promise<void> {
  const found = await versionOf(machine, join(root, "bin", "pulumi"));
  if (found !== version) throw new Error(`it is v${found}`);
}

/** Compares the leading numbers of two versions; `go1.25.1` and `v3.259.0` are understood. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [found, wanted] = [version, minimum].map((text) => (text.match(/\d+/g) ?? []).map(Number));
  for (const [index, number] of wanted.entries()) {
    if ((found[index] ?? 0) !== number) {
      return (found[index] ?? 0) > number;
    }
  }
  return found.length > 0;
}

/** The engine starts dynamic providers through this script, and only the official CLI brings it along. */
function copyResourceScript(bin: string): void {
  const unfinished = join(bin, `.${resourceScript}-${process.pid}`);
  copyFileSync(join(sdkFolder(), resourceScript), unfinished);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, join(bin, resourceScript));
}

function sdkFolder(): string {
  return dirname(require.resolve("@pulumi/pulumi/package.json"));
}
