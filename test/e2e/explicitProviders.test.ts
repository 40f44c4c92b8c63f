import assert from "node:assert/strict";
import type { ArmCall, Client, Emulator } from "../../emulator/emulator";
import { needsFailedUpdates } from "../support/backends";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { findLeaks } from "../support/leaks";
import {
  configured,
  explicitProvider,
  type Login,
  loginTo,
  noEnvironment,
  pathWithoutAzureCli,
} from "../support/pluginLogin";
import { account, group, name, regenerations, seeded } from "../support/scenario";

const [europe, america] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const clients: Client[] = ["a", "b"].map((letter) => ({
  clientId: `${letter.repeat(8)}-1111-4111-8111-111111111111`,
  clientSecret: `synthetic-secret-of-client-${letter.repeat(12)}`,
}));
const accounts = [
  { subscriptionId: europe, resourceGroup: group, name: "eu" },
  { subscriptionId: america, resourceGroup: group, name: "us" },
];

function operations({ calls }: Emulator, from = 0): string[] {
  return calls.slice(from).map(({ operation }: ArmCall) => operation);
}

/** Which provider each of our resources has in state, by name. */
async function providersOf(stack: Deployment): Promise<Record<string, string>> {
  const { resources } = await stack.state();
  const ours = resources.filter(({ type }) => type.startsWith("cognitive-key-rotation:"));
  return Object.fromEntries(ours.map(({ urn, provider }) => [urn.split("::").pop(), provider.split("::")[3]]));
}

