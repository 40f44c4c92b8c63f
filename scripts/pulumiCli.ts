import { access, chmod, constants, copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { outputOf, runChild } from "./childProcess";
import { keepFolder } from "./keptFolder";
import { startProgress } from "./progress";

/** The version that is kept, installed or built; `PULUMI_CLI_VERSION` overrides it. */
export const pinnedVersion = "3.259.0";

/** The oldest `pulumi` on PATH that will do: the first that knows `hideDiffs`. */
const oldestOnPath = "3.200.0";
const oldestGo = "1.25";
const installerUrl = "https://get.pulumi.com/install.sh";
const newestVersionUrl = "https://www.pulumi.com/latest-version";
const seconds = 1000;
const minutes = 60 * seconds;
const resourceScript = "pulumi-resource-pulumi-nodejs";
const languageHost = "pulumi-language-nodejs";

export interface PulumiCli {
  version: string;
  /** One line that says which CLI was chosen and why. Print it. */
  explanation: string;
  /** Whether stand-alone projects run too; without the Node language host only inline programs do. */
  hasNodeLanguageHost: boolean;
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

/** What the search touches outside its own decisions; unit tests replace it. */
export interface Machine {
  env: NodeJS.ProcessEnv;
  /** What the command prints; rejects when it is missing, fails or takes too long. */
  output(command: string, args: string[]): Promise<string>;
  /** Puts the CLI into `root/bin` with the official installer. */
  install(root: string, version: string): Promise<void>;
  /** Puts the CLI into `root/bin` by building it; `work` is a folder for everything else. */
  build(root: string, work: string, version: string): Promise<void>;
  newestVersion(): Promise<string>;
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
  const kept = join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "versions");

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
      return await describe(machine, await attempt());
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
  if (exactly && version !== exactly) {
    throw new Error(`v${version}, and PULUMI_CLI_VERSION asks for v${exactly}`);
  }
  if (!exactly && !isAtLeast(version, oldestOnPath)) {
    throw new Error(`v${version} is too old, v${oldestOnPath} or newer is needed`);
  }
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
      if (await isFile(root)) reasons.push(`${root} is not usable (${(error as Error).message})`);
    }
  }
  throw new Error(reasons.join("; ") || `no v${version} in ${kept}`);
}

/** Fills a folder of this version that later runs find. */
async function keep(
  machine: Machine,
  kept: string,
  version: string,
  why: string,
  make: (root: string, work: string) => Promise<void>,
): Promise<Found> {
  const root = join(kept, version);
  const made = await keepFolder(
    root,
    async (folder, work) => {
      await mkdir(join(folder, "bin"));
      await make(folder, work);
      await copyResourceScript(join(folder, "bin"));
    },
    (folder) => requireVersion(machine, folder, version),
  );
  return { root, version, why: made === "here" ? why : "kept from a run at the same time", ours: true };
}

async function requireGo(machine: Machine): Promise<void> {
  const found = await machine.output("go", ["env", "GOVERSION"]);
  if (!isAtLeast(found, oldestGo)) {
    throw new Error(`${found.trim()} is too old, go${oldestGo} or newer is needed`);
  }
}

async function describe(machine: Machine, found: Found): Promise<PulumiCli> {
  const { env } = machine;
  const path = env.PATH ?? "";
  const file = found.root === undefined ? await findInPath("pulumi", path) : join(found.root, "bin", "pulumi");
  const bin = file && dirname(file);
  if (found.ours && bin && !(await isFile(join(bin, resourceScript)))) {
    await copyResourceScript(bin);
  }
  const folders = [...(found.root && bin ? [bin] : []), path];
  const searched = [...(bin ? [bin] : []), path].join(delimiter);
  if (!(await findInPath(resourceScript, searched))) {
    // Somebody else's installation is not written to; the engine also looks on PATH.
    folders.push(sdkFolder());
  }
  return {
    version: found.version,
    explanation: `Pulumi CLI v${found.version}: ${file ?? "pulumi"} (${found.why})`,
    hasNodeLanguageHost: (await findInPath(languageHost, searched)) !== undefined,
    environment: {
      PATH: folders.filter(Boolean).join(delimiter),
      ...(found.root === undefined ? {} : { PULUMI_CLI_ROOT: found.root }),
    },
  };
}

async function versionOf(machine: Machine, command: string): Promise<string> {
  const printed = await machine.output(command, ["version"]);
  const version = /^v?(\d+\.\d+\.\d+)/.exec(printed.trim())?.[1];
  if (!version) {
    throw new Error(`\`pulumi version\` printed ${JSON.stringify(printed.trim().slice(0, 80))}`);
  }
  return version;
}

