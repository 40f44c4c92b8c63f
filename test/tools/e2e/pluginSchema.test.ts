import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageSchema } from "../../../plugin/packageSchema";
import { runChild } from "../../../scripts/childProcess";

describe("the plugin's schema", () => {
  it("passes the check of the Pulumi CLI, as the plugin gives it", async () => {
    const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "schema-"));
    const file = join(folder, "schema.json");
    writeFileSync(file, JSON.stringify(packageSchema));
    const env = { ...process.env, PULUMI_HOME: folder, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { code, stdout, stderr } = await runChild("pulumi", ["schema", "check", file], { env });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  });
});
