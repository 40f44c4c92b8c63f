import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Deployment, failing, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { afterTest } from "../support/hooks";
import { account, group, name, seeded } from "../support/scenario";
import { ended, isRunning, ProviderProcesses } from "./providerProcesses";

describe("the plugin's process", () => {
  it("is gone within a second of the engine's death, while it waits in a rotation", async () => {
    const emulator = await startEmulator({ ...seeded, keyLag: Number.POSITIVE_INFINITY });
    const providers = new ProviderProcesses();
    const program: Program = () => {
      const { RotatingCognitiveAccountKey } = plugin.classes();
      const waitUntilAccepted = { url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT1H" };
      new RotatingCognitiveAccountKey("key", {
        resourceGroupName: group,
        accountName: name,
        rotationTrigger: 1,
        waitUntilAccepted,
      });
      return {};
    };
    const stack = new Deployment(emulator, { environment: providers.environment, program });
    const before = account(emulator).key1;
    let isOver = false;
    const command = failing(stack.up()).finally(() => {
      isOver = true;
    });
    while (emulator.dataPlaneCalls.length < 2) {
      assert.equal(isOver, false, "the command was over before its rotation");
      await sleep(20);
    }
    assert.notEqual(account(emulator).key1, before);
    assert.equal(providers.running.length, 1);
    process.kill(stack.engine, "SIGKILL");
    await providers.ended(1_000);
    await command;
  });

  it("runs from source as a language host starts it, and is gone within a second of its death", async () => {
    const runPlugin = require.resolve("@pulumi/pulumi/cmd/run-plugin");
    const folder = resolve(__dirname, "../../plugin");
    const script = 'node "$0" "$@" & echo $! >&2; wait';
    const host = spawn("sh", ["-c", script, runPlugin, folder, "-v=9", "127.0.0.1:9"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [pid] = await once(host.stderr, "data");
    afterTest(() => {
      if (isRunning(Number(pid))) process.kill(Number(pid), "SIGKILL");
    });
    const [port] = await once(host.stdout, "data");
    assert.match(String(port), /^\d+\n$/);
    host.kill("SIGKILL");
    await ended(Number(pid), 1_000);
  });
});
