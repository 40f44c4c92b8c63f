import assert from "node:assert/strict";
import { measureStack, measures } from "../../../bench/measureStack";
import { app } from "../../support/deployment";
import { startEmulator } from "../../support/emulator";

describe("the benchmark", () => {
  it("measures a stack of pairs through all commands: its calls, its state, and what its provider uses", async () => {
    const accounts = ["contoso-1", "contoso-2"].map((name) => ({ resourceGroup: "rg-bench", name }));
    const emulator = await startEmulator({ accounts });
    const conditions = { latency: { regenerateKey: 0, listKeys: 0 } };
    const place = { emulator, accounts, app: app(), plugins: [], folder: process.env.E2E_ROOT as string };
    const measurements = await measureStack("pair", measures, conditions, place);

    assert.deepEqual(
      measurements.map(({ measure, calls }) => [measure, calls]),
      [
        ["first up", { listKeys: 2, token: 1 }],
        ["unchanged up", { token: 0 }],
        ["preview of a rotation", { token: 0 }],
        ["rotation", { regenerateKey: 2, token: 1 }],
        ["refresh", { listKeys: 2, token: 1 }],
        ["next rotation", { listKeys: 2, regenerateKey: 2, token: 1 }],
      ],
    );
    for (const { seconds, cpuSeconds, peakMemoryMB, stateBytesPerKey = 0 } of measurements) {
      assert.ok(
        seconds > 0.2 && cpuSeconds > 0.1 && peakMemoryMB > 50,
        `${seconds} s, ${cpuSeconds} s, ${peakMemoryMB} MB`,
      );
      assert.ok(stateBytesPerKey > 1500, `${stateBytesPerKey} bytes`);
    }
  });
});
