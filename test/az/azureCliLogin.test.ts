import assert from "node:assert/strict";
import type { Emulator } from "../../emulator/emulator";
import { KeyError } from "../../provider/keyError";
import { KeyPairHandler } from "../../provider/keyPair";
import { twoClouds } from "../../provider/words";
import { Deployment, failing } from "../support/deployment";
import { EmulatedProvider } from "../support/emulatedProvider";
import { startEmulator } from "../support/emulator";
import { findLeaks } from "../support/leaks";
import { account, group, name, pairProgram, regeneratedSlots, seeded } from "../support/scenario";
import { dynamicWay } from "../support/waysIn";
import { AzureCliUser } from "./azureCli";

/** Two service principals may log in, of which the Azure CLI is the second. */
const clients = ["11111111-2222-4333-8444-000000000001", "11111111-2222-4333-8444-000000000002"].map((clientId) => ({
  clientId,
  clientSecret: `synthetic secret of ${clientId}`,
}));
const [, cliClient] = clients;
const where = ["--resource-group", group, "--name", name];
const inputs = { resourceGroupName: group, accountName: name };

describe("the login of the real Azure CLI", () => {
  before(() => {
    // A login of whoever runs the tests would come before that of the Azure CLI.
    for (const variable of Object.keys(process.env)) {
      if (/^(ARM|AZURE)_/.test(variable)) delete process.env[variable];
    }
  });

  it("carries a stack through its life, and what az itself renews in between is found by a refresh", async () => {
    const emulator = await startEmulator({ ...seeded, clients });
    const user = await AzureCliUser.at(emulator);
    await user.login(emulator, cliClient);
    const printed: string[] = [];
    const stack = new Deployment(emulator, {
      config: { "azure-native:metadataHost": { value: new URL(emulator.url).host } },
      environment: { ...nothing(emulator), ...user.environment },
      watch: (_source, text) => printed.push(text),
    });
    const program = (rotationTrigger: string) => pairProgram({ rotationTrigger, minimumOverlap: "PT0S" });
    const keysAsAzSeesThem = () => user.do("cognitiveservices", "account", "keys", "list", ...where);
    const { key1 } = account(emulator);

    const first = await stack.up(program("2026-10"));
    assert.deepEqual(first.outputs.key, { value: key1, secret: true });
    const rotated = await stack.up(program("2026-11"));
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    assert.deepEqual(await keysAsAzSeesThem(), { key1, key2: rotated.outputs.key.value });

    await user.do("cognitiveservices", "account", "keys", "regenerate", ...where, "--key-name", "key2");
    assert.notEqual(account(emulator).key2, rotated.outputs.key.value);
    assert.deepEqual((await stack.refresh()).steps, { refresh: 1 });
    const republished = await stack.up(program("2026-11"));
    assert.deepEqual(republished.outputs.key.value, account(emulator).key2);
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key2"], "the second is az's own");

    await user.az("logout");
    const refused = await failing(stack.up(program("2026-12")));
    assert.match(refused.printed, /Not logged in: .*\(Please run 'az login' to setup account\)\. .*\[azure-cli\]/);
    assert.equal(regeneratedSlots(emulator).length, 2);
    assert.deepEqual((await stack.destroy()).steps, { delete: 1 });

    assert.deepEqual(new Set(emulator.logins.map(({ clientId }) => clientId)), new Set([cliClient.clientId]));
    assert.deepEqual(findLeaks(printed.join(""), emulator.secrets), []);
  });

  it("gives many resources their subscription, cloud and token, each asked for once", async () => {
    const { provider, user } = await loggedIn({
      accounts: ["one", "two", "three"].map((name) => ({ resourceGroup: group, name })),
    });
    const { emulator } = provider;
    const logins = emulator.logins.length;

    await user.lend(async () => {
      const pairs = new KeyPairHandler(provider.process(onlyTheCloud(emulator)));
      const adopted = await Promise.all(
        ["one", "two", "three"].map((accountName) => pairs.create({ ...inputs, accountName })),
      );
      for (const { outs } of adopted) {
        assert.equal(outs.subscriptionId, emulator.subscriptions[0]);
        assert.equal(outs.key, emulator.account(group, outs.accountName as string).key1);
      }
    });
    const ours = user.commands.filter((command) => command.startsWith("account_"));
    assert.deepEqual(ours, ["account_get-access-token", "account_show"]);
    assert.equal(emulator.logins.length, logins, "the token is the one that az had from its own login");
  });

  it("is taken for the configured subscription too, and refused for one that az does not know", async () => {
    const { provider, user } = await loggedIn();
    const { emulator } = provider;
    const create = (ARM_SUBSCRIPTION_ID: string) =>
      new KeyPairHandler(provider.process({ ...onlyTheCloud(emulator), ARM_SUBSCRIPTION_ID })).create(inputs);

    await user.lend(async () => {
      assert.equal((await create(emulator.subscriptions[0])).outs.key, provider.account.key1);
      const calls = emulator.calls.length;
      const message = await messageOf(create("22222222-2222-4222-8222-222222222222"));
      assert.match(message, /Not logged in: .*\(Subscription '22222222-2222-.+' not found\)\. .*\[azure-cli\]$/);
      assert.equal(emulator.calls.length, calls);
    });
  });

  it("is refused for another cloud than the configured one, before anything is sent to either", async () => {
    const elsewhere = await startEmulator({ ...seeded, clients });
    const user = await AzureCliUser.at(elsewhere, "Elsewhere");
    await user.login(elsewhere);
    const provider = await EmulatedProvider.start({ clients });
    const calls = elsewhere.calls.length;

    await user.lend(async () => {
      const byHost = provider.process(onlyTheCloud(provider.emulator));
      const byName = provider.process({ ...nothing(provider.emulator), ARM_ENVIRONMENT: "usgovernment" });
      for (const [context, cloud] of [
        [byHost, "Emulator"],
        [byName, "AzureUSGovernment"],
      ] as const) {
        const message = await messageOf(new KeyPairHandler(context).create(inputs));
        assert.ok(message.includes(twoClouds(dynamicWay, cloud, "Elsewhere")), message);
      }
    });
    assert.deepEqual([provider.emulator.calls, provider.emulator.logins], [[], []]);
    assert.deepEqual([elsewhere.calls.length, elsewhere.logins.length], [calls, 1]);
  });

  it("that nobody has made, or that has ended, is an error in the words of az", async () => {
    const provider = await EmulatedProvider.start({ clients });
    const { emulator } = provider;
    const user = await AzureCliUser.at(emulator);
    await user.login(emulator, cliClient);
    await user.do("logout");

    const message = await user.lend(() =>
      messageOf(new KeyPairHandler(provider.process(onlyTheCloud(emulator))).create(inputs)),
    );
    assert.match(
      message,
      /^Not logged in: .*\(Please run 'az login' to setup account\)\. .*account "my-account" .*\[azure-cli\]$/,
    );
    assert.equal(emulator.calls.filter(({ operation }) => operation === "listKeys").length, 0);
  });

  it("whose secret has expired must be made anew, and the error says so", async () => {
    // The CLI's login library renews a token in its last five minutes.
    const { provider, user } = await loggedIn({ tokenLifetime: 240 });
    const { emulator } = provider;
    const error_description = "AADSTS7000222: The provided client secret keys for app are expired.";
    provider.fault = ({ operation }) =>
      operation === "token"
        ? { strikes: "beforeEffect", outcome: { status: 401, body: { error: "invalid_client", error_description } } }
        : undefined;

    const message = await user.lend(() =>
      messageOf(new KeyPairHandler(provider.process(onlyTheCloud(emulator))).create(inputs)),
    );
    assert.match(
      message,
      /^Keys not read: login failed\. .*listKeys of account .*: Login failed: Please run 'az login' from.* with Azure CLI\. .*\[login-failed\]$/,
    );
    assert.equal(emulator.calls.filter(({ operation }) => operation === "listKeys").length, 0);
  });
});

/** An emulator, and the Azure CLI logged in to it as the second client. */
async function loggedIn(
  options: Parameters<typeof EmulatedProvider.start>[0] = {},
): Promise<{ provider: EmulatedProvider; user: AzureCliUser }> {
  const provider = await EmulatedProvider.start({ clients, ...options });
  const user = await AzureCliUser.at(provider.emulator);
  await user.login(provider.emulator, cliClient);
  return { provider, user };
}

/** The variables of the emulator, blank: nothing is configured. */
function nothing(emulator: Emulator): Record<string, string> {
  return Object.fromEntries(Object.keys(emulator.environment()).map((variable) => [variable, ""]));
}

/** The same, but for the host that describes the cloud. */
function onlyTheCloud(emulator: Emulator): Record<string, string> {
  return { ...nothing(emulator), ARM_METADATA_HOSTNAME: new URL(emulator.url).host };
}

/** The message of an error that is meant for people. */
async function messageOf(doing: Promise<unknown>): Promise<string> {
  const error = await doing.then(
    () => undefined,
    (thrown) => thrown,
  );
  assert.ok(error instanceof KeyError, `a KeyError was expected, and came: ${error}`);
  return error.message;
}
