import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { needsFailedUpdates } from "../support/backends";
import { Deployment, failing, library, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { dynamic, plugin } from "../support/forms";
import { account, group, keyProgram, name, pairProgram, regenerations, seeded, urn } from "../support/scenario";

const temporaryFolder = () => mkdtempSync(join(process.env.E2E_ROOT as string, "temporary-"));

/** Options whose transform the engine applies, after the program has handed the resource over. */
function transformed(option: "version" | "pluginDownloadURL"): CustomResourceOptions {
  const more = { [option]: option === "version" ? "1.2.3" : "https://host.example" };
  return { transforms: [({ props, opts }) => ({ props, opts: { ...opts, ...more } })] };
}

/** A provider of the package of dynamic resources, as a program must write it. */
function dynamicProvider(settings: Record<string, unknown> = {}) {
  class DynamicProvider extends pulumi().ProviderResource {
    constructor() {
      super("pulumi-nodejs", "dynamic", settings);
    }
  }
  return new DynamicProvider();
}

/** How many providers of dynamic resources are in state, each with a process of its own. */
async function providers(stack: Deployment): Promise<number> {
  const { resources } = await stack.state();
  return resources.filter(({ type }) => type === "pulumi:providers:pulumi-nodejs").length;
}

describe("a second provider process of a deployment", () => {
  it("never ends a key that another one publishes: taken over by a pair, adopted anew, --replace", async () => {
    const names = ["by-pair", "by-key", "by-url", "by-provider", "replaced", "own"];
    const emulator = await startEmulator({ accounts: names.map((one) => ({ resourceGroup: group, name: one })) });
    const temporary = temporaryFolder();
    const stack = new Deployment(emulator, { environment: { TMPDIR: temporary } });
    const where = (accountName: string) => ({ resourceGroupName: group, accountName });
    const live = (accountName: string) => emulator.account(group, accountName).key1;
    const revoking = (accountName: string) =>
      new (library().RotatingCognitiveAccountKey)(accountName, {
        ...where(accountName),
        rotationTrigger: "a",
        revokeOnDelete: true,
      });
    const before: Program = () => Object.fromEntries(names.map((one) => [one, revoking(one).key]));
    const { outputs: held } = await stack.up(before);

    const after: Program = () => {
      const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = library();
      return {
        "by-pair": new RotatingCognitiveAccountKeyPair("pair", where("by-pair"), transformed("version")).key,
        "by-key": new RotatingCognitiveAccountKey("anew", where("by-key"), transformed("version")).key,
        "by-url": new RotatingCognitiveAccountKey("anew-url", where("by-url"), transformed("pluginDownloadURL")).key,
        "by-provider": new RotatingCognitiveAccountKeyPair("explicit", where("by-provider"), {
          provider: dynamicProvider(),
        }).key,
        replaced: new RotatingCognitiveAccountKey("replaced", where("replaced"), transformed("version")).key,
      };
    };
    const { order, outputs, printed } = await stack.up(after, {
      replace: [urn(stack, "RotatingCognitiveAccountKey", "replaced")],
    });
    assert.equal(
      await providers(stack),
      3,
      "two by transforms and the explicit one; the default one has nothing left to serve",
    );
    for (const one of names.filter((other) => other !== "own")) {
      assert.ok(
        order.some((step) => new RegExp(`^delete(-replaced)? ${one}$`).test(step)),
        one,
      );
      assert.equal(outputs[one].value, held[one].value, `${one}: the published key is the one that consumers hold`);
      assert.equal(outputs[one].value, live(one), `${one}: and is live`);
      assert.match(printed, new RegExp(`Not revoked: .*account "${one}" .*\\[not-revoked-in-use\\]`));
    }
    assert.notEqual(live("own"), held.own.value, "a key that nobody publishes any more is revoked");
    assert.equal(regenerations(emulator), names.length + 1);

    const [folder] = readdirSync(temporary).filter((entry) => entry.startsWith("pulumi-cognitive-key-rotation-"));
    const files = readdirSync(join(temporary, folder));
    const deployments = new Set(files.map((file) => file.split("-")[0]));
    assert.equal(deployments.size, 2, `each up has left something, for a day: ${files}`);
    for (const file of files) {
      assert.match(
        readFileSync(join(temporary, folder, file), "utf8"),
        /^((used|rotated|shared|reserved) [0-9a-f]{64}\n)*$/,
      );
    }
  });

  it("renews no key of an account whose keys another one publishes", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const program =
      (trigger: string): Program =>
      () => {
        const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = library();
        const where = { resourceGroupName: group, accountName: name };
        const single = new RotatingCognitiveAccountKey("single", where);
        const pair = new RotatingCognitiveAccountKeyPair(
          "pair",
          { ...where, rotationTrigger: trigger, minimumOverlap: "PT0S" },
          { provider: dynamicProvider(), dependsOn: single },
        );
        return { single: single.key, pair: pair.key };
      };
    await stack.up(program("a"));
    const { printed } = await failing(
      stack.up(program("b"), { replace: [urn(stack, "RotatingCognitiveAccountKey", "single")] }),
    );
    assert.match(printed, /Not rotated: .*\[two-resources\]/);
    assert.equal(regenerations(emulator), 0);
  });

  for (const [first, second] of [
    [dynamic, plugin],
    [plugin, dynamic],
  ]) {
    it(`sees what one of the other form does, ${second.name} after ${first.name}`, async function () {
      await needsFailedUpdates(this);
      const names = ["own", "taken-over", "shared"];
      const emulator = await startEmulator({ accounts: names.map((one) => ({ resourceGroup: group, name: one })) });
      const stack = new Deployment(emulator);
      const where = (accountName: string) => ({ resourceGroupName: group, accountName });
      const live = (accountName: string) => emulator.account(group, accountName).key1;
      const shared = (rotationTrigger?: string) => {
        const { RotatingCognitiveAccountKey } = first.classes();
        const { RotatingCognitiveAccountKeyPair } = second.classes();
        const single = new RotatingCognitiveAccountKey("single", { ...where("shared"), rotationTrigger });
        const args = { ...where("shared"), rotationTrigger, minimumOverlap: "PT0S" };
        new RotatingCognitiveAccountKeyPair("pair", args, { dependsOn: single });
        return { shared: single.key };
      };
      const before: Program = () => {
        const { RotatingCognitiveAccountKey } = first.classes();
        const revoking = ["own", "taken-over"].map((one): [string, unknown] => {
          const args = { ...where(one), rotationTrigger: "a", revokeOnDelete: true };
          return [one, new RotatingCognitiveAccountKey(one, args).key];
        });
        return { ...Object.fromEntries(revoking), ...shared() };
      };
      const { outputs: held } = await stack.up(before);

      const after: Program = () => {
        const { RotatingCognitiveAccountKeyPair } = second.classes();
        const { key } = new RotatingCognitiveAccountKeyPair("anew", where("taken-over"));
        return { "taken-over": key, ...shared() };
      };
      const { outputs, printed } = await stack.up(after);
      assert.deepEqual(outputs["taken-over"], held["taken-over"]);
      assert.equal(outputs["taken-over"].value, live("taken-over"), "what is published is live");
      assert.match(printed, /Not revoked: .*account "taken-over" .*\[not-revoked-in-use\]/);
      assert.notEqual(live("own"), held.own.value, "a key that nobody publishes any more is revoked");

      const calls = regenerations(emulator);
      const refused = await failing(stack.up(() => shared("b")));
      assert.match(refused.printed, /Not rotated: two resources, one account\. .*\[two-resources\]/);
      assert.equal(regenerations(emulator), calls + 1, "of the single key, and not of the pair");
      assert.equal((await stack.outputs()).shared.value, live("shared"));
    });
  }

  it("is seen anew by each command: a preview takes no slot from the update that follows it", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const revoking = keyProgram({ rotationTrigger: "a", revokeOnDelete: true });
    const { outputs } = await stack.up(revoking);
    await stack.preview(revoking);
    await stack.destroy();
    assert.notEqual(account(emulator).key1, outputs.key.value, "revoked, although the preview has declared the slot");
  });
});

