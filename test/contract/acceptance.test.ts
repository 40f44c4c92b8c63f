import assert from "node:assert/strict";
import { fetchDataPlane } from "../../components/provider/dataPlane";
import { startEmulator } from "../support/emulator";
import { account, group, name, seeded } from "../support/scenario";

describe("a key sent to the account's own endpoint", () => {
  it("is answered with what the endpoint says of it", async () => {
    const emulator = await startEmulator(seeded);
    const endpoint = emulator.endpoint(group, name);
    const ask = (path: string, key: string) => fetchDataPlane.request(`${endpoint}${path}`, key, 5_000);
    assert.deepEqual(await ask("openai/models", account(emulator).key1), { status: 200 });
    assert.deepEqual(await ask("openai/models", account(emulator).key2), { status: 200 });
    assert.deepEqual(await ask("no/such/path", account(emulator).key1), { status: 404 });
    assert.deepEqual(await ask("openai/models", "dead"), { status: 401 });
  });

  it("is told apart from an endpoint that cannot be reached or does not answer in time", async () => {
    const emulator = await startEmulator(seeded);
    const { port } = new URL(emulator.url);
    await emulator.stop();
    assert.deepEqual(await fetchDataPlane.request(`https://localhost:${port}/`, "key", 5_000), {
      code: "ECONNREFUSED",
    });
    const answer = await fetchDataPlane.request("https://localhost:1/", "key", 0);
    assert.ok("code" in answer);
  });
});
