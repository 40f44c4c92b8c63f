import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Deployment } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { afterTest } from "../support/hooks";
import { keyProgram, seeded } from "../support/scenario";

describe("a stack on a server", () => {
  it("is asked for there with the token of the environment, and nothing is deployed where that is refused", async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ headers }, response) => {
      asked.push(headers.authorization);
      response.writeHead(401, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ code: 401, message: "Unauthorized" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    afterTest(() => void server.close());
    const { port } = server.address() as AddressInfo;

    const emulator = await startEmulator(seeded);
    const token = "a-token-of-nobody";
    const stack = new Deployment(emulator, {
      backend: `http://127.0.0.1:${port}`,
      environment: { PULUMI_ACCESS_TOKEN: token },
    });
    await assert.rejects(stack.up(keyProgram()), /401|access token/);
    assert.ok(asked.includes(`token ${token}`));
    assert.deepEqual([emulator.calls, emulator.logins], [[], []]);
    assert.ok(!existsSync(join(stack.folder, "backend")));
  });
});
