import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator } from "../../emulator/emulator";
import { createHandlers } from "../../provider";
import { azureLogin } from "../../provider/login/azureLogin";
import { settingReader } from "../../provider/login/settings";
import { startEmulator } from "../support/emulator";

const names = Array.from({ length: 12 }, (_, index) => `account-${index}`);
const busy = {
  status: 409,
  body: { error: { code: "RequestConflict", message: "Another operation is in progress." } },
};

/** An emulator whose accounts are busy for ever, and handlers as a way in makes them. */
async function start() {
  const emulator = await startEmulator({
    accounts: names.map((name) => ({ resourceGroup: "rg", name })),
    fault: ({ operation }) =>
      ["listKeys", "regenerateKey"].includes(operation) ? { strikes: "beforeEffect", outcome: busy } : undefined,
  });
  const login = azureLogin(settingReader(() => undefined, emulator.environment()));
  const stop = new AbortController();
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  return { emulator, stop, lines, ...createHandlers({ login: () => login, log, signal: stop.signal }) };
}

function calls(emulator: Emulator, operation: string): unknown[] {
  return emulator.calls.filter((call) => call.operation === operation);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

describe("handlers whose signal ends their waits", () => {
  it("wait for many accounts at a time without a warning of Node's", async () => {
    const { key, stop, lines } = await start();
    const warned: Error[] = [];
    const note = (warning: Error): void => void warned.push(warning);
    process.on("warning", note);
    const adoptions = names.map((accountName) => key.create({ resourceGroupName: "rg", accountName } as never));
    await until(() => lines.length === names.length);
    stop.abort();
    for (const adoption of adoptions) await assert.rejects(adoption, { message: /\[interrupted\]$/ });
    await new Promise(setImmediate);
    process.off("warning", note);
    assert.deepEqual(warned, []);
  });

  it("renew no key whose turn comes after that", async () => {
    const { key, emulator, stop, lines } = await start();
    const where = { resourceGroupName: "rg", accountName: names[0], rotationTrigger: 1 };
    const rotations = ["Key1", "Key2"].map((keyName) => key.create({ ...where, keyName } as never));
    await until(() => lines.length === 1);
    stop.abort();
    for (const rotation of rotations) await assert.rejects(rotation, { message: /\[interrupted\]$/ });
    assert.equal(calls(emulator, "regenerateKey").length, 1);
  });
});