describe("an explicit provider for dynamic resources", () => {
  it("serves where the stack has no default providers, with the login in its arguments, by a parent or as an option", async function () {
    await needsFailedUpdates(this);
    const emulator = await startEmulator(seeded);
    const { ARM_CLIENT_SECRET } = emulator.environment();
    const stack = new Deployment(emulator, {
      environment: { ARM_CLIENT_SECRET: undefined, PATH: process.env.PATH },
      config: {
        "pulumi:disable-default-providers": { value: '["*"]' },
        "azure-native:clientSecret": { value: ARM_CLIENT_SECRET, secret: true },
      },
    });
    assert.match((await failing(stack.up(pairProgram()))).printed, /Default provider for 'pulumi-nodejs' disabled/);

    const inherited =
      (settings: () => Record<string, unknown>, trigger: string): Program =>
      () => {
        const providers = [dynamicProvider(settings())];
        const parent = new (pulumi().ComponentResource)("test:index:Parent", "parent", {}, { providers });
        return pairProgram({ rotationTrigger: trigger, minimumOverlap: "PT0S" }, { parent })();
      };
    const withoutLogin = await failing(stack.up(inherited(() => ({}), "a")));
    assert.match(withoutLogin.printed, /variables: azure-native:clientSecret\. \[unreached-configuration\]/);
    assert.match(withoutLogin.printed, /Keys not read: login failed\. .*listKeys of account .*\[azure-cli\]/);

    const login = () => ({ "azure-native:clientSecret": pulumi().secret(ARM_CLIENT_SECRET) });
    const { steps, outputs, printed } = await stack.up(inherited(login, "a"));
    assert.equal(steps.create, 1);
    assert.equal(outputs.key.value, account(emulator).key1);
    assert.doesNotMatch(printed, /\[unreached-configuration\]/);
    assert.ok(!(await stack.stored()).includes(ARM_CLIENT_SECRET), "the login is encrypted in state");

    const given: Program = () =>
      pairProgram(
        { rotationTrigger: "b", minimumOverlap: "PT0S" },
        {
          provider: dynamicProvider(login()),
          aliases: [{ parent: `urn:pulumi:${stack.name}::producer::test:index:Parent::parent` }],
        },
      )();
    assert.equal((await stack.up(given)).outputs.key.value, account(emulator).key2);
    assert.equal((await stack.up(given)).steps.same, 1);
    await stack.refresh();
    await stack.destroy();
    assert.equal(regenerations(emulator), 1);
  });

  it("takes resources over from the default one, and gives them back, without a step or a call", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const explicit: Program = () => pairProgram({ rotationTrigger: "a" }, { provider: dynamicProvider() })();
    await stack.up(pairProgram({ rotationTrigger: "a" }));
    const calls = emulator.calls.length;
    for (const program of [explicit, pairProgram({ rotationTrigger: "a" })]) {
      for (const { order } of [await stack.preview(program), await stack.up(program)]) {
        assert.deepEqual([...new Set(order)], ["same pair"]);
      }
    }
    assert.equal(emulator.calls.length, calls);
  });
});
