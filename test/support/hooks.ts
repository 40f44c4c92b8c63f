import assert from "node:assert/strict";
import type { RootHookObject } from "mocha";

/**
 * To quote the expression that was not true, Node reads the source, and looks in the wrong place of one that is compiled on
 * the way. There it may parse for minutes, in which no time limit of a test counts.
 */
const { ok } = assert;
Object.assign(assert, { ok: (value: unknown, message: string | Error = "is not truthy") => ok(value, message) });

type CleanUp = () => void | Promise<void>;

const due: CleanUp[] = [];

/** Has this done after the test that is running, before what was asked for earlier. */
export function afterTest(cleanUp: CleanUp): void {
  due.push(cleanUp);
}

/**
 * What ends with each test, whichever started it. Hooks of the root that a test file brings along would count only for the
 * first file of a process that runs several.
 */
export const mochaHooks: RootHookObject = {
  async afterEach() {
    const failures: unknown[] = [];
    for (const cleanUp of due.splice(0).reverse()) {
      try {
        await cleanUp();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  },
};
