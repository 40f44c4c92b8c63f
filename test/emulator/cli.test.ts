import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = ["--require", "tsx/cjs", join(__dirname, "../../emulator/cli.ts")];

describe("npm run emulator", () => {
  let folder: string;
  let started: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulator-"));
  });

  afterEach(async () => {
    started?.kill("SIGKILL");
    started = undefined;
    await rm(folder, { recursive: true });
  });

  it("prints one line that says how to reach it, serves, and stops at SIGTERM", async () => {
    const caFile = join(folder, "ca.pem");
    const accounts = ["--account", "rg/one", "--account", "rg/two"];
    const child = spawn(process.execPath, [...program, "--port", "0", "--ca-file", caFile, ...accounts]);
    started = child;
    const lines: string[] = [];
    const reader = createInterface(child.stdout).on("line", (line) => lines.push(line));
    await once(reader, "line");
    const { url, environment, ...rest } = JSON.parse(lines[0]);

    assert.deepEqual(rest, {
      caFile,
      accounts: ["one", "two"].map((name) => ({ resourceGroup: "rg", name, endpoint: `${url}/accounts/rg/${name}/` })),
    });
    assert.deepEqual(Object.keys(environment).sort(), [
      "ARM_CLIENT_ID",
      "ARM_CLIENT_SECRET",
      "ARM_DISABLE_INSTANCE_DISCOVERY",
      "ARM_METADATA_HOSTNAME",
      "ARM_SUBSCRIPTION_ID",
      "ARM_TENANT_ID",
      "NODE_EXTRA_CA_CERTS",
    ]);
    assert.equal(`https://${environment.ARM_METADATA_HOSTNAME}`, url);
    const sent = request(`${url}/metadata/endpoints?api-version=2022-09-01`, { ca: await readFile(caFile) }).end();
    const [response] = await once(sent, "response");
    assert.equal(JSON.parse(await text(response)).resourceManager, url);

    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.equal(lines.length, 1);
  });

  it("leaves no file behind when its terminal is closed", async () => {
    const child = spawn(process.execPath, program, { env: { ...process.env, TMPDIR: folder } });
    started = child;
    const [line] = await once(createInterface(child.stdout), "line");
    const { caFile } = JSON.parse(line);
    assert.ok(existsSync(caFile));
    child.kill("SIGHUP");
    await once(child, "exit");
    assert.equal(existsSync(caFile), false);
  });

  it("starts with the settings it is given, and takes others from who has the token", async () => {
    const settings = JSON.stringify({ latency: 1, faults: [unavailable("metadata")] });
    const child = spawn(process.execPath, [...program, "--settings", settings, "--admin-token", "synthetic"]);
    started = child;
    const [line] = await once(createInterface(child.stdout), "line");
    const { url, caFile } = JSON.parse(line);
    const ca = await readFile(caFile);
    const ask = async (path: string, method = "GET", body = "") => {
      const headers = { Authorization: "Bearer synthetic" };
      const [response] = await once(request(`${url}${path}`, { ca, method, headers }).end(body), "response");
      response.resume();
      return response.statusCode;
    };
    assert.equal(await ask("/metadata/endpoints?api-version=2022-09-01"), 503);
    assert.equal(await ask("/emulator", "PATCH", JSON.stringify({ faults: [] })), 204);
    assert.equal(await ask("/metadata/endpoints?api-version=2022-09-01"), 200);

    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    assert.equal(existsSync(caFile), false, "a file that nobody asked for is not left behind");
  });

  it("runs a command where npm was called, with the emulator's variables and stacks of its own, and ends as it does", async () => {
    const script = `
      const { NODE_EXTRA_CA_CERTS, PULUMI_BACKEND_URL } = process.env;
      const stacks = new URL(PULUMI_BACKEND_URL);
      fetch("https://" + process.env.ARM_METADATA_HOSTNAME + "/metadata/endpoints?api-version=2022-09-01")
        .then(({ status }) => console.log(JSON.stringify({
          cwd: process.cwd(), env: process.env, status, isEmpty: fs.readdirSync(stacks).length === 0,
        })))
        .then(() => process.exit(3));
    `;
    const before = { ...process.env, INIT_CWD: folder, npm_config_prefix: "/elsewhere", no_proxy: "internal.example" };
    const child = spawn(process.execPath, [...program, "--account", "rg/one", "--", process.execPath, "-e", script], {
      env: { ...before, ARM_USE_OIDC: "true", AZURE_TENANT_ID: "mine", PULUMI_BACKEND_URL: "https://cloud.example" },
    });
    started = child;
    const [[code], stdout, stderr] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
    const { cwd, env, status, isEmpty } = JSON.parse(stdout);
    assert.equal(code, 3, stderr);
    assert.equal(cwd, await realpath(folder));
    assert.deepEqual({ status, isEmpty }, { status: 200, isEmpty: true });
    for (const name of ["INIT_CWD", "npm_config_prefix", "ARM_USE_OIDC", "AZURE_TENANT_ID"])
      assert.ok(!(name in env), name);
    assert.equal(env.NO_PROXY, "internal.example,localhost");
    assert.ok(env.PATH);
    assert.ok(stderr.includes(`https://${env.ARM_METADATA_HOSTNAME}/accounts/rg/one/`), stderr);
    assert.match(stderr, / has ended: the emulator stops, and its keys and stacks are deleted\.\n$/);
    for (const gone of [env.NODE_EXTRA_CA_CERTS, fileURLToPath(env.PULUMI_BACKEND_URL)])
      assert.equal(existsSync(gone), false);
  });

  it("outlives a Ctrl-C that its command outlives, and passes on the end of the terminal", async () => {
    const script = `
      process.on("SIGINT", () => fetch("https://" + process.env.ARM_METADATA_HOSTNAME).then(() => console.log("served")));
      setInterval(() => {}, 1000);
      console.log("ready");
    `;
    // Its own process group, as a terminal has.
    const child = spawn(process.execPath, [...program, "--", process.execPath, "-e", script], { detached: true });
    started = child;
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, "ready");
    process.kill(-Number(child.pid), "SIGINT");
    assert.equal((await lines.next()).value, "served");
    child.kill("SIGHUP");
    const [code] = await once(child, "exit");
    assert.equal(code, 128 + constants.signals.SIGHUP);
  });

  it("also plays the plugin of azure-native where it is asked to, and ends it", async () => {
    const script = "console.log(process.env.PULUMI_DEBUG_PROVIDERS)";
    const options = ["--azure-native", "--", process.execPath, "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, [...program, ...options]);
    const [, port] = stdout.match(/^azure-native:(\d+)\n$/) ?? [];
    const socket = connect(Number(port), "127.0.0.1");
    await assert.rejects(once(socket, "connect"), { code: "ECONNREFUSED" });
  }).timeout(30_000);

  it("says that a command does not exist", async () => {
    const missing = promisify(execFile)(process.execPath, [...program, "--", "no-such-command"]);
    await assert.rejects(missing, { code: 1, stderr: /emulator: .*no-such-command/ });
  });

  it("explains itself", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [...program, "--help"]);
    assert.match(stdout, /--ca-file FILE/);
    assert.match(stdout, /-- COMMAND/);
  });

  it("says in one line what is wrong with its arguments", async () => {
    const refused = promisify(execFile)(process.execPath, [...program, "--account", "one"]);
    await assert.rejects(refused, { code: 1, stderr: 'emulator: --account must be GROUP/NAME, got "one"\n' });
    const misspelt = promisify(execFile)(process.execPath, [...program, "--settings", '{"fault":[]}']);
    await assert.rejects(misspelt, { code: 1, stderr: /'fault' is none of faults, latency/ });
  });
});

function unavailable(operation: string): object {
  return { operation, fault: { strikes: "beforeEffect", outcome: { status: 503 } } };
}
