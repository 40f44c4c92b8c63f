import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { HttpDataPlane } from "../../provider/azure/httpDataPlane";
import { startEmulator } from "../support/emulator";
import { account, group, name, seeded } from "../support/scenario";

describe("a key sent to the account's own endpoint", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  /** A server that is no emulator: it answers with this status and place, or, without one, not at all. */
  async function serve(status?: number, location = ""): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
    const read = (variable: string) => readFileSync(process.env[variable] as string, "utf8");
    const seen: IncomingHttpHeaders[] = [];
    const tls = { cert: read("EMULATOR_CERT_FILE"), key: read("EMULATOR_KEY_FILE") };
    const server = createServer(tls, (request, response) => {
      seen.push(request.headers);
      if (status !== undefined) response.writeHead(status, { location }).end("a body that nobody reads");
    });
    servers.push(server);
    server.listen(0, "localhost");
    await once(server, "listening");
    return { url: `https://localhost:${(server.address() as AddressInfo).port}/`, seen };
  }

  it("is answered with what the endpoint says of it", async () => {
    const emulator = await startEmulator(seeded);
    const endpoint = emulator.endpoint(group, name);
    const ask = (path: string, key: string) => new HttpDataPlane().request(`${endpoint}${path}`, key, 5_000);
    assert.deepEqual(await ask("openai/models", account(emulator).key1), { status: 200 });
    assert.deepEqual(await ask("openai/models", account(emulator).key2), { status: 200 });
    assert.deepEqual(await ask("no/such/path", account(emulator).key1), { status: 404 });
    assert.deepEqual(await ask("openai/models", "dead"), { status: 401 });
  });

  it("is in both headers that Azure reads, and does not follow a redirect", async () => {
    const elsewhere = await serve(200);
    const redirecting = await serve(302, elsewhere.url);
    assert.deepEqual(await new HttpDataPlane().request(redirecting.url, "synthetic", 5_000), { status: 302 });
    const [headers] = redirecting.seen;
    assert.deepEqual([headers["api-key"], headers["ocp-apim-subscription-key"]], ["synthetic", "synthetic"]);
    assert.deepEqual(elsewhere.seen, []);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`does not follow ${status} to another path of the same host either`, async () => {
      const { url, seen } = await serve(status, "/elsewhere");
      assert.deepEqual(await new HttpDataPlane().request(url, "synthetic", 5_000), { status });
      assert.equal(seen.length, 1);
    });
  }

  it("is told apart from an endpoint that is silent or cannot be reached", async () => {
    const silent = await serve();
    assert.deepEqual(await new HttpDataPlane().request(silent.url, "synthetic", 200), { code: "ETIMEDOUT" });
    const emulator = await startEmulator(seeded);
    const { url } = emulator;
    await emulator.stop();
    assert.deepEqual(await new HttpDataPlane().request(url, "synthetic", 5_000), { code: "ECONNREFUSED" });
  });
});
