import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { ArmAccountKeys } from "../../provider/azure/armAccountKeys";
import { type Cloud, cloudFromMetadata, cloudFromName } from "../../provider/azure/clouds";
import { dynamicWay } from "../support/waysIn";

const limitMs = 500;
const tooLate = "still waiting" as const;

/** What came of it, or that nothing has long after the time was up. */
function within<T>(work: Promise<T>): Promise<T | typeof tooLate> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof tooLate>((resolve) => {
    timer = setTimeout(() => resolve(tooLate), 6 * limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

describe("an answer whose body does not come to its end", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  /** A server that sends the headers of a 200 and half of a body, and then nothing more, or cuts the connection. */
  async function serve(encoding: "gzip" | "identity", then: "stalls" | "is cut"): Promise<string> {
    const read = (variable: string) => readFileSync(process.env[variable] as string, "utf8");
    const text = JSON.stringify({ key1: "synthetic-1".repeat(200), key2: "synthetic-2".repeat(200) });
    const body = encoding === "gzip" ? gzipSync(text) : Buffer.from(text);
    const tls = { cert: read("EMULATOR_CERT_FILE"), key: read("EMULATOR_KEY_FILE") };
    const server = createServer(tls, (_request, response) => {
      const headers = { "Content-Type": "application/json", "Content-Length": body.length };
      response.writeHead(200, encoding === "gzip" ? { ...headers, "Content-Encoding": encoding } : headers);
      response.write(body.subarray(0, body.length / 2), () => {
        if (then === "is cut") setTimeout(() => response.destroy(), 50);
      });
    });
    servers.push(server);
    server.listen(0, "localhost");
    await once(server, "listening");
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  for (const encoding of ["identity", "gzip"] as const) {
    for (const then of ["stalls", "is cut"] as const) {
      it(`leaves a rotation in doubt, and does not hold it up: ${encoding}, ${then}`, async () => {
        const resourceManager = await serve(encoding, then);
        const cloud: Cloud = { ...cloudFromName("public", dynamicWay), resourceManager };
        const token = { token: "synthetic", expiresOnTimestamp: Date.now() + 3_600_000 };
        const keys = new ArmAccountKeys(
          async () => cloud,
          async () => ({ getToken: async () => token }),
        );
        const identity = { subscriptionId: "s", resourceGroupName: "rg", accountName: "acct" };
        const answer = await within(keys.regenerateKey(identity, "Key1", limitMs));
        assert.equal(answer === tooLate ? answer : answer.kind, "network");
      });

      it(`of a metadata host is an error in time: ${encoding}, ${then}`, async () => {
        const host = await serve(encoding, then);
        const said = await within(cloudFromMetadata(host, dynamicWay, limitMs).catch((error: Error) => error.message));
        assert.match(
          String(said),
          /^Cloud not read: (no answer within 0.5 s|the connection failed).*metadata\/endpoints.*\[cloud-metadata\]$/,
        );
      });
    }
  }
});
