/**
 * `npm run demo`: the life of a rotated key on the real Pulumi engine, against the emulator. Needs no account, no
 * configuration and no network, and leaves nothing behind. `demoStory.ts` tells the story.
 */
import { join } from "node:path";
import { runTrustingProcess } from "./trustingProcess";

runTrustingProcess("demo", join(__dirname, "demoStory.ts")).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
