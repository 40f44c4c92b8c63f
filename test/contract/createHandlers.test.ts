import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Emulator, Fault } from "../../emulator/emulator";
import { createHandlers } from "../../provider";
import type { Handler } from "../../provider/handler";
import type { KeyOutputs } from "../../provider/keyOutcomes";
import { azureLogin } from "../../provider/login/azureLogin";
import { settingReader } from "../../provider/login/settings";
import { codeOf } from "../../provider/words";
import { startEmulator } from "../support/emulator";
import { account, group, name, seeded } from "../support/scenario";
import { dynamicWay } from "../support/waysIn";

const inputs = { resourceGroupName: group, accountName: name, rotationTrigger: 1 };
const conflict = (retryAfter: string): Fault => {
  const body = { error: { code: "RequestConflict", message: "" } };
  return { strikes: "beforeEffect", outcome: { status: 409, headers: { "Retry-After": retryAfter }, body } };
};

function handlersOf(emulator: Emulator, signal?: AbortSignal) {
  const lines: string[] = [];
  const login = azureLogin(settingReader(dynamicWay, () => undefined, emulator.environment()));
  const { key, keyPair } = createHandlers({ login: () => login, log: (line) => lines.push(line), signal });
  const create = (handler: Handler, others: object = {}) =>
    handler.create({ ...inputs, ...others } as never) as Promise<{ outs: KeyOutputs }>;
  return { rotate: (others?: object) => create(key, others), adopt: () => create(keyPair), lines };
}

describe("the handlers of one login, one log and one signal", () => {
  it("share what one deployment knows among themselves, and nothing with other handlers", async () => {
    const [emulator, another] = [await startEmulator(seeded), await startEmulator(seeded)];
    emulator.fault = ({ operation, attempt }) =>
      operation === "regenerateKey" && attempt === 1 ? conflict("1") : undefined;
    const one = handlersOf(emulator);
    await one.adopt();
    await assert.rejects(one.rotate(), { message: /\[two-resources\]$/ });

    const other = handlersOf(emulator);
    assert.equal((await other.rotate()).outs.key, account(emulator).key1, "the memory of a deployment is its own");
    const elsewhere = handlersOf(another);
    assert.equal((await elsewhere.rotate()).outs.key, account(another).key1, "and so is the login");
    assert.deepEqual([emulator.logins.length, another.logins.length], [2, 1]);
    assert.match(other.lines.join("\n"), /trying again in 1 s.*\[busy\]$/);
    assert.deepEqual([one.lines, elsewhere.lines], [[], []], "and the log");
  });

  for (const early of [true, false]) {
    it(`end a wait at once, and begin no renewal, when they are ended ${early ? "before" : "in"} it`, async () => {
      const emulator = await startEmulator(seeded);
      emulator.fault = ({ operation }) => (operation === "regenerateKey" ? conflict("3600") : undefined);
      const ending = new AbortController();
      if (early) ending.abort();
      const { rotate, lines } = handlersOf(emulator, ending.signal);
      const started = Date.now();
      const rotation = rotate().then(
        () => assert.fail("it went through"),
        (error: Error) => error,
      );
      if (!early) {
        while (lines.length === 0) await delay(10);
        ending.abort();
      }
      assert.equal(codeOf((await rotation).message), "interrupted");
      assert.ok(Date.now() - started < 5_000);
      if (!early) assert.match(lines.join("\n"), /trying again in 60 s/);
      assert.equal(emulator.calls.length, early ? 0 : 1, "and nothing more is sent");
    });
  }

  it("let any number of resources wait, and end all of them, without a warning of Node's", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `account-${index}`);
    const emulator = await startEmulator({ accounts: names.map((each) => ({ resourceGroup: group, name: each })) });
    emulator.fault = ({ operation }) => (operation === "regenerateKey" ? conflict("3600") : undefined);
    const ending = new AbortController();
    const { rotate, lines } = handlersOf(emulator, ending.signal);
    const warned: Error[] = [];
    const note = (warning: Error): void => void warned.push(warning);
    process.on("warning", note);
    const rotations = names.map((accountName) => rotate({ accountName }));
    while (lines.length < names.length) await delay(10);
    ending.abort();
    for (const rotation of rotations) await assert.rejects(rotation, { message: /\[interrupted\]$/ });
    await delay(0);
    process.off("warning", note);
    assert.deepEqual(warned, []);
  });

  it("renew no key whose turn comes after the end", async () => {
    const emulator = await startEmulator(seeded);
    emulator.fault = ({ operation }) => (operation === "regenerateKey" ? conflict("3600") : undefined);
    const ending = new AbortController();
    const { rotate, lines } = handlersOf(emulator, ending.signal);
    const rotations = ["Key1", "Key2"].map((keyName) => rotate({ keyName }));
    while (lines.length === 0) await delay(10);
    ending.abort();
    for (const rotation of rotations) await assert.rejects(rotation, { message: /\[interrupted\]$/ });
    assert.equal(emulator.calls.length, 1);
  });
});
