import assert from "node:assert/strict";
import { delimiter } from "node:path";
import type { Emulator } from "../../emulator/emulator";
import { pluginFolder } from "../../scripts/buildPlugin";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { newFolder, Project, projectFolder, shareInstallation } from "../support/project";
import { group, name, seeded } from "../support/scenario";
import { TerminalRun } from "../support/terminal";

/** @param construct makes a pair, given its name and its arguments @param accounts by the names of their pairs */
function programWith(construct: string, accounts: Record<string, string> = { language: name }): string {
  return `
    const pulumi = require("@pulumi/pulumi");
    const config = new pulumi.Config();
    for (const [pair, accountName] of Object.entries(${JSON.stringify(accounts)})) ${construct}(pair, {
      resourceGroupName: "${group}",
      accountName,
      rotationTrigger: config.require("rotationTrigger"),
      minimumOverlap: config.require("minimumOverlap"),
      waitUntilAccepted: config.getObject("waitUntilAccepted"),
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

/** How many lines below the table begin with this. */
function told(screen: string, lead: string): number {
  return screen.split("\n").filter((line) => line.startsWith(`    ${lead}`)).length;
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
  // Its name takes room in the table, and on a server it would be a longer one.
  const project = new Project(emulator, folder, newFolder("backend"));
  await project.initialize();
  const env = {
    ...project.environment,
    PATH: [pluginFolder, project.environment.PATH].join(delimiter),
    // Elsewhere than in CI the display is the one for people.
    PULUMI_DISABLE_CI_DETECTION: "true",
  };
  return (command: string[], config: Record<string, string>) => {
    const settings = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    return new TerminalRun("pulumi", [...command, "--stack", project.name, ...settings], { cwd: folder, env });
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
    await waiting.until((screen) => {
      const isUpdating = /^updating/.test(rowOf(screen, "language")?.status ?? "");
      // No more of it: the rest of the line may be of the picture before, which is being drawn over.
      return (isUpdating && rowOf(screen, "ai-dev")?.info.startsWith("Throttle")) || undefined;
    });
    assert.equal(await waiting.ended, 0, waiting.screen);
    assert.equal(told(waiting.screen, "Throttled, trying again in 2 s. "), 1, waiting.screen);
    const updated = rowOf(waiting.screen, "language");
    assert.match(updated?.info ?? "", /^\[diff: ~r/);

    const refused = start(up, { rotationTrigger: "3", minimumOverlap: "PT1H" });
    assert.notEqual(await refused.ended, 0, refused.screen);
    assert.deepEqual(rowOf(refused.screen, "language"), { ...pair, status: "**failed**", info: "1 error" });
    assert.match(
      refused.screen,
      /^ {2}pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair \(language\):\n {4}error: Not rotated: too soon\. Possible from /m,
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
    assert.ok(refused.screen.includes(`${below}error: Not rotated: too soon. Possible from `), refused.screen);
  });

  it("tells of a wait of 40 pairs in one line", async function () {
    this.timeout(180_000);
    const names = Array.from({ length: 40 }, (_, index) => `account-${index}`);
    const emulator = await startEmulator({
      accounts: names.map((accountName) => ({ resourceGroup: group, name: accountName })),
    });
    const accounts = Object.fromEntries(names.map((accountName) => [accountName, accountName]));
    const start = await startTerminal(emulator, programWith(dynamicPair, accounts));
    assert.equal(await start(up, { rotationTrigger: "1", minimumOverlap: "PT0S" }).ended, 0);
    emulator.apply({ throttle: { writes: { size: 10, refillPerSecond: 5 } } });
    const before = emulator.calls.length;
    const rotated = start(up, { rotationTrigger: "2" });
    assert.equal(await rotated.ended, 0, rotated.screen);
    const refused = emulator.calls.slice(before).filter(({ status }) => status === 429);
    assert.ok(new Set(refused.map(({ at }) => Math.floor(at / 1_000))).size > 2, "they waited several times in a row");
    assert.equal(told(rotated.screen, "Throttled"), 1, rotated.screen);
    assert.match(rotated.screen, / 40 updated$/m);
  });

  it("shows what an interruption loses, in the preview above, while a rotation waits", async function () {
    this.timeout(120_000);
    const emulator = await startEmulator(seeded);
    const start = await startTerminal(emulator, programWith(dynamicPair));
    assert.equal(await start(up, { rotationTrigger: "1", minimumOverlap: "PT0S" }).ended, 0);
    emulator.apply({ keyLag: 3_000 });
    const waitUntilAccepted = JSON.stringify({ url: `${emulator.endpoint(group, name)}openai/models` });
    const rotating = start(["up", "--yes"], { rotationTrigger: "2", waitUntilAccepted });
    const screen = await rotating.until((seen) =>
      /^ {5}pulumi:pulumi:Stack +ai-dev +running\.* +Do n/m.test(seen) && /language +updating/.test(seen)
        ? seen
        : undefined,
    );
    assert.equal(await rotating.ended, 0, rotating.screen);
    assert.equal(told(screen, "Do not interrupt the rotation: it waits until the new key is accepted."), 1, screen);
    assert.equal(told(rotating.screen, "Do not interrupt: waiting up to PT5M until the new key is accepted."), 1);
  });

  for (const [form, construct] of [
    ["dynamic", dynamicPair],
    ["plugin", pluginPair],
  ]) {
    it(`tells in words of a change outside: in the refresh, in the preview after it and in the up (${form})`, async function () {
      this.timeout(120_000);
      const emulator = await startEmulator(seeded);
      const start = await startTerminal(emulator, programWith(construct));
      const run = async (command: string[], config = {}) => {
        const running = start(command, config);
        assert.equal(await running.ended, 0, running.screen);
        return running.screen;
      };
      const of = (screen: string) => ({
        found: told(screen, "warning: Key1 was changed outside Pulumi, or this state is from a backup. "),
        publishes: told(screen, "A refresh found other keys: this publishes them. "),
      });
      await run(up, { rotationTrigger: "1", minimumOverlap: "PT1H" });
      emulator.apply({ accounts: [{ resourceGroup: group, name, regenerate: "Key1" }] });
      assert.deepEqual(of(await run(["refresh", "--yes", "--skip-preview"])), { found: 1, publishes: 0 });
      assert.deepEqual(of(await run(["preview"])), { found: 0, publishes: 1 });
      assert.deepEqual(of(await run(up)), { found: 0, publishes: 1 });
      const unchanged = await run(["preview"]);
      assert.deepEqual(of(unchanged), { found: 0, publishes: 0 });
      assert.match(unchanged, /^ +2 unchanged$/m);
    });
  }
});
