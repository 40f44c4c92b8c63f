import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { outputOf, runChild } from "./childProcess";
import { startProgress } from "./progress";

const installerUrl = "https://get.pulumi.com/install.sh";
const newestVersionUrl = "https://www.pulumi.com/latest-version";
const seconds = 1000;
const minutes = 60 * seconds;

/** The oldest Go that builds the CLI and the language host for YAML. */
export const oldestGo = "1.25";

/** What the search touches outside its own decisions: `thisMachine`; unit tests have another. */
export interface Machine {
  env: NodeJS.ProcessEnv;
  /** What the command prints; rejects when it is missing, fails or takes too long. */
  output(command: string, args: string[]): Promise<string>;
  /** Puts the CLI into `root/bin` with the official installer. */
  install(root: string, version: string): Promise<void>;
  /** Puts the CLI into `root/bin` by building it; `work` is a folder for everything else. */
  build(root: string, work: string, version: string): Promise<void>;
  /** Builds the language host for YAML into this file; `work` is a folder for everything else. */
  buildYamlHost(file: string, work: string, version: string): Promise<void>;
  newestVersion(): Promise<string>;
}

/** The commands, downloads and builds of the machine that this runs on. */
export const thisMachine: Machine = {
  env: process.env,
  output: (command, args) =>
    outputOf(command, args, { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" }, timeout: 30 * seconds }),
  install,
  build,
  buildYamlHost,
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
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10 * seconds) });
    if (response.ok) return await response.text();
    throw new Error(`${response.status} ${response.statusText}`);
  } catch (error) {
    const { name, cause, message } = error as Error;
    const reason = name === "TimeoutError" ? "no answer in 10 s" : ((cause as Error | undefined)?.message ?? message);
    throw new Error(`cannot reach ${url}: ${reason}`);
  }
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
    const args = ["-e", program, automation, semver, root, version];
    const { code, stderr } = await runChild(process.execPath, args, { timeout: 5 * minutes });
    if (code !== 0) throw new Error(stderr.trim().split("\n").slice(-5).join("\n    "));
  } finally {
    progress.stop();
  }
}

/** Its version has to be set: the CLI reports a blank one otherwise, which the Automation API cannot read. */
async function build(root: string, work: string, version: string): Promise<void> {
  const sdk = "github.com/pulumi/pulumi/sdk/v3";
  const pkg = "github.com/pulumi/pulumi/pkg/v3";
  await buildCommand(join(root, "bin", "pulumi"), work, {
    progress: `Building the Pulumi CLI v${version} from its Go modules, usually 4 to 7 minutes`,
    modules: [sdk, pkg],
    command: `${pkg}/cmd/pulumi`,
    version,
    versionVariable: `${sdk}/go/common/version.Version`,
  });
}

async function buildYamlHost(file: string, work: string, version: string): Promise<void> {
  const yaml = "github.com/pulumi/pulumi-yaml";
  await buildCommand(file, work, {
    progress: `Building Pulumi's language host for YAML v${version} from its Go module, usually 1 to 2 minutes`,
    modules: [yaml],
    command: `${yaml}/cmd/pulumi-language-yaml`,
    version,
    versionVariable: `${yaml}/pkg/version.Version`,
  });
}

interface GoCommand {
  progress: string;
  modules: string[];
  command: string;
  version: string;
  /** What the linker sets to the version. */
  versionVariable: string;
}

/** `go install …@version` refuses modules with replace directives, so a wrapper module names the released modules. */
async function buildCommand(file: string, work: string, wanted: GoCommand): Promise<void> {
  const { modules, command, version, versionVariable } = wanted;
  const cwd = join(work, "module");
  const scratch = join(work, "scratch");
  await mkdir(cwd);
  await mkdir(scratch);
  await writeFile(join(cwd, "go.mod"), `module wrapper\n\ngo ${oldestGo}\n`);
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOTMPDIR: scratch };
  const go = (...args: string[]) => outputOf("go", args, { cwd, env, timeout: 20 * minutes });
  const progress = await startProgress(wanted.progress);
  try {
    await go("get", ...modules.map((module) => `${module}@v${version}`));
    await go("get", "-tool", `${command}@v${version}`);
    const ldflags = `-s -w -X ${versionVariable}=v${version}`;
    await go("build", "-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", ldflags, "-o", file, command);
  } finally {
    progress.stop();
  }
}
