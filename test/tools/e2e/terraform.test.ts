import assert from "node:assert/strict";
import { measures } from "../../../bench/measureStack";
import { measureTerraform } from "../../../bench/measureTerraform";
import { findTerraform, type Terraform } from "../../../bench/terraform";
import { TerraformStack } from "../../../bench/terraformStack";
import type { Fault } from "../../../emulator/emulator";
import { startEmulator } from "../../support/emulator";

describe("the comparison with Terraform", () => {
  let terraform: Terraform;

  before(async function () {
    const found = await findTerraform(process.env);
    if (typeof found !== "string") {
      terraform = found;
      return;
    }
    console.log(`      skipped: ${found.split("\n")[0]}`);
    this.skip();
  });

  it("measures an account through all commands that Terraform has: its calls, and its state", async () => {
    const accounts = [{ resourceGroup: "rg-bench", name: "contoso-1" }];
    const emulator = await startEmulator({ accounts });
    const conditions = { latency: { regenerateKey: 0, listKeys: 0 }, parallel: 2 };
    const place = { emulator, accounts, folder: process.env.E2E_ROOT as string };
    const measurements = await measureTerraform(terraform, measures, conditions, place);

    assert.deepEqual(
      measurements.map(({ measure, calls }) => [measure, calls]),
      [
        ["first up", { regenerateKey: 1, token: 1 }],
        ["unchanged up", { token: 0 }],
        ["preview of a rotation", { token: 0 }],
        ["rotation", { regenerateKey: 1, token: 1 }],
        ["next rotation", { regenerateKey: 1, token: 1 }],
      ],
    );
    for (const { seconds, stateBytesPerKey = 0 } of measurements) {
      assert.ok(seconds > 0.1 && stateBytesPerKey > 1000, `${seconds} s, ${stateBytesPerKey} bytes`);
    }
  });

  it("finds what the benchmark's page says of Terraform beside the time", async () => {
    const accounts = [{ resourceGroup: "rg-bench", name: "contoso-1" }];
    const emulator = await startEmulator({ accounts });
    const account = emulator.account("rg-bench", "contoso-1");
    const stack = await TerraformStack.create(terraform, emulator, [account], process.env.E2E_ROOT as string);
    const stored = () => stack.stored.get(account.id);
    const nothing = { add: 0, change: 0, remove: 0 };
    const replaced = { add: 1, change: 1, remove: 1 };
    const strike = (fault: Fault | undefined, onlyOnce = false) => {
      emulator.fault = ({ operation }) => {
        if (operation !== "regenerateKey") return undefined;
        if (onlyOnce) emulator.fault = undefined;
        return fault;
      };
    };
    const before = account.key1;
    assert.equal((await stack.run("apply")).code, 0);
    assert.notEqual(account.key1, before, "it does not adopt the key");
    assert.equal(stored()?.key, account.key1, "the key is in plaintext in state");

    account.regenerate("Key1");
    assert.deepEqual((await stack.run("plan")).changes, nothing, "a key that was changed outside is not seen");
    assert.equal((await stack.run("apply", { rotationTrigger: "a" })).code, 0);

    strike({ strikes: "afterEffect", outcome: "reset" }, true);
    const calls = emulator.calls.length;
    const lost = await stack.run("apply", { rotationTrigger: "b" });
    assert.deepEqual([lost.code, lost.changes], [0, replaced]);
    const sent = emulator.calls.slice(calls).map(({ operation }) => operation);
    assert.deepEqual(sent, ["regenerateKey", "regenerateKey"], "a lost answer is asked for again, and nothing is read");

    strike({ strikes: "afterEffect", outcome: { status: 200 } });
    assert.equal((await stack.run("apply", { rotationTrigger: "c" })).code, 0, "an answer without keys is a success");
    assert.deepEqual(
      [stored()?.key, (await stack.run("plan", { rotationTrigger: "c" })).changes],
      [undefined, nothing],
    );

    strike(undefined);
    assert.equal((await stack.run("apply", { rotationTrigger: "d" })).code, 0);
    strike({ strikes: "beforeEffect", outcome: { status: 403 } });
    assert.equal((await stack.run("apply", { rotationTrigger: "e" })).code, 1);
    assert.equal(stored(), undefined, "a refusal takes the live key out of state");
  });
});
