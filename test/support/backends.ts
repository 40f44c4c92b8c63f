import type { Context } from "mocha";

/** The server of Pulumi Cloud's protocol that keeps the stacks of the e2e tests, if they are in no folder. */
const server = process.env.E2E_BACKEND_URL;

/** Skips a test of what is in the files of a backend in a folder, and says why in one line. */
export function needsFileBackend(test: Context, why: string): void {
  if (!server) return;
  console.log(`      skipped: ${why}, and the stacks are on a server`);
  test.skip();
}
