import { startAzureNative } from "../../emulator/azureNative/start";
import type { Emulator } from "../../emulator/emulator";
import { afterTest } from "./hooks";

/** The stand-in for azure-native's plugin, for one test. It creates what it is asked for in this emulator. */
export async function azureNativeFor(emulator: Emulator): Promise<Record<string, string>> {
  const azureNative = await startAzureNative(emulator.environment());
  afterTest(() => azureNative.stop());
  return azureNative.environment;
}
