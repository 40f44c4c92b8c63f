import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Context } from "mocha";
import { InlineStack } from "../../scripts/inlineStack";
import { app, failing, pulumi } from "./deployment";

/** The server of Pulumi Cloud's protocol that keeps the stacks of the e2e tests, if they are in no folder. */
const server = process.env.E2E_BACKEND_URL;

/** Skips a test of what is in the files of a backend in a folder, and says why in one line. */
export function needsFileBackend(test: Context, why: string): void {
  if (!server) return;
  console.log(`      skipped: ${why}, and the stacks are on a server`);
  test.skip();
}

let keepsThem: Promise<boolean> | undefined;

/** Skips a test that goes on where an update has failed, and says so in one line, where a server forgets that update. */
export async function needsFailedUpdates(test: Context): Promise<void> {
  keepsThem ??= keepsFailedUpdates();
  if (await keepsThem) return;
  console.log("      skipped: needs a backend that keeps the journal of a failed update");
  test.skip();
}

async function keepsFailedUpdates(): Promise<boolean> {
  if (!server) return true;
  const stack = new InlineStack({
    folder: mkdtempSync(join(process.env.E2E_ROOT as string, "failed-update-")),
    main: app(),
    load: createRequire(join(app(), "/")),
    backend: server,
    environment: {},
  });
  await failing(
    stack.up(async () => {
      const { urn } = new (pulumi().ComponentResource)("test:index:Kept", "kept");
      await new Promise((resolve) => urn.apply(resolve));
      throw new Error("this program always fails");
    }),
  );
  const { resources } = await stack.state();
  await stack.remove();
  return resources.some(({ type }) => type === "test:index:Kept");
}
