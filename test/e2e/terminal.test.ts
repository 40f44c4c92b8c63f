import assert from "node:assert/strict";
import { delimiter } from "node:path";
import type { Emulator } from "../../emulator/emulator";
import { pluginFolder } from "../../scripts/buildPlugin";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { Project, projectFolder, shareInstallation } from "../support/project";
import { group, name, seeded } from "../support/scenario";
import { TerminalRun } from "../support/terminal";

/** @param construct makes the pair, given its name and its arguments */
function programWith(construct: string): string {
  return `
    const pulumi = require("@pulumi/pulumi");
    const config = new pulumi.Config();
    ${construct}("language", {
      resourceGroupName: "${group}",
      accountName: "${name}",
      rotationTrigger: config.require("rotationTrigger"),
      minimumOverlap: config.require("minimumOverlap"),
    });
  `;
}

const dynamicPair = 'new (require("pulumi-cognitive-key-rotation").RotatingCognitiveAccountKeyPair)';
const pluginType = plugin.typeOf("RotatingCognitiveAccountKeyPair");
const pluginPair = `new (class extends pulumi.CustomResource {
  constructor(...args) { super("${pluginType}", ...args); }
})`;

const throttled = {
  strikes: "beforeEffect",
  outcome: { status: 429, headers: { "Retry-After": "2" }, body: { error: { code: "TooManyRequests" } } },
} as const;

/** What a row of Pulumi's table says. */
interface Row {
  type: string;
  name: string;
  /** The plan in a preview, the status in an `up`. */
  status: string;
  info: string;
}

/** The row of a resource, cut where the headings of the columns are; `undefined` while the screen has none or not all of them. */
function rowOf(screen: string, resource: string): Row | undefined {
  const lines = screen.split("\n");
  const header = lines.find((line) => /^ {5}Type +Name +(Plan|Status) +Info$/.test(line));
  if (header === undefined) return undefined;
  const [named, status, info] = ["Name", /Plan|Status/, "Info"].map((heading) => header.search(heading));
  const row = lines.find((line) => line.slice(named, status).trim() === resource);
  if (row === undefined) return undefined;
  const between = (from: number, to?: number) => row.slice(from, to).trim();
  return { type: between(5, named), name: resource, status: between(status, info), info: between(info) };
}

const up = ["up", "--yes", "--skip-preview"];

/** A project whose commands a person runs in such a terminal. */
async function startTerminal(emulator: Emulator, program: string) {
  const folder = projectFolder({
    "Pulumi.yaml": "name: ai\nruntime: nodejs\n",
    "package.json": { name: "ai", main: "index.js" },
    "index.js": program,
  });
  shareInstallation(folder);
  const project = new Project(emulator, folder);
  await project.pulumi(["stack", "init", "dev"]);
  const env = {
    ...project.environment,
    PATH: [pluginFolder, project.environment.PATH].join(delimiter),
    // Elsewhere than in CI the display is the one for people.
    PULUMI_DISABLE_CI_DETECTION: "true",
  };
  return (command: string[], config: Record<string, string>) => {
    const settings = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    return new TerminalRun("pulumi", [...command, "--stack", "dev", ...settings], { cwd: folder, env });
  };
}

describe("a terminal of 100 columns", () => {
  it("has room for the pair, what happens to it, and what is said, in a preview, an up, a wait and a refusal", async function () {
    this.timeout(120_000);
    const emulator = await startEmulator(seeded);
    const start = await startTerminal(emulator, programWith(dynamicPair));
    const pair = { type: "└─ pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair", name: "language" };

    const preview = start(["preview"], { rotationTrigger: "1", minimumOverlap: "PT0S" });
    assert.equal(await preview.ended, 0, preview.screen);
    assert.deepEqual(rowOf(preview.screen, "language"), { ...pair, status: "create", info: "" });

    const created = start(up, {});
    assert.equal(await created.ended, 0, created.screen);
    const { status, ...shown } = rowOf(created.screen, "language") ?? assert.fail(created.screen);
    assert.deepEqual(shown, { ...pair, info: "" });
    assert.match(status, /^created \([\d.]+s\)$/);

    emulator.apply({ faults: [{ operation: "regenerateKey", attempts: [1], fault: throttled }] });
    const waiting = start(up, { rotationTrigger: "2" });
    const said = await waiting.until((screen) => {
      const isUpdating = /^updating/.test(rowOf(screen, "language")?.status ?? "");
      return isUpdating ? rowOf(screen, "ai-dev")?.info.match(/^Throttle.*/)?.[0] : undefined;
    });
    assert.equal(await waiting.ended, 0, waiting.screen);
    assert.ok(waiting.screen.includes(`\n    ${said}`), `the wait was told as "${said}":\n${waiting.screen}`);
    const updated = rowOf(waiting.screen, "language");
    assert.match(updated?.info ?? "", /^\[diff: ~r/);

    const refused = start(up, { rotationTrigger: "3", minimumOverlap: "PT1H" });
    assert.notEqual(await refused.ended, 0, refused.screen);
    assert.deepEqual(rowOf(refused.screen, "language"), { ...pair, status: "**failed**", info: "1 error" });
    assert.match(
      refused.screen,
      /^ {2}pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair \(language\):\n {4}error: Not rotated: too soon/m,
    );
  });

  it("shows the plugin's pair and what happens to it, and what was said below the table", async function () {
    this.timeout(120_000);
    const emulator = await startEmulator(seeded);
    const start = await startTerminal(emulator, programWith(pluginPair));
    // The last column has no room there: `rowOf` would find it cut.
    const row = (status: string) => new RegExp(`└─ ${pluginType} +language +${status}`);
    assert.equal(await start(up, { rotationTrigger: "1", minimumOverlap: "PT0S" }).ended, 0);
    const preview = start(["preview"], { rotationTrigger: "2" });
    assert.equal(await preview.ended, 0, preview.screen);
    assert.match(preview.screen, row("update "));

    emulator.apply({ faults: [{ operation: "regenerateKey", attempts: [1], fault: throttled }] });
    const waiting = start(up, {});
    await waiting.until((screen) => row("updating").exec(screen)?.[0]);
    assert.equal(await waiting.ended, 0, waiting.screen);
    assert.match(waiting.screen, row("updated \\([\\d.]+s\\)"));
    const below = `\n  ${pluginType} (language):\n    `;
    assert.ok(waiting.screen.includes(`${below}Throttled, trying again in 2 s. `), waiting.screen);

    const refused = start(up, { rotationTrigger: "3", minimumOverlap: "PT1H" });
    assert.notEqual(await refused.ended, 0, refused.screen);
    assert.match(refused.screen, row("\\*\\*failed\\*\\*"));
    assert.ok(refused.screen.includes(`${below}error: Not rotated: too soon, from `), refused.screen);
  });
});
