import type { RootHookObject } from "mocha";
import { stopAzureNative } from "./azureNative";
import { stopProxies } from "./connectProxy";
import { stopEmulators } from "./emulator";
import { killProviders } from "./providerProcesses";

/**
 * What ends with each test, whichever started it. Hooks of the root that a test file brings along would count only for the
 * first file of a process that runs several.
 */
export const mochaHooks: RootHookObject = {
  async afterEach() {
    killProviders();
    await stopAzureNative();
    stopProxies();
    await stopEmulators();
  },
};
