import type { RootHookObject } from "mocha";
import { stopAzureNative } from "./azureNative";
import { stopEmulators } from "./emulator";

/**
 * What ends with each test, whichever started it. Hooks of the root that a test file brings along would count only for the
 * first file of a process that runs several.
 */
export const mochaHooks: RootHookObject = {
  async afterEach() {
    await stopAzureNative();
    await stopEmulators();
  },
};
