import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pluginFolder } from "../../scripts/buildPlugin";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, group, name, seeded } from "../support/scenario";
import { ProviderProcesses } from "./providerProcesses";

describe("the plugin's process", () => {
  it("is gone within a second of the engine's death, while it waits in a rotation", async () => {
    const emulator = await startEmulator({ ...seeded, keyLag: Number.POSITIVE_INFINITY });
    const providers = new ProviderProcesses();
    const program: Program = () => {
      class Key extends pulumi().CustomResource {}
      const waitUntilAccepted = { url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT1H" };
      const inputs = { resourceGroupName: group, accountName: name, rotationTrigger: 1, waitUntilAccepted };
      new Key("cognitive-key-rotation:index:RotatingCognitiveAccountKey", "key", inputs);
      return {};
    };
    const PATH = [pluginFolder, process.env.PATH].join(delimiter);
    const stack = new Deployment(emulator, { environment: { ...providers.environment, PATH }, program });
    const before = account(emulator).key1;
    let ended = false;
    const command = failing(stack.up()).finally(() => {
      ended = true;
    });
    while (emulator.dataPlaneCalls.length < 2) {
      assert.equal(ended, false, "the command was over before its rotation");
      await sleep(20);
    }
    assert.notEqual(account(emulator).key1, before);
    assert.equal(providers.running.length, 1);
    process.kill(stack.lockedBy[0], "SIGKILL");
    await providers.ended(1_000);
    await command;
  });
});
