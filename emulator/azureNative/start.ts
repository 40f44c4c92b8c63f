import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface AzureNative {
  /** The variable by which an engine takes the stand-in instead of azure-native's plugin. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts the stand-in for azure-native's plugin.
 *
 * @param emulator the variables that point it at an emulator
 */
export async function startAzureNative(emulator: Record<string, string>): Promise<AzureNative> {
  const plugin = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), join(__dirname, "plugin.ts")], {
    env: { ...process.env, ...emulator },
    // In a group of its own: the Ctrl-C of a terminal is for the command that the emulator runs.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(plugin, "exit");
  const port = once(createInterface(plugin.stdout), "line").then(([line]) => String(line));
  const ended = exit.then(([code]) => Promise.reject(new Error(`the stand-in for azure-native ended with ${code}`)));
  ended.catch(() => {});
  return {
    environment: { PULUMI_DEBUG_PROVIDERS: `azure-native:${await Promise.race([port, ended])}` },
    async stop() {
      plugin.kill();
      await exit;
    },
  };
}