describe("explicit providers", () => {
  it("log in each by its own arguments, to other subscriptions and clouds, also without the program", async () => {
    const emulator = await startEmulator({ accounts, clients });
    const otherCloud = await startEmulator({ accounts: [{ resourceGroup: group, name: "gov" }] });
    const stack = new Deployment(emulator, { environment: noEnvironment(emulator) });
    const program: Program = () => {
      const { ComponentResource, secret } = pulumi();
      const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = plugin.classes();
      const inGroup = (accountName: string) => ({ resourceGroupName: group, accountName });
      const login = loginTo(emulator, clients[0], europe);
      const eu = explicitProvider("eu", { ...login, clientSecret: secret(login.clientSecret) });
      const us = explicitProvider("us", loginTo(emulator, clients[1], america));
      const providers = [explicitProvider("gov", loginTo(otherCloud))];
      const parent = new ComponentResource("test:index:Parent", "parent", {}, { providers });
      return {
        eu: new RotatingCognitiveAccountKeyPair("eu", inGroup("eu"), { provider: eu }).key,
        us: new RotatingCognitiveAccountKey(
          "us",
          { ...inGroup("us"), rotationTrigger: 1, revokeOnDelete: true },
          { provider: us },
        ).key,
        gov: new RotatingCognitiveAccountKeyPair("gov", inGroup("gov"), { parent }).key,
      };
    };
    assert.equal((await stack.preview(program)).steps.create, 4);
    assert.deepEqual([emulator.logins, otherCloud.logins], [[], []], "a preview logs nobody in");

    const { outputs } = await stack.up(program);
    const live = () => emulator.account(group, "us", america).key1;
    assert.equal(outputs.eu.value, emulator.account(group, "eu", europe).key1);
    assert.equal(outputs.us.value, live());
    assert.equal(outputs.gov.value, otherCloud.account(group, "gov").key1);
    assert.deepEqual(
      emulator.logins.map(({ clientId }) => clientId).sort(),
      clients.map(({ clientId }) => clientId),
    );
    assert.equal(otherCloud.logins.length, 1);
    const secrets = [...emulator.secrets, ...otherCloud.secrets];
    assert.deepEqual(findLeaks(await stack.stored(), secrets), [], "also the secret that was given in plaintext");

    await stack.refresh();
    assert.deepEqual(operations(otherCloud), ["listKeys", "listKeys"]);
    const { printed } = await stack.destroy();
    assert.notEqual(live(), outputs.us.value, "the key is revoked with the login that state holds");
    assert.deepEqual(findLeaks(printed, secrets), []);
  });

  it("fail each for itself: a wrong secret stops the resources of its provider, and the message names it", async function () {
    await needsFailedUpdates(this);
    const emulator = await startEmulator({ accounts, clients });
    const stack = new Deployment(emulator, { environment: noEnvironment(emulator) });
    const program =
      (rotationTrigger: string, us: Login = {}): Program =>
      () => {
        const { RotatingCognitiveAccountKey } = plugin.classes();
        const provider = {
          eu: explicitProvider("eu", loginTo(emulator, clients[0], europe)),
          us: explicitProvider("us", { ...loginTo(emulator, clients[1], america), ...us }),
        };
        const key = (accountName: "eu" | "us") =>
          new RotatingCognitiveAccountKey(
            accountName,
            { resourceGroupName: group, accountName, rotationTrigger },
            { provider: provider[accountName] },
          ).key;
        return { eu: key("eu"), us: key("us") };
      };
    await stack.up(program("a"));
    const before = [emulator.account(group, "eu", europe).key1, emulator.account(group, "us", america).key1];
    const wrong = { clientSecret: "synthetic-secret-of-somebody-else" };
    const { printed } = await failing(stack.up(program("b", wrong), { continueOnError: true }));
    assert.match(
      printed,
      /Not rotated: login failed\. The key was not changed\. .*account "us" .*Login failed: AADSTS7000215: .*tried with client secret\. Check the arguments of provider "us", .*\[login-failed\]/,
    );
    assert.doesNotMatch(printed, /account "eu"/);
    assert.deepEqual(findLeaks(printed, [...emulator.secrets, wrong.clientSecret]), []);
    assert.notEqual(emulator.account(group, "eu", europe).key1, before[0]);
    assert.equal(emulator.account(group, "us", america).key1, before[1]);

    const refreshed = await failing(stack.refresh());
    assert.match(refreshed.printed, /Keys not read: login failed\. .*account "us" .*the arguments of provider "us", /);

    const lacking = await failing(stack.up(program("b", { tenantId: undefined })));
    assert.match(
      lacking.printed,
      /Setting missing: tenantId of provider "us" \(or ARM_TENANT_ID\)\. .*\[missing-setting\]/,
    );

    const misspelt = { clientSecrett: "synthetic-secret-in-the-wrong-place" };
    for (const command of ["preview", "up"] as const) {
      const refused = await failing(stack[command](program("b", misspelt)));
      assert.match(
        refused.printed,
        /resource 'us' has a problem: Setting unknown: clientSecrett\. .*\[unknown-setting\]/,
      );
      assert.deepEqual(findLeaks(refused.printed, [misspelt.clientSecrett]), []);
    }

    const { outputs } = await stack.up(program("b"));
    assert.equal(outputs.us.value, emulator.account(group, "us", america).key1);
    assert.equal(regenerations(emulator), 4);
  });

  it("may be made of what another resource of the same deployment gives", async () => {
    const emulator = await startEmulator({ accounts: [...accounts, { resourceGroup: group, name }] });
    const stack = new Deployment(emulator);
    const program: Program = () => {
      const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = plugin.classes();
      const first = new RotatingCognitiveAccountKey("first", { resourceGroupName: group, accountName: "eu" });
      const { clientSecret, ...login } = loginTo(emulator);
      const provider = explicitProvider("late", {
        ...login,
        clientSecret: first.key.apply(() => clientSecret),
        subscriptionId: first.subscriptionId,
      });
      const where = { resourceGroupName: group, accountName: "us", subscriptionId: america };
      const { key } = new RotatingCognitiveAccountKeyPair("late", where, { provider });
      return { key };
    };
    assert.deepEqual((await stack.preview(program)).steps, { create: 2 });
    assert.deepEqual([emulator.calls, emulator.logins], [[], []]);
    assert.equal((await stack.up(program)).outputs.key.value, emulator.account(group, "us", america).key1);
    assert.deepEqual((await stack.up(program)).steps, { same: 2 });
    assert.deepEqual(operations(emulator), ["listKeys", "listKeys"]);
    assert.deepEqual(findLeaks(await stack.stored(), emulator.secrets), []);
  });

  it("take resources over from the default one and give them back without a step, and never move them", async () => {
    const emulator = await startEmulator({ ...seeded, subscriptions: [europe, america] });
    const stack = new Deployment(emulator, {
      environment: noEnvironment(emulator),
      config: configured(plugin.namespace, loginTo(emulator)),
    });
    const program =
      (rotationTrigger: string, login?: Login): Program =>
      () => {
        const provider = login && explicitProvider("explicit", login);
        const where = { resourceGroupName: group, accountName: name };
        const { key } = new (plugin.classes().RotatingCognitiveAccountKeyPair)(
          "pair",
          { ...where, rotationTrigger, minimumOverlap: "PT0S" },
          { provider },
        );
        return { key };
      };
    await stack.up(program("a"));
    assert.deepEqual(await providersOf(stack), { pair: "default" });
    assert.deepEqual(findLeaks(await stack.stored(), emulator.secrets), []);
    const before = emulator.calls.length;
    const elsewhere = loginTo(emulator, emulator.clients[0], america);
    for (const command of ["preview", "up"] as const) {
      assert.deepEqual((await stack[command](program("a", elsewhere))).steps, { same: 1 });
    }
    assert.deepEqual(await providersOf(stack), { pair: "explicit" });
    assert.equal(emulator.calls.length, before);
    assert.equal((await stack.up(program("b", elsewhere))).outputs.key.value, account(emulator).key2);
    assert.equal(emulator.calls.at(-1)?.subscriptionId, europe, "the one in state, not the provider's");
    const rotated = emulator.calls.length;
    assert.deepEqual((await stack.up(program("b"))).steps, { same: 1 });
    assert.deepEqual(await providersOf(stack), { pair: "default" });
    assert.equal((await stack.refresh()).steps.refresh, 1);
    assert.deepEqual(operations(emulator, rotated), ["listKeys"]);
  });

  it("see in one deployment that another one publishes a key of the same account", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program =
      (rotationTrigger?: string): Program =>
      () => {
        const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = plugin.classes();
        const args = { resourceGroupName: group, accountName: name, rotationTrigger };
        const single = new RotatingCognitiveAccountKey("single", args);
        const provider = explicitProvider("other");
        const opts = { provider, dependsOn: single };
        new RotatingCognitiveAccountKeyPair("pair", { ...args, minimumOverlap: "PT0S" }, opts);
        return { key: single.key };
      };
    assert.deepEqual((await stack.up(program())).steps, { create: 2 });
    const { printed } = await failing(stack.up(program("a")));
    assert.match(printed, /Not rotated: two resources, one account\. .*\[two-resources\]/);
    assert.equal(regenerations(emulator), 1, "of the single key, and not of the pair");
  });
});

