import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import { runChild } from "../../scripts/childProcess";
import { ConnectProxy } from "../support/connectProxy";
import { startEmulator } from "../support/emulator";
import { findLeaks } from "../support/leaks";
import { account, group, name, seeded } from "../support/scenario";

const provider = resolve(__dirname, "../../components/dynamicProvider");
const dataPlane = resolve(__dirname, "../../provider/azure/httpDataPlane");

/** What a program writes in a process of its own, which reads the variables of proxies once. */
async function run(program: string, environment: Record<string, string>) {
  const proxies = Object.keys(process.env).filter((variable) => /^(all|http|https|no)_proxy$/i.test(variable));
  const none = Object.fromEntries(proxies.map((variable) => [variable, undefined]));
  const { stdout, stderr } = await runChild(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), "--eval", program],
    { env: { ...process.env, ...none, ...environment } },
  );
  return { ending: stdout.slice(stdout.lastIndexOf("\n") + 1), printed: stdout + stderr };
}

/** One rotation that waits until the key is accepted: it asks metadata, login, ARM and the account's own endpoint. */
async function rotate(environment: Record<string, string>) {
  const emulator = await startEmulator(seeded);
  const clients: (number | undefined)[] = [];
  emulator.on("connection", ({ remotePort }: Socket) => clients.push(remotePort));
  const inputs = {
    resourceGroupName: group,
    accountName: name,
    rotationTrigger: 1,
    waitUntilAccepted: { url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT0S" },
  };
  const program = `
    const { key } = require(${JSON.stringify(provider)});
    key.configure({ config: { get: () => undefined } });
    key.create(${JSON.stringify(inputs)})
      .then(() => "rotated", ({ message }) => message)
      .then((ending) => process.stdout.write(ending, () => process.exit()));`;
  return { emulator, clients, ...(await run(program, { ...emulator.environment(), ...environment })) };
}

describe("behind a proxy", () => {
  it("every request takes the one that HTTPS_PROXY names, and no key is logged", async () => {
    const proxy = await ConnectProxy.start();
    const { emulator, clients, ending, printed } = await rotate({
      HTTPS_PROXY: proxy.url,
      AZURE_LOG_LEVEL: "verbose",
    });
    assert.equal(ending, "rotated");
    assert.deepEqual(new Set(proxy.asked), new Set([new URL(emulator.url).host]));
    assert.deepEqual(new Set(clients), new Set(proxy.ports), "somebody has come without the proxy");
    // The made-up key, and then the new one.
    assert.deepEqual(
      emulator.dataPlaneCalls.map(({ keyName, status }) => [keyName, status]),
      [
        [undefined, 401],
        ["Key1", 200],
      ],
    );
    assert.match(printed, /regenerateKey/, "the SDK logs its calls");
    assert.ok(emulator.secrets.has(account(emulator).key1));
    assert.deepEqual(findLeaks(printed, emulator.secrets), []);
  });

  it("no request takes it to a host that NO_PROXY names", async () => {
    const proxy = await ConnectProxy.start();
    const { clients, ending } = await rotate({ HTTPS_PROXY: proxy.url, NO_PROXY: "localhost" });
    assert.equal(ending, "rotated");
    assert.deepEqual(proxy.asked, []);
    assert.ok(clients.length > 0);
  });

  it("says that it was the proxy that refused", async () => {
    const proxy = await ConnectProxy.start();
    proxy.refusal = "407 Proxy Authentication Required";
    const { emulator, ending } = await rotate({ HTTPS_PROXY: proxy.url });
    assert.match(ending, /No new key was sent or issued\. Cloud not read: answered 407\. .*\[cloud-metadata\]$/);
    assert.deepEqual(emulator.calls, []);
  });

  it("does not take the proxy's answer for that of the account's own endpoint", async () => {
    const emulator = await startEmulator(seeded);
    const proxy = await ConnectProxy.start();
    const url = `${emulator.endpoint(group, name)}openai/models`;
    const program = `
      const { HttpDataPlane } = require(${JSON.stringify(dataPlane)});
      new HttpDataPlane().request(${JSON.stringify(url)}, "synthetic", 5_000)
        .then((answer) => process.stdout.write(JSON.stringify(answer), () => process.exit()));`;
    const environment = { HTTPS_PROXY: proxy.url };
    const ask = async () => JSON.parse((await run(program, environment)).ending);
    assert.deepEqual(await ask(), { status: 401 });
    proxy.refusal = "403 Forbidden";
    assert.deepEqual(await ask(), { code: "PROXY_403" });
    proxy.stop();
    assert.deepEqual(await ask(), { code: "ECONNREFUSED" });
  });
});