async function requireVersion(machine: Machine, root: string, version: string): Promise<void> {
  const found = await versionOf(machine, join(root, "bin", "pulumi"));
  if (found !== version) {
    throw new Error(`it is v${found}`);
  }
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
async function copyResourceScript(bin: string): Promise<void> {
  const unfinished = join(bin, `.${resourceScript}-${process.pid}`);
  await copyFile(join(sdkFolder(), resourceScript), unfinished);
  await chmod(unfinished, 0o755);
  await rename(unfinished, join(bin, resourceScript));
}

function sdkFolder(): string {
  return dirname(require.resolve("@pulumi/pulumi/package.json"));
}

async function findInPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder && (await isFile(join(folder, name), constants.X_OK))) {
      return join(folder, name);
    }
  }
  return undefined;
}

async function isFile(path: string, mode = constants.F_OK): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}

const thisMachine: Machine = {
  env: process.env,
  output: (command, args) =>
    outputOf(command, args, { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" }, timeout: 30 * seconds }),
  install,
  build,
  async newestVersion() {
    const version = (await fetchText(newestVersionUrl)).trim().replace(/^v/, "");
    if (!/^\d+\.\d+\.\d+$/.test(version)) {
      throw new Error(`PULUMI_CLI_VERSION=latest: ${newestVersionUrl} did not answer with a version`);
    }
    return version;
  },
};

/** With a limit of its own: where packets are dropped, a request would otherwise hang for minutes. */
async function fetchText(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(10 * seconds) });
  } catch (error) {
    const { name, cause, message } = error as Error;
    const reason = name === "TimeoutError" ? "no answer in 10 s" : ((cause as Error | undefined)?.message ?? message);
    throw new Error(`cannot reach ${url}: ${reason}`);
  }
  if (!response.ok) {
    throw new Error(`cannot reach ${url}: ${response.status} ${response.statusText}`);
  }
  return response.text();
}

/**
 * In a process of its own, because `PulumiCommand.install` takes no signal: a stalled download could be abandoned, but
 * not ended, and would write into a folder that is already removed.
 */
async function install(root: string, version: string): Promise<void> {
  await fetchText(installerUrl);
  const progress = await startProgress(`Installing the Pulumi CLI v${version}`);
  const program = `
    const [automation, semver, root, version] = process.argv.slice(1);
    require(automation).PulumiCommand.install({ root, version: new (require(semver).SemVer)(version) })
      .catch((error) => { console.error(error.message); process.exit(1); });`;
  const automation = require.resolve("@pulumi/pulumi/automation");
  const semver = require.resolve("semver", { paths: [automation] });
  try {
    const { code, stderr } = await runChild(process.execPath, ["-e", program, automation, semver, root, version], {
      timeout: 5 * minutes,
    });
    if (code !== 0) {
      throw new Error(stderr.trim().split("\n").slice(-5).join("\n    ") || `the installer ended with ${code}`);
    }
  } finally {
    progress.stop();
  }
}

/**
 * `go install …@version` refuses modules with replace directives, so a wrapper module names the released modules.
 * The version has to be set: the CLI reports a blank one otherwise, which the Automation API cannot read.
 */
async function build(root: string, work: string, version: string): Promise<void> {
  const sdk = "github.com/pulumi/pulumi/sdk/v3";
  const pkg = "github.com/pulumi/pulumi/pkg/v3";
  const cwd = join(work, "module");
  const scratch = join(work, "scratch");
  await mkdir(cwd);
  await mkdir(scratch);
  await writeFile(join(cwd, "go.mod"), `module pulumi-cli\n\ngo ${oldestGo}\n`);
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOTMPDIR: scratch };
  const go = (...args: string[]) => outputOf("go", args, { cwd, env, timeout: 20 * minutes });
  const progress = await startProgress(
    `Building the Pulumi CLI v${version} from its Go modules, usually 4 to 7 minutes`,
  );
  try {
    await go("get", `${sdk}@v${version}`, `${pkg}@v${version}`);
    await go("get", "-tool", `${pkg}/cmd/pulumi@v${version}`);
    const ldflags = `-s -w -X ${sdk}/go/common/version.Version=v${version}`;
    const options = ["-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", ldflags];
    await go("build", ...options, "-o", join(root, "bin", "pulumi"), `${pkg}/cmd/pulumi`);
  } finally {
    progress.stop();
  }
}
