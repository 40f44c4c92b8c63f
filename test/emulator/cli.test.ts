import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
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

  it("starts with the settings it is given, and takes others from who has the token", async () => {
    const caFile = join(folder, "ca.pem");
    const settings = JSON.stringify({ latency: 1, faults: [unavailable("metadata")] });
    const options = ["--settings", settings, "--admin-token", "synthetic"];
    started = spawn(process.execPath, [...program, "--port", "0", "--ca-file", caFile, ...options]);
    const [line] = await once(createInterface(started.stdout as Readable), "line");
    const { url } = JSON.parse(line);
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
  });

  it("explains itself", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [...program, "--help"]);
    assert.match(stdout, /--ca-file FILE/);
  });

  it("says in one line what is wrong with its arguments", async () => {
    const refused = promisify(execFile)(process.execPath, [...program, "--ca-file", "x", "--account", "one"]);
    await assert.rejects(refused, { code: 1, stderr: 'emulator: --account must be GROUP/NAME, got "one"\n' });
    const misspelt = promisify(execFile)(process.execPath, [
      ...program,
      "--ca-file",
      "x",
      "--settings",
      '{"fault":[]}',
    ]);
    await assert.rejects(misspelt, { code: 1, stderr: /'fault' is none of faults, latency/ });
  });
});

function unavailable(operation: string): object {
  return { operation, fault: { strikes: "beforeEffect", outcome: { status: 503 } } };
}
