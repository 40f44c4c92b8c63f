import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { Emulator } from "../../emulator/emulator";
import { codeOf } from "../../provider/words";
import { startEmulator } from "../support/emulator";
import { afterTest } from "../support/hooks";
import { account, group, name, seeded } from "../support/scenario";
import { FakeEngine } from "./fakeEngine";
import { connectedTo, failureOf, type PluginClient, secret, settingsOf, urnOf } from "./pluginClient";

const root = resolve(__dirname, "../..");
const where = { resourceGroupName: group, accountName: name };

interface Started {
  child: ChildProcess;
  plugin: PluginClient;
  /** What it has printed behind its port, when it has ended. */
  output: Promise<string>;
  errors: Promise<string>;
}

/** Starts the plugin as the engine does, and reads its port from the first line. */
async function start(args: string[], preloaded: string[] = []): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  const options = ["tsx/cjs", ...preloaded].flatMap((module) => ["--require", module]);
  const child = spawn(process.execPath, [...options, "plugin/main.ts", ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  const errors = text(child.stderr);
  afterTest(async () => {
    child.kill("SIGKILL");
    await closed;
    rmSync(folder, { recursive: true, force: true });
  });
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  assert.match(String(first), /^\d+\n$/);
  const plugin = connectedTo(Number(String(first)));
  afterTest(() => plugin.close());
  return { child, plugin, output: text(child.stdout), errors };
}

function throttle(emulator: Emulator, retryAfter: string): void {
  emulator.fault = ({ operation, attempt }) => {
    if (operation !== "regenerateKey" || attempt > 1) return undefined;
    const body = { error: { code: "TooManyRequests", message: "" } };
    return { strikes: "beforeEffect", outcome: { status: 429, headers: { "Retry-After": retryAfter }, body } };
  };
}

describe("the process of the plugin", () => {
  it("prints its port and nothing else, finds the engine behind other arguments, and ends with its stdin", async () => {
    const emulator = await startEmulator(seeded);
    throttle(emulator, "1");
    const engine = await FakeEngine.start();
    const tracing = ["--tracing", "http://127.0.0.1:9411/api/v1/spans"];
    const { child, plugin, output, errors } = await start(["-v=9", "--logtostderr", ...tracing, engine.address]);
    await plugin.configure(settingsOf(emulator));
    const { properties } = await plugin.create(urnOf("key"), { ...where, rotationTrigger: 1 });
    assert.deepEqual(properties.key, secret(account(emulator).key1));
    assert.deepEqual(engine.linesOf(urnOf("key")).map(codeOf), ["throttled"]);
    const ended = once(child, "close");
    const closed = Date.now();
    child.stdin?.end();
    await ended;
    assert.ok(Date.now() - closed < 1_000);
    assert.deepEqual([await output, await errors, child.exitCode], ["", "", 0]);
  });

  it("may be started by hand, and attached to an engine", async () => {
    const emulator = await startEmulator(seeded);
    throttle(emulator, "1");
    const { plugin } = await start(["--tracing", "http://127.0.0.1:9411"]);
    const engine = await FakeEngine.start();
    await plugin.attach(engine.address);
    await plugin.configure(settingsOf(emulator));
    await plugin.create(urnOf("key"), { ...where, rotationTrigger: 1 });
    assert.deepEqual(engine.linesOf(urnOf("key")).map(codeOf), ["throttled"]);
  });

  it("goes on with a rotation where something fails outside of it, and prints no more than the kind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "failing-"));
    afterTest(() => rmSync(folder, { recursive: true }));
    const failing = join(folder, "failing.cjs");
    writeFileSync(
      failing,
      `process.once("SIGUSR2", () => {
        const failure = () => Object.assign(new RangeError("synthetic-key"), { code: "ECODE" });
        Promise.reject(failure());
        setImmediate(() => { throw failure(); });
      });`,
    );
    const emulator = await startEmulator(seeded);
    throttle(emulator, "2");
    const engine = await FakeEngine.start();
    const { child, plugin, errors } = await start([engine.address], [failing]);
    await plugin.configure(settingsOf(emulator));
    const creation = plugin.create(urnOf("key"), { ...where, rotationTrigger: 1 });
    while (engine.lines.length === 0 && emulator.calls.length === 0) await delay(20);
    child.kill("SIGUSR2");
    assert.deepEqual((await creation).properties.key, secret(account(emulator).key1));
    assert.equal(codeOf((await failureOf(plugin.read(urnOf("key"), "x"))).message), "import-id");
    child.stdin?.end();
    const lines = (await errors).split("\n").slice(0, -1);
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, /^Unexpected failure .*\(RangeError ECODE\)\..*\[unexpected\]$/);
  });
});
