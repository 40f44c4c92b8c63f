import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { failuresOf, outageMs, SteadyClient, type SteadyRequest, stretchesOf } from "../../scripts/steadyClient";

/** One request every 100 ms, from 1000 on, with these statuses. */
function requestsWith(...statuses: number[]): SteadyRequest[] {
  return statuses.map((status, index) => ({ at: 1000 + index * 100, status }));
}

/** Waits for one interval after the other: whatever stops this process, what is due in each of them has its turn. */
async function intervals(count: number, ms: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) await sleep(ms);
}

describe("what a steady client has recorded", () => {
  it("counts everything but a 200 as a failure, a missing answer included", () => {
    const requests = requestsWith(200, 401, 0, 204, 200);
    assert.deepEqual(
      failuresOf(requests).map(({ status }) => status),
      [401, 0, 204],
    );
  });

  it("is cut into stretches, each of which lasts until the next one begins", () => {
    assert.deepEqual(stretchesOf(requestsWith(200, 200, 401, 0, 401, 200)), [
      { accepted: true, count: 2, from: 1000, to: 1200 },
      { accepted: false, count: 3, from: 1200, to: 1500 },
      { accepted: true, count: 1, from: 1500, to: 1500 },
    ]);
    assert.deepEqual(stretchesOf([]), []);
  });

  it("has an outage from the first failure to the first success after it", () => {
    assert.equal(outageMs(requestsWith(200, 401, 401, 401, 200)), 300);
    assert.equal(outageMs(requestsWith(200, 401, 200)), 100);
  });

  it("has as outage the longest one, not the sum", () => {
    assert.equal(outageMs(requestsWith(401, 200, 401, 401, 200, 401, 200)), 200);
  });

  it("has an outage until its last request when it never ended", () => {
    assert.equal(outageMs(requestsWith(200, 401, 401, 401)), 200);
  });

  it("has no outage without a failure", () => {
    assert.equal(outageMs(requestsWith(200, 200)), 0);
    assert.equal(outageMs([]), 0);
  });
});

describe("SteadyClient", () => {
  let server: Server;
  let url: string;
  let received: IncomingMessage[];
  /** What each request waits for before it is answered. */
  let answerable: () => unknown;

  beforeEach(async () => {
    received = [];
    answerable = () => undefined;
    server = createServer(async (request, response) => {
      received.push(request);
      await answerable();
      response.writeHead(request.headers["api-key"] === "ended" ? 401 : 200).end("some body");
    }).listen(0, "localhost");
    await once(server, "listening");
    url = `http://localhost:${(server.address() as AddressInfo).port}/models?api-version=1`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  it("calls with the key that it holds, in a header and nowhere else", async () => {
    const client = new SteadyClient({ url, intervalMs: 10 });
    client.start("first");
    while (client.requests.length < 3) await sleep(5);
    client.hold("ended");
    while (failuresOf(client.requests).length < 3) await sleep(5);
    client.hold("second");
    while (stretchesOf(client.requests).length < 3) await sleep(5);
    await client.stop();

    assert.deepEqual(
      stretchesOf(client.requests).map(({ accepted }) => accepted),
      [true, false, true],
    );
    assert.deepEqual([...new Set(client.requests.map(({ status }) => status))], [200, 401]);
    assert.deepEqual([...new Set(received.map(({ headers }) => headers["api-key"]))], ["first", "ended", "second"]);
    assert.deepEqual([...new Set(received.map(({ url }) => url))], ["/models?api-version=1"]);
  });

  it("keeps its rate when answers take longer than the interval", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    answerable = () => released;
    const client = new SteadyClient({ url, intervalMs: 20 });
    client.start("first");
    await intervals(15, 20);
    assert.deepEqual(client.requests, [], "a request belongs to the list only when it has come to an end");
    release();
    await client.stop();

    // One after the other it would be one.
    assert.ok(client.requests.length >= 15, `${client.requests.length} requests`);
    assert.deepEqual(failuresOf(client.requests), []);
  });

  it("leaves out what it was too busy for, and goes on in step", async () => {
    const client = new SteadyClient({ url, intervalMs: 50 });
    const begun = performance.now();
    client.start("first");
    while (performance.now() - begun < 275);
    await intervals(2, 50);
    await client.stop();

    const due = Math.floor((performance.now() - begun) / 50) + 1;
    assert.ok(client.requests.length >= 3, `${client.requests.length} requests`);
    assert.ok(client.requests.length <= due - 4, `${client.requests.length} requests of ${due}`);
  });

  it("counts what nobody answers as a failure", async () => {
    const client = new SteadyClient({ url: "http://localhost:1", intervalMs: 10 });
    client.start("first");
    await intervals(3, 10);
    await client.stop();
    assert.ok(client.requests.length > 1);
    assert.deepEqual([...new Set(client.requests.map(({ status }) => status))], [0]);
  });

  it("counts an answer that breaks off as a failure", async () => {
    server.removeAllListeners("request").on("request", (_request, response) => {
      response.writeHead(200, { "Content-Length": "1000" }).write("some of it", () => response.destroy());
    });
    const client = new SteadyClient({ url, intervalMs: 1000 });
    client.start("first");
    await client.stop();
    assert.deepEqual(
      client.requests.map(({ status }) => status),
      [0],
    );
  });

  it("waits for answers when it is stopped, and sends and keeps nothing after that", async () => {
    answerable = () => sleep(50);
    const client = new SteadyClient({ url, intervalMs: 10 });
    client.start("first");
    while (received.length < 3) await sleep(5);
    await client.stop();
    const count = client.requests.length;

    assert.ok(count >= 3);
    assert.deepEqual(failuresOf(client.requests), []);
    await intervals(3, 10);
    assert.equal(client.requests.length, count);
    const connections = await new Promise((counted) => server.getConnections((_error, open) => counted(open)));
    assert.equal(connections, 0);
  });

  it("is not started twice", async () => {
    const client = new SteadyClient({ url, intervalMs: 1000 });
    client.start("first");
    assert.throws(() => client.start("first"), /running already/);
    await client.stop();
  });
});
