import assert from "node:assert/strict";
import { ContainerApps } from "../../../emulator/azureNative/containerApps";
import { startEmulator } from "../../support/emulator";
import { Examples } from "../../support/examples";
import { findLeaks } from "../../support/leaks";
import { account, group, name, seeded, statusWith } from "../../support/scenario";

const appGroup = "rg-apps";
const appName = "my-app";

describe("examples/container-app", () => {
  it("starts a new revision with the new key when the producer has rotated, and none otherwise", async () => {
    const apps = new ContainerApps();
    const revisions = () => apps.revisions(appGroup, appName);
    const emulator = await startEmulator({ ...seeded, operations: apps.operations });
    const examples = await Examples.start(emulator);
    const producer = examples.stack("producer", { resourceGroupName: group, accountName: name });
    const published = (await producer.up()).outputs;
    const endpoint = emulator.endpoint(group, name);
    const stack = examples.stack("container-app", {
      producer: producer.reference,
      endpoint,
      resourceGroupName: appGroup,
      environmentId: `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/${appGroup}/providers/Microsoft.App/managedEnvironments/my-environment`,
      containerAppName: appName,
      location: "eastus",
    });

    const calls = emulator.calls.length;
    assert.deepEqual((await stack.preview()).steps, { create: 1 });
    assert.equal(emulator.calls.length, calls, "a preview makes no call");
    const created = await stack.up();
    assert.deepEqual(created.steps, { create: 1 });
    const [first] = revisions();
    assert.deepEqual(first.environment, {
      AZURE_OPENAI_ENDPOINT: endpoint,
      AZURE_OPENAI_API_KEY: account(emulator).key1,
      KEY_FINGERPRINT: published.keyFingerprint.value,
    });
    assert.deepEqual(created.outputs, {
      keyFingerprint: { value: published.keyFingerprint.value, secret: false },
      revision: { value: first.name, secret: false },
    });

    await producer.configure({ rotationTrigger: "2026-11" });
    const rotated = (await producer.up()).outputs;
    assert.deepEqual(revisions(), [first]);
    assert.equal(await statusWith(emulator, first.environment.AZURE_OPENAI_API_KEY), 200, "until its own up");
    const rotation = emulator.calls.length;
    assert.deepEqual((await stack.preview()).steps, { update: 1 });
    assert.equal(emulator.calls.length, rotation, "a preview makes no call");

    const updated = await stack.up();
    assert.deepEqual(updated.steps, { update: 1 });
    assert.equal(revisions().length, 2);
    const [, second] = revisions();
    assert.equal(updated.outputs.revision.value, second.name);
    assert.equal(updated.outputs.keyFingerprint.value, rotated.keyFingerprint.value);
    assert.deepEqual(second.environment, {
      ...first.environment,
      AZURE_OPENAI_API_KEY: account(emulator).key2,
      KEY_FINGERPRINT: rotated.keyFingerprint.value,
    });
    for (const { environment } of revisions()) {
      assert.equal(
        await statusWith(emulator, environment.AZURE_OPENAI_API_KEY),
        200,
        "while one takes over from the other",
      );
    }

    assert.deepEqual((await stack.up()).steps, { same: 1 });
    assert.equal(revisions().length, 2);

    assert.deepEqual((await stack.destroy()).steps, { delete: 1 });
    assert.deepEqual(revisions(), []);
    assert.deepEqual(findLeaks(examples.printed, emulator.secrets), []);
    assert.deepEqual(findLeaks(examples.files, emulator.secrets), []);
  });
});
