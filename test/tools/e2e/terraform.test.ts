import assert from "node:assert/strict";
import { measures } from "../../../bench/measureStack";
import { measureTerraform } from "../../../bench/measureTerraform";
import { findTerraform } from "../../../bench/terraform";
import { startEmulator } from "../../support/emulator";

describe("the comparison with Terraform", () => {
  it("measures an account through all commands that Terraform has: its calls, and its state", async function () {
    const terraform = await findTerraform(process.env);
    if (typeof terraform === "string") {
      console.log(`      skipped: ${terraform.split("\n")[0]}`);
      return this.skip();
    }
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
});
