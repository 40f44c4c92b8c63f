import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findTerraform, terraformEnvironment } from "../../bench/terraform";
import { configurationOf } from "../../bench/terraformStack";

describe("the comparison with Terraform", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "terraform-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A file that plays Terraform. */
  function standIn(script: string): string {
    const file = join(folder, "terraform");
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it("says what to install or to set where Terraform or azapi is missing", async () => {
    assert.match(String(await findTerraform({ PATH: folder })), /no `terraform` on PATH.*TERRAFORM/);
    standIn("exit 0");
    assert.match(
      String(await findTerraform({ PATH: folder })),
      /^AZAPI_PLUGIN_DIR is not set\. .*providers mirror DIR/,
    );
    const missing = { TERRAFORM: join(folder, "missing"), AZAPI_PLUGIN_DIR: folder };
    assert.match(String(await findTerraform(missing)), /^Terraform does not work: .*missing/);
  });

  it("says that the folder holds no azapi for this machine, with Terraform's own words", async () => {
    const TERRAFORM = standIn('[ "$1" = version ] || { echo "no available releases" >&2; exit 1; }');
    const found = await findTerraform({ TERRAFORM, AZAPI_PLUGIN_DIR: folder });
    assert.match(String(found), /^AZAPI_PLUGIN_DIR \(.*\) has no azapi that works here\. .*no available releases/s);
  });

  it("tells the versions of what it has found, of which the folder holds one", async () => {
    const answer = '{"terraform_version":"1.2.3","provider_selections":{"registry.terraform.io/azure/azapi":"4.5.6"}}';
    const TERRAFORM = standIn(`[ "$2" != -json ] || echo '${answer}'`);
    assert.deepEqual(await findTerraform({ TERRAFORM, AZAPI_PLUGIN_DIR: folder }), {
      command: TERRAFORM,
      plugins: folder,
      versions: { Terraform: "1.2.3", azapi: "4.5.6" },
    });
  });

  it("keeps the settings of its user away", () => {
    process.env.TF_CLI_ARGS = "-destroy";
    try {
      const { TF_CLI_ARGS, TF_CLI_CONFIG_FILE } = terraformEnvironment("/plugins", folder);
      assert.deepEqual([TF_CLI_ARGS, TF_CLI_CONFIG_FILE], [undefined, join(folder, "terraform.rc")]);
    } finally {
      delete process.env.TF_CLI_ARGS;
    }
  });

  it("rotates the first slot of each account by one trigger", () => {
    const ids = ["one", "two"].map((name) => `/subscriptions/s/resourceGroups/g/providers/x/accounts/${name}`);
    const text = configurationOf(ids);
    assert.ok(text.includes(`for_each               = toset(${JSON.stringify(ids)})\n`), text);
    assert.deepEqual(text.match(/^(?:resource|variable) .*(?= \{$)/gm), [
      'variable "rotation_trigger"',
      'resource "terraform_data" "rotation"',
      'resource "azapi_resource_action" "key"',
    ]);
    for (const line of [
      'action                 = "regenerateKey"',
      'body                   = { keyName = "Key1" }',
      "replace_triggered_by = [terraform_data.rotation]",
    ]) {
      assert.ok(text.includes(line), line);
    }
  });
});
