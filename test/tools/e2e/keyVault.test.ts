import assert from "node:assert/strict";
import { VaultSecrets } from "../../../emulator/azureNative/vaultSecrets";
import type { Emulator } from "../../../emulator/emulator";
import { startEmulator } from "../../support/emulator";
import { Examples } from "../../support/examples";
import { findLeaks } from "../../support/leaks";
import { account, group, name, regenerations, seeded, statusWith } from "../../support/scenario";

const vaultGroup = "rg-vaults";
const vaultName = "my-vault";

async function start() {
  const secrets = new VaultSecrets();
  const emulator = await startEmulator({ ...seeded, operations: secrets.operations, keyLag: 500 });
  const examples = await Examples.start(emulator);
  const stack = examples.stack("key-vault", {
    resourceGroupName: group,
    accountName: name,
    vaultName,
    vaultResourceGroupName: vaultGroup,
    acceptanceUrl: `${emulator.endpoint(group, name)}openai/models`,
  });
  return { emulator, secrets, examples, stack };
}

const versions = (secrets: VaultSecrets) => secrets.versions(vaultGroup, vaultName, "ai-key");
const values = (secrets: VaultSecrets) => versions(secrets).map(({ value }) => value);

function operations({ calls }: Emulator, from = 0): string[] {
  return calls.slice(from).map(({ operation }) => operation);
}

describe("examples/key-vault", () => {
  it("keeps the live key in the secret, and whoever has read the one before can go on", async () => {
    const { emulator, secrets, examples, stack } = await start();

    assert.deepEqual((await stack.preview()).steps, { create: 2 });
    assert.deepEqual([...emulator.calls, ...emulator.logins], [], "a preview calls nobody");

    const created = await stack.up();
    const { key1, key2 } = account(emulator).keys;
    assert.deepEqual(created.steps, { create: 2 });
    assert.deepEqual(operations(emulator), ["listKeys", "vault.putSecret"]);
    const { secretUri, keyFingerprint, keyName } = created.outputs;
    assert.deepEqual(secretUri, { value: `https://${vaultName}.vault.example/secrets/ai-key`, secret: false });
    const [version] = versions(secrets);
    assert.deepEqual(version.tags, { keyName: keyName.value, keyFingerprint: keyFingerprint.value });
    const held = secrets.read(secretUri.value);
    assert.equal(held, key1);

    const calls = emulator.calls.length;
    await stack.configure({ rotationTrigger: "2026-11" });
    assert.deepEqual((await stack.preview()).steps, { update: 2 });

    const rotated = await stack.up();
    assert.deepEqual(rotated.steps, { update: 2 });
    assert.deepEqual(
      operations(emulator, calls),
      ["listKeys", "regenerateKey", "vault.putSecret"],
      "none of them by the preview",
    );
    assert.notEqual(account(emulator).key2, key2);
    assert.deepEqual(values(secrets), [key1, account(emulator).key2]);
    assert.deepEqual(rotated.outputs.secretUri, secretUri, "readers do not have to be told");
    assert.notEqual(rotated.outputs.keyFingerprint.value, keyFingerprint.value);
    assert.equal(await statusWith(emulator, held), 200, "what a service has read before");
    assert.equal(await statusWith(emulator, secrets.read(secretUri.value)), 200);
    assert.ok(
      emulator.dataPlaneCalls.some(({ status, keyName }) => status === 401 && keyName === "Key2"),
      "not at once",
    );
    assert.equal(secrets.read(version.uri), key1, "the older version");

    const written = emulator.calls.length;
    assert.deepEqual((await stack.up()).steps, { same: 2 });
    assert.deepEqual(operations(emulator, written), []);

    assert.deepEqual((await stack.destroy()).steps, { delete: 2 });
    assert.deepEqual(values(secrets), []);
    for (const key of [key1, account(emulator).key2]) assert.equal(await statusWith(emulator, key), 200);
    assert.match(examples.printed, /\+\+? {1,}azure-native:keyvault:Secret/, "there was something to search");
    assert.deepEqual(findLeaks(examples.printed, emulator.secrets), []);
    assert.deepEqual(findLeaks(examples.files, emulator.secrets), []);
  });

  it("writes the key of a rotation whose secret could not be written with the next up, and rotates no second time", async () => {
    const { emulator, secrets, stack } = await start();
    await stack.up();
    const { key1 } = account(emulator);
    await stack.configure({ rotationTrigger: "2026-11" });
    const error = { code: "AuthorizationFailed", message: "The service's own words." };
    emulator.fault = ({ operation }) =>
      operation === "vault.putSecret"
        ? { strikes: "beforeEffect", outcome: { status: 403, body: { error } } }
        : undefined;

    await assert.rejects(stack.up(), /AuthorizationFailed/);
    assert.deepEqual(values(secrets), [key1]);
    assert.equal(await statusWith(emulator, key1), 200, "what is still in the vault");

    emulator.fault = undefined;
    const calls = emulator.calls.length;
    assert.deepEqual((await stack.up()).steps, { same: 1, update: 1 });
    assert.deepEqual(operations(emulator, calls), ["vault.putSecret"]);
    assert.deepEqual(values(secrets), [key1, account(emulator).key2]);
    assert.equal(regenerations(emulator), 1);

    await stack.configure({ rotationTrigger: "2026-12" });
    await assert.rejects(stack.preview(), /minimumOverlap \(PT25H\).*\[too-soon\]/);
  });
});
