import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Emulator } from "../../emulator/emulator";
import { afterTest } from "./hooks";

/**
 * Starts the stand-in for azure-native's plugin for one test. It creates accounts in this emulator. Gives the variables
 * with which an engine attaches to it.
 */
export async function startAzureNative(emulator: Emulator): Promise<Record<string, string>> {
  const plugin = spawn(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), join(__dirname, "azureNativePlugin.ts")],
    { env: { ...process.env, ...emulator.environment() }, stdio: ["pipe", "pipe", "inherit"] },
  );
  const exit = once(plugin, "exit");
  afterTest(async () => {
    plugin.kill();
    await exit;
  });
  const port = once(createInterface(plugin.stdout), "line").then(([line]) => String(line));
  const ended = exit.then(([code]) => Promise.reject(new Error(`the stand-in ended with ${code}`)));
  ended.catch(() => {});
  return { PULUMI_DEBUG_PROVIDERS: `azure-native:${await Promise.race([port, ended])}` };
}
