import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Emulator } from "../../emulator/emulator";

const running = new Set<ChildProcess>();

/**
 * Starts the stand-in for azure-native's plugin, which creates accounts in this emulator, and gives the variables with
 * which an engine attaches to it. It is stopped after the test that started it (hooks.ts).
 */
export async function startAzureNative(emulator: Emulator): Promise<Record<string, string>> {
  const plugin = spawn(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), join(__dirname, "azureNativePlugin.ts")],
    { env: { ...process.env, ...emulator.environment() }, stdio: ["pipe", "pipe", "inherit"] },
  );
  running.add(plugin);
  const port = once(createInterface(plugin.stdout), "line").then(([line]) => String(line));
  const ended = once(plugin, "exit").then(([code]) => Promise.reject(new Error(`the stand-in ended with ${code}`)));
  ended.catch(() => {});
  return { PULUMI_DEBUG_PROVIDERS: `azure-native:${await Promise.race([port, ended])}` };
}

/** Ends every stand-in of this process and waits until they are gone. */
export async function stopAzureNative(): Promise<void> {
  const stopping = [...running].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  running.clear();
  await Promise.all(
    stopping.map(async (plugin) => {
      const exit = once(plugin, "exit");
      plugin.kill();
      await exit;
    }),
  );
}