describe("without a login of its own", () => {
  it("the plugin says which settings to set, and that it does not read azure-native's", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator, {
      environment: { ...noEnvironment(emulator), PATH: pathWithoutAzureCli() },
      config: configured("azure-native", loginTo(emulator)),
    });
    const program =
      (provider?: string): Program =>
      () => {
        const { RotatingCognitiveAccountKeyPair } = plugin.classes();
        const where = { resourceGroupName: group, accountName: name };
        const opts = { provider: provider === undefined ? undefined : explicitProvider(provider) };
        new RotatingCognitiveAccountKeyPair("pair", where, opts);
        return {};
      };
    assert.deepEqual((await stack.preview(program())).steps, { create: 1 });
    for (const [provider, remedy] of [
      [
        undefined,
        /Or set cognitive-key-rotation:clientId, .* The plugin does not read azure-native:\*\. .*\[azure-cli\]/,
      ],
      [
        "empty",
        /Or set clientId, clientSecret .* of provider "empty"\. An explicit provider does not read azure-native:\* or cognitive-key-rotation:\*\. .*\[azure-cli\]/,
      ],
    ] as const) {
      assert.match((await failing(stack.up(program(provider)))).printed, remedy);
    }
    await stack.configure(configured(plugin.namespace, loginTo(emulator)));
    assert.deepEqual((await stack.up(program())).steps, { create: 1 });
    await stack.configure({ "cognitive-key-rotation:clientSecrett": { value: "synthetic-misspelt", secret: true } });
    const { printed } = await failing(stack.preview(program()));
    assert.match(
      printed,
      /resource 'default' has a problem: Setting unknown: clientSecrett\. Did you mean clientSecret\?/,
    );
    assert.doesNotMatch(printed, /synthetic-misspelt/);
  });
});
