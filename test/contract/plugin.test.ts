import assert from "node:assert/strict";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Emulator } from "../../emulator/emulator";
import { version } from "../../package.json";
import { codeOf } from "../../provider/words";
import { startEmulator } from "../support/emulator";
import { account, group, name, regenerations, seeded } from "../support/scenario";
import { FakeEngine } from "./fakeEngine";
import {
  CallError,
  failureOf,
  type Kind,
  type Method,
  type PluginClient,
  type Properties,
  secret,
  settingsOf,
  startPlugin,
  struct,
  unknown,
  urnOf,
} from "./pluginClient";

const where = { resourceGroupName: group, accountName: name };
const kinds = ["key", "pair"] as const satisfies readonly Kind[];
const dayMs = 86_400_000;

/** The outputs of an account's key as they are kept in state, here with keys that no emulator has. */
function stored(kind: Kind, others: Properties = {}): Properties {
  const subscriptionId = "11111111-1111-4111-8111-111111111111";
  const common = { ...where, subscriptionId, key: "synthetic-1", keyFingerprint: "000000000000", keyName: "Key1" };
  if (kind === "key") return { ...common, ...others };
  return { ...common, previousKey: "synthetic-2", previousKeyName: "Key2", rotationCount: 0, ...others };
}

function accountId(emulator: Emulator): string {
  const group = `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/${where.resourceGroupName}`;
  return `${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
}

function codes(failures: [string, string][]): [string, string | undefined][] {
  return failures.map(([property, reason]) => [property, codeOf(reason)]);
}

describe("the plugin, called as the engine does,", () => {
  it("says what it is, and gives its schema", async () => {
    const plugin = await startPlugin();
    const info = await plugin.call<PluginInfo>("getPluginInfo", new Empty());
    assert.equal(info.getVersion(), version);
    const answer = await plugin.call<messages.GetSchemaResponse>("getSchema", new messages.GetSchemaRequest());
    const schema = JSON.parse(answer.getSchema());
    assert.deepEqual([schema.name, schema.version], ["cognitive-key-rotation", version]);
  });

  it("answers that it does not have the protocol's other methods", async () => {
    const plugin = await startPlugin();
    for (const [method, Request] of [
      ["handshake", messages.ProviderHandshakeRequest],
      ["parameterize", messages.ParameterizeRequest],
      ["diffConfig", messages.DiffRequest],
      ["invoke", messages.InvokeRequest],
      ["call", messages.CallRequest],
      ["construct", messages.ConstructRequest],
      ["getMapping", messages.GetMappingRequest],
      ["getMappings", messages.GetMappingsRequest],
    ] as const) {
      const error = await failureOf(plugin.call(method as Method, new Request()));
      assert.equal(error.code, "UNIMPLEMENTED", method);
    }
  });

  describe("is configured:", () => {
    const lacking = async (plugin: PluginClient) =>
      (await failureOf(plugin.create(urnOf("key"), { ...where, subscriptionId: stored("key").subscriptionId })))
        .message;

    it("by the package's own settings, and says that it can preview", async () => {
      const emulator = await startEmulator(seeded);
      const plugin = await startPlugin();
      assert.deepEqual(await plugin.configure(settingsOf(emulator)), {
        acceptsecrets: false,
        supportspreview: true,
        acceptresources: false,
        acceptoutputs: false,
        supportsAutonamingConfiguration: false,
      });
      const { id, properties } = await plugin.create(urnOf("key"), where);
      assert.equal(id, `${name}/Key1`);
      assert.deepEqual(properties.key, secret(account(emulator).key1));
      assert.equal(properties.subscriptionId, emulator.subscriptions[0]);
    });

    it("by the environment behind them, and a setting that is present and empty counts", async () => {
      const emulator = await startEmulator(seeded);
      const before = { ...process.env };
      Object.assign(process.env, emulator.environment());
      try {
        const plugin = await startPlugin();
        await plugin.configure({});
        assert.deepEqual((await plugin.create(urnOf("key"), where)).properties.key, secret(account(emulator).key1));

        const emptied = await startPlugin();
        await emptied.configure({ tenantId: "" });
        const error = await failureOf(emptied.create(urnOf("key"), where));
        assert.match(error.message, /cognitive-key-rotation:tenantId.*\[missing-setting\]$/);
      } finally {
        process.env = before;
      }
    });

    it("with booleans as text and lists as JSON, as the engine hands them over", async () => {
      const emulator = await startEmulator(seeded);
      const plugin = await startPlugin();
      const auxiliaryTenantIds = JSON.stringify([emulator.tenantId]);
      await plugin.configure({ ...settingsOf(emulator), auxiliaryTenantIds });
      await plugin.create(urnOf("key"), where);

      const wrong = await startPlugin();
      await wrong.configure({ ...settingsOf(emulator), auxiliaryTenantIds: "[1]" });
      assert.equal(codeOf(await lacking(wrong)), "auxiliary-tenants");
      const oidc = await startPlugin();
      await oidc.configure({ ...settingsOf(emulator), clientSecret: "", useOidc: "true" });
      assert.equal(codeOf(await lacking(oidc)), "oidc-token", "the boolean has an effect");
      const trusting = await startPlugin();
      await trusting.configure({ ...settingsOf(emulator), clientSecret: "", useOidc: "false" });
      assert.notEqual(codeOf(await lacking(trusting)), "oidc-token", "and so has false");
    });

    it("anew, and the login is then another one, and otherwise the same for all", async () => {
      const emulator = await startEmulator(seeded);
      const plugin = await startPlugin(undefined, emulator);
      for (const kind of kinds) await plugin.create(urnOf(kind), where);
      assert.equal(emulator.logins.length, 1);
      await plugin.configure({ ...settingsOf(emulator), tenantId: "" });
      assert.match(await lacking(plugin), /cognitive-key-rotation:tenantId/);
      await plugin.configure(settingsOf(emulator));
      await plugin.create(urnOf("key"), where);
    });

    it("anew after calls have been made, and the next ones are another client's", async () => {
      const clients = ["a", "b"].map((letter) => ({
        clientId: `${letter.repeat(8)}-1111-4111-8111-111111111111`,
        clientSecret: `synthetic-${letter.repeat(12)}`,
      }));
      const emulator = await startEmulator({ ...seeded, clients });
      const plugin = await startPlugin();
      for (const client of clients) {
        await plugin.configure({ ...settingsOf(emulator), ...client });
        await plugin.create(urnOf("key"), where);
      }
      assert.deepEqual(
        emulator.logins.map(({ clientId }) => clientId),
        clients.map(({ clientId }) => clientId),
      );
    });

    it("and names settings as the one who is asked for them knows them", async () => {
      const provider = (title: string) => `urn:pulumi:dev::producer::pulumi:providers:cognitive-key-rotation::${title}`;
      for (const [urn, expected] of [
        [undefined, /cognitive-key-rotation:tenantId/],
        [provider("default_1_0_0"), /cognitive-key-rotation:tenantId/],
        [provider("default"), /cognitive-key-rotation:tenantId/],
        [provider("usgov"), /tenantId of provider "usgov"/],
        [provider("a::b"), /tenantId of provider "a::b"/],
        [provider("defaults"), /tenantId of provider "defaults"/],
      ] as const) {
        const [subscriptionId, clientSecret] = [stored("key").subscriptionId as string, "synthetic"];
        const plugin = await startPlugin();
        await plugin.configure({ subscriptionId, clientSecret }, urn);
        assert.match(await lacking(plugin), expected);
      }
    });

    it("for one provider: another one in the same process would call with its login, or it with the other's", async () => {
      const emulator = await startEmulator(seeded);
      const engine = await FakeEngine.start();
      const plugin = await startPlugin();
      const provider = (title: string) => `urn:pulumi:dev::producer::pulumi:providers:cognitive-key-rotation::${title}`;
      await plugin.attach(engine.address);
      await plugin.configure(settingsOf(emulator), provider("a"));
      const error = await failureOf(plugin.configure({ clientSecret: "synthetic" }, provider("b")));
      assert.equal(codeOf(error.message), "two-providers");
      await plugin.configure(settingsOf(emulator), provider("a"));
      await plugin.create(urnOf("key"), where);
      await plugin.attach((await FakeEngine.start()).address);
      await plugin.configure(settingsOf(emulator), provider("b"));
    });

    it("as if what is null were absent: the engine would hand it over as text", async () => {
      const plugin = await startPlugin();
      const settings = { tenantId: "t", clientSecret: null, environment: null, auxiliaryTenantIds: null };
      assert.deepEqual(await plugin.checkConfig(settings), { inputs: { tenantId: "t" }, failures: [] });
    });

    it("with switches that are on or off: what only looks like on would lead to another login", async () => {
      const plugin = await startPlugin();
      for (const value of [true, false, "true", "false", "", null, unknown]) {
        assert.deepEqual((await plugin.checkConfig({ useMsi: value, useOidc: value })).failures, [], String(value));
      }
      for (const value of ["True", " true", "yes", "1", 1, ["true", "false"], "synthetic-secret"]) {
        const { failures } = await plugin.checkConfig({ useMsi: value, disableInstanceDiscovery: "true" });
        assert.deepEqual(codes(failures), [["", "boolean-setting"]], String(value));
        assert.match(failures[0][1], /^Setting wrong: useMsi /);
        assert.doesNotMatch(failures[0][1], /synthetic/);
      }
    });

    it("only by settings that there are, whose names are said and whose values are not", async () => {
      const plugin = await startPlugin();
      const right = { tenantId: "t", clientId: unknown, useMsi: "true", auxiliaryTenantIds: '["a"]' };
      const ofTheEngine = { version: "1.0.0", pluginDownloadURL: "https://example", __internal: { pluginSource: "x" } };
      const settings = { ...right, ...ofTheEngine };
      const marked = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: unknown };
      const expected = { ...settings, clientId: marked };
      assert.deepEqual(await plugin.checkConfig(settings), { inputs: expected, failures: [] });

      const wrong = {
        clientSecrets: "synthetic-secret",
        constructor: "synthetic-secret",
        toString: "synthetic-secret",
      };
      const { failures } = await plugin.checkConfig({ ...settings, ...wrong });
      assert.deepEqual(codes(failures), Array(3).fill(["", "unknown-setting"]));
      for (const [index, setting] of Object.keys(wrong).sort().entries()) {
        const [, reason] = [...failures].sort(([, a], [, b]) => (a < b ? -1 : 1))[index];
        assert.match(reason, new RegExp(setting));
        assert.doesNotMatch(reason, /synthetic-secret/);
      }
    });
  });

  describe("checks inputs:", () => {
    for (const kind of kinds) {
      it(`lets those of a ${kind} through as they are, unknowns wherever they stand`, async () => {
        const plugin = await startPlugin();
        const slot = kind === "key" ? { keyName: "Key2", revokeOnDelete: true } : { initialKeyName: "Key2" };
        const inputs = {
          ...where,
          ...slot,
          subscriptionId: unknown,
          maxAge: "P90D",
          rotationTrigger: { versions: [1, unknown, null], on: false, of: { "": 0 } },
          waitUntilAccepted: { url: unknown, timeout: "PT1M" },
        };
        assert.deepEqual(await plugin.check(urnOf(kind), inputs), { inputs, failures: [] });
      });

      it(`refuses those of a ${kind} by property, and never shows them`, async () => {
        const plugin = await startPlugin();
        const slot = kind === "key" ? "keyName" : "initialKeyName";
        const { failures } = await plugin.check(urnOf(kind), {
          ...{ resourceGroupName: "synthetic.", accountName: 7, subscriptionId: "synthetic", maxAge: "synthetic" },
          ...{ [slot]: "synthetic", waitUntilAccepted: { url: "http://synthetic", timeout: "synthetic" } },
          ...(kind === "key" ? { revokeOnDelete: "synthetic" } : { minimumOverlap: ["synthetic"] }),
        });
        assert.deepEqual(codes(failures).sort(), [
          ["accountName", "not-text"],
          ...(kind === "key"
            ? [["keyName", "key-name"]]
            : [
                ["initialKeyName", "key-name"],
                ["maxAge", "duration"],
                ["minimumOverlap", "duration"],
              ]),
          ...(kind === "key" ? [["maxAge", "duration"]] : []),
          ["resourceGroupName", "resource-group-name"],
          ...(kind === "key" ? [["revokeOnDelete", "not-boolean"]] : []),
          ["subscriptionId", "subscription-id"],
          ["waitUntilAccepted.timeout", "duration"],
          ["waitUntilAccepted.url", "acceptance-url"],
        ]);
        assert.doesNotMatch(JSON.stringify(failures), /synthetic/);
      });
    }

    it("refuses a part of a trigger that is no JSON, by its path", async () => {
      const plugin = await startPlugin();
      const mark = "4dabf18193072939515e22adb298388d";
      const asset = { [mark]: "c44067f5952c0a294b673a41bacd8c17", hash: "00", text: "synthetic-text" };
      const archive = { [mark]: "0def7320c3a5731c473e5ecbe6d01bc7", hash: "00", assets: { a: asset } };
      for (const [trigger, property, what] of [
        [asset, "rotationTrigger", /an asset or archive/],
        [{ files: [1, archive] }, "rotationTrigger.files[1]", /an asset or archive/],
        [Number.NaN, "rotationTrigger", /is NaN/],
        [[Number.POSITIVE_INFINITY], "rotationTrigger[0]", /is Infinity/],
      ] as const) {
        const { failures } = await plugin.check(urnOf("pair"), { ...where, rotationTrigger: trigger });
        assert.deepEqual(codes(failures), [[property, "trigger"]]);
        assert.match(failures[0][1], what);
        assert.doesNotMatch(failures[0][1], /synthetic/);
      }
    });
  });

  describe("compares:", () => {
    const nothing: object = { changes: false, replaces: [], diffs: [], detailed: {}, hasDetailedDiff: true };

    for (const [kind, what, olds, news, expected] of [
      ["key", "nothing", {}, {}, {}],
      ["key", "a trigger that is set first", {}, { rotationTrigger: 1 }, { rotationTrigger: "ADD_REPLACE" }],
      [
        "key",
        "another trigger",
        { rotationTrigger: 1 },
        { rotationTrigger: [unknown] },
        { rotationTrigger: "UPDATE_REPLACE" },
      ],
      ["key", "another slot", {}, { keyName: "Key2" }, { keyName: "UPDATE_REPLACE" }],
      ["key", "a slot that is not named any more", { keyName: "Key2" }, {}, { keyName: "DELETE_REPLACE" }],
      ["key", "another account", {}, { accountName: "other" }, { accountName: "UPDATE_REPLACE" }],
      [
        "key",
        "another subscription",
        {},
        { subscriptionId: "22222222-2222-4222-8222-222222222222" },
        { subscriptionId: "UPDATE_REPLACE" },
      ],
      ["key", "revocation that is set", {}, { revokeOnDelete: true }, { revokeOnDelete: "ADD" }],
      [
        "key",
        "revocation that is changed",
        { revokeOnDelete: true },
        { revokeOnDelete: false },
        { revokeOnDelete: "UPDATE" },
      ],
      ["key", "revocation that is left out", { revokeOnDelete: true }, {}, { revokeOnDelete: "DELETE" }],
      ["key", "a change outside", { changedOutsideAt: "2026-01-01T00:00:00Z" }, {}, { changedOutsideAt: "DELETE" }],
      [
        "key",
        "an unfinished rotation, whatever the trigger",
        { rotationTrigger: 1, unfinished: {} },
        { rotationTrigger: 2 },
        { unfinished: "DELETE" },
      ],
      ["key", "a key that state has lost", { key: null }, {}, { key: "DELETE" }],
      ["pair", "nothing", {}, {}, {}],
      ["pair", "a trigger that is set first", {}, { rotationTrigger: 1 }, { rotationTrigger: "ADD" }],
      ["pair", "another trigger", { rotationTrigger: 1 }, { rotationTrigger: 2 }, { rotationTrigger: "UPDATE" }],
      [
        "pair",
        "an unknown trigger",
        { rotationTrigger: 1 },
        { rotationTrigger: unknown },
        { rotationTrigger: "UPDATE" },
      ],
      ["pair", "another account", {}, { accountName: unknown }, { accountName: "UPDATE_REPLACE" }],
      [
        "pair",
        "two marks",
        { changedOutsideAt: "2026-01-01T00:00:00Z", rotationInDoubt: "2026-01-01T00:00:00Z" },
        {},
        { changedOutsideAt: "DELETE", rotationInDoubt: "DELETE" },
      ],
      [
        "pair",
        "an unfinished rotation, whatever the trigger",
        { unfinished: {} },
        { rotationTrigger: 2 },
        { unfinished: "DELETE" },
      ],
      [
        "pair",
        "keys that state has lost",
        { key: null, previousKey: "" },
        {},
        { key: "DELETE", previousKey: "DELETE" },
      ],
      [
        "pair",
        "inputs that cause no step",
        { rotationTrigger: 1, minimumOverlap: "PT1H" },
        {
          minimumOverlap: "PT0S",
          initialKeyName: "Key2",
          maxAge: "P9999D",
          waitUntilAccepted: { url: "https://x" },
          accountName: name.toUpperCase(),
        },
        {},
      ],
    ] as const) {
      it(`${what}, of a ${kind}`, async () => {
        const plugin = await startPlugin();
        const dated = { rotatedAt: new Date().toISOString(), ...olds };
        const news_ = "rotationTrigger" in news && kind === "pair" ? { minimumOverlap: "PT0S", ...news } : news;
        const difference = await plugin.diff(urnOf(kind), stored(kind, dated), { ...where, ...news_ });
        const replaces = Object.values(expected).some((one) => one.endsWith("REPLACE"));
        assert.deepEqual(difference, {
          changes: Object.keys(expected).length > 0,
          replaces: replaces ? Object.keys(expected) : [],
          diffs: Object.keys(expected),
          detailed: expected,
          hasDetailedDiff: true,
        });
      });
    }

    it("the account named in the other way, which is another property and no change", async () => {
      const plugin = await startPlugin();
      const olds = stored("pair");
      const id = `/subscriptions/${olds.subscriptionId}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/`;
      assert.deepEqual(await plugin.diff(urnOf("pair"), olds, { accountId: id + name }), nothing);
      const { detailed } = await plugin.diff(urnOf("pair"), olds, { accountId: `${id}other` });
      assert.deepEqual(detailed, { accountId: "ADD_REPLACE" });
    });

    it("with properties that a person ignores: the engine has put the old ones in already", async () => {
      const plugin = await startPlugin();
      const olds = stored("pair", { rotationTrigger: 1 });
      const same = { ...where, rotationTrigger: 1 };
      assert.deepEqual(await plugin.diff(urnOf("pair"), olds, same, ["rotationTrigger"]), nothing);
    });

    it("a pair that was rotated a moment ago, whose next rotation it refuses before any call", async () => {
      const plugin = await startPlugin();
      const olds = stored("pair", { rotationTrigger: 1, rotatedAt: new Date().toISOString() });
      const error = await failureOf(plugin.diff(urnOf("pair"), olds, { ...where, rotationTrigger: 2 }));
      assert.deepEqual([error.code, codeOf(error.message)], ["UNKNOWN", "too-soon"]);
    });
  });

  describe("warns of a key that is older than maxAge, at its resource,", () => {
    const rotatedAt = new Date(Date.now() - 3 * dayMs).toISOString();
    const old = (kind: Kind) => stored(kind, { rotationTrigger: "synthetic-trigger", rotatedAt });
    const inputs = { ...where, rotationTrigger: "synthetic-trigger", maxAge: "P1D" };

    for (const kind of kinds) {
      it(`once, when a ${kind} is compared and left as it is`, async () => {
        const engine = await FakeEngine.start();
        const plugin = await startPlugin(engine);
        await plugin.diff(urnOf(kind, "mine"), old(kind), inputs);
        assert.equal(engine.lines.length, 1);
        const [{ urn, severity, message }] = engine.lines;
        assert.deepEqual([urn, severity, codeOf(message)], [urnOf(kind, "mine"), "WARNING", "old-key"]);
        assert.match(
          message,
          /^Key older than maxAge: issued 3 days ago\..*Key1 of account.*change rotationTrigger\. /,
        );
        assert.doesNotMatch(message, /synthetic-|P1D/, "inputs may be secret");
      });
    }

    it("and not where it is young, about to change, or without a limit", async () => {
      const engine = await FakeEngine.start();
      const plugin = await startPlugin(engine);
      await plugin.diff(urnOf("key"), old("key"), { ...inputs, maxAge: "P9D" });
      await plugin.diff(urnOf("key"), old("key"), { ...inputs, maxAge: unknown });
      await plugin.diff(urnOf("key"), old("key"), { ...inputs, maxAge: null });
      await plugin.diff(urnOf("key"), old("key"), { ...inputs, rotationTrigger: 2 });
      assert.deepEqual(engine.lines, []);
    });

    it("nor while a refresh compares for its display: the deployment behind it does", async () => {
      const emulator = await startEmulator(seeded);
      const engine = await FakeEngine.start();
      const plugin = await startPlugin(engine, emulator);
      const urn = urnOf("key");
      const { properties } = await plugin.create(urn, where);
      const olds = { ...properties, rotationTrigger: inputs.rotationTrigger, rotatedAt };
      await plugin.read(urn, "id", olds, inputs);
      await plugin.diff(urn, olds, inputs);
      assert.deepEqual(engine.lines, []);
      await plugin.diff(urn, olds, inputs);
      assert.deepEqual(
        engine.lines.map(({ message }) => codeOf(message)),
        ["old-key"],
      );
    });

    it("and where a key that was found is taken into use, whose age nobody knows", async () => {
      const emulator = await startEmulator(seeded);
      const engine = await FakeEngine.start();
      const plugin = await startPlugin(engine, emulator);
      const { properties } = await plugin.create(urnOf("key"), { ...where, maxAge: "P1D" });
      await plugin.update(urnOf("key"), properties, { ...where, maxAge: "P1D", revokeOnDelete: true });
      assert.deepEqual(
        engine.lines.map(({ severity, message }) => [severity, codeOf(message)]),
        [
          ["WARNING", "unknown-age"],
          ["WARNING", "unknown-age"],
        ],
      );
    });
  });

  describe("marks keys as secrets", () => {
    it("in what it creates, updates and reads, and nothing else", async () => {
      const emulator = await startEmulator(seeded);
      const plugin = await startPlugin(undefined, emulator);
      const urn = urnOf("pair");
      const inputs = { ...where, minimumOverlap: "PT0S" };
      const created = await plugin.create(urn, { ...inputs, rotationTrigger: 1 });
      const { key1, key2 } = account(emulator);
      const { publishedAt, ...outputs } = created.properties;
      assert.ok(Date.parse(String(publishedAt)) > 0);
      assert.deepEqual(created.id, name);
      assert.deepEqual(outputs, {
        ...inputs,
        rotationTrigger: 1,
        subscriptionId: emulator.subscriptions[0],
        ...{ key: secret(key1), keyName: "Key1", keyFingerprint: outputs.keyFingerprint },
        ...{ previousKey: secret(key2), previousKeyName: "Key2", rotationCount: 0 },
      });
      // Another deployment has another provider.
      const next = await startPlugin(undefined, emulator);
      const updated = await next.update(urn, created.properties, { ...inputs, rotationTrigger: 2 });
      assert.deepEqual([updated.key, updated.previousKey], [secret(account(emulator).key2), secret(key1)]);
      assert.deepEqual([updated.keyName, updated.previousKeyName, updated.rotationCount], ["Key2", "Key1", 1]);
      assert.ok(Date.parse(String(updated.rotatedAt)) > 0 && typeof updated.requestId === "string");
      const read = await plugin.read(urn, name, updated, inputs);
      assert.deepEqual(read, { id: name, properties: updated, inputs });
      assert.equal(regenerations(emulator), 1);
    });

    it("where they are lost, and where a preview does not know them", async () => {
      const emulator = await startEmulator(seeded);
      const plugin = await startPlugin(undefined, emulator);
      account(emulator).properties.disableLocalAuth = true;
      const lost = stored("pair", { key: null, previousKey: null, subscriptionId: emulator.subscriptions[0] });
      const { properties } = await plugin.read(urnOf("pair"), name, lost, where);
      assert.deepEqual([properties?.key, properties?.previousKey], [secret(null), secret(null)]);
      const previewed = await plugin.update(urnOf("pair"), lost, where, true);
      assert.deepEqual([previewed.key, previewed.previousKey], [secret(unknown), secret(unknown)]);
    });
  });

  describe("reads", () => {
    it("what a refresh asks for: nothing new, a change outside, and an account that cannot be read", async () => {
      const emulator = await startEmulator(seeded);
      const engine = await FakeEngine.start();
      const plugin = await startPlugin(engine, emulator);
      for (const kind of kinds) {
        const { id, properties } = await plugin.create(urnOf(kind), where);
        assert.deepEqual(await plugin.read(urnOf(kind), id, properties, where), { id, properties, inputs: where });
        account(emulator).regenerate("Key1");
        const found = await plugin.read(urnOf(kind), id, properties, where);
        const { changedOutsideAt, ...outputs } = found.properties ?? {};
        assert.ok(Date.parse(String(changedOutsideAt)) > 0);
        assert.deepEqual(outputs, {
          ...properties,
          key: secret(account(emulator).key1),
          keyFingerprint: outputs.keyFingerprint,
        });
        assert.notEqual(outputs.keyFingerprint, properties.keyFingerprint);
        account(emulator).properties.disableLocalAuth = true;
        assert.deepEqual(await plugin.read(urnOf(kind), id, properties, where), { id, properties, inputs: where });
        account(emulator).properties.disableLocalAuth = false;
        assert.deepEqual(engine.linesOf(urnOf(kind)).map(codeOf), ["changed-outside-found", "local-auth-off"]);
      }
    });

    for (const kind of kinds) {
      it(`a ${kind} that is imported, by whichever form of its account's id`, async () => {
        const emulator = await startEmulator(seeded);
        const plugin = await startPlugin(undefined, emulator);
        const id = accountId(emulator);
        const slotInput = kind === "key" ? "keyName" : "initialKeyName";
        for (const [asked, given, slot] of [
          [id, id, undefined],
          [`${id}#Key2`, id, "Key2"],
          [`${id}#Key1`, id, "Key1"],
          [` ${id}/#Key2\n`, `${id}/`, "Key2"],
          [`${id.toUpperCase()} #Key2`, id.toUpperCase(), "Key2"],
        ] as const) {
          const { properties = {}, ...read } = await plugin.read(urnOf(kind), asked);
          const inputs = { accountId: given, ...(slot !== undefined && { [slotInput]: slot }) };
          const { key1, key2 } = account(emulator);
          const accountName = given === id.toUpperCase() ? name.toUpperCase() : name;
          assert.deepEqual(read, { id: kind === "key" ? `${accountName}/${slot ?? "Key1"}` : accountName, inputs });
          assert.deepEqual(properties.key, secret(slot === "Key2" ? key2 : key1), asked);
          assert.equal(properties.keyName, slot ?? "Key1");
          assert.deepEqual(await plugin.diff(urnOf(kind), properties, inputs), {
            ...{ changes: false, replaces: [], diffs: [], detailed: {}, hasDetailedDiff: true },
          });
        }
        assert.equal(regenerations(emulator), 0);
      });

      it(`a ${kind} that is imported with a trigger, known or not: it counts as the one acted on last`, async () => {
        const emulator = await startEmulator(seeded);
        const plugin = await startPlugin(undefined, emulator);
        const { id, properties = {}, inputs } = await plugin.read(urnOf(kind), accountId(emulator));
        for (const rotationTrigger of [unknown, { month: [unknown] }, { month: ["2026-11"] }]) {
          const news = { ...inputs, rotationTrigger };
          const difference = await plugin.diff(urnOf(kind), properties, news);
          assert.deepEqual([difference.detailed, difference.replaces], [{ rotationTrigger: "ADD" }, []]);
          const expected = (publishedAt: unknown) => ({
            ...properties,
            rotationTrigger,
            ...(kind === "pair" && { publishedAt }),
          });
          assert.deepEqual(await plugin.update(urnOf(kind), properties, news, true), expected(unknown));
          if (rotationTrigger === unknown || JSON.stringify(rotationTrigger).includes(unknown)) continue;
          const updated = await plugin.update(urnOf(kind), properties, news);
          assert.deepEqual(updated, expected(updated.publishedAt));
          if (kind === "pair") assert.ok(Date.parse(String(updated.publishedAt)) > 0);
        }
        assert.equal(regenerations(emulator), 0);
        const next = await startPlugin(undefined, emulator);
        const stored = { ...properties, rotationTrigger: { month: ["2026-11"] } };
        assert.equal(
          (await next.diff(urnOf(kind), stored, { ...inputs, rotationTrigger: stored.rotationTrigger })).changes,
          false,
        );
        assert.equal(id, kind === "key" ? `${name}/Key1` : name);
      });

      it(`a ${kind} that a program gets, also with a state of its own`, async () => {
        const emulator = await startEmulator(seeded);
        const plugin = await startPlugin(undefined, emulator);
        // The engine gives the program's inputs twice (ReadStep in pulumi's step.go).
        const id = `${accountId(emulator)}#Key2`;
        const state = { keyName: "Key1", maxAge: "P1D", keyFingerprint: "abc" };
        for (const given of [state, stored(kind, { subscriptionId: emulator.subscriptions[0] })]) {
          const { properties, inputs } = await plugin.read(urnOf(kind), id, given, given);
          assert.deepEqual(properties?.key, secret(account(emulator).key2), "the id says which");
          assert.deepEqual(inputs?.accountId, accountId(emulator));
        }
        const error = await failureOf(plugin.read(urnOf(kind), name, state, state));
        assert.equal(codeOf(error.message), "import-id");
      });
    }

    it("nothing by an id that names no slot of an account, and says what would", async () => {
      const emulator = await startEmulator(seeded);
      const plugin = await startPlugin(undefined, emulator);
      const id = accountId(emulator);
      for (const wrong of [
        ...[
          "",
          " ",
          "#Key1",
          name,
          `${name}/Key1`,
          `${id}#`,
          `${id}#Key3`,
          `${id}#key2`,
          `${id}#Key1#Key2`,
          `${id}##Key2`,
        ],
        ...[`${id}/deployments/x`, id.replace("CognitiveServices", "Storage"), id.slice(1), unknown],
        ...[id.replace(emulator.subscriptions[0], "subscription"), id.replace(name, "a"), id.replace(group, "x.")],
      ]) {
        const error = await failureOf(plugin.read(urnOf("key"), wrong));
        assert.deepEqual([error.code, codeOf(error.message)], ["UNKNOWN", "import-id"], wrong);
      }
      assert.equal(emulator.calls.length, 0);
    });
  });

  it("deletes: both keys of a pair stay, and a key that it issued is revoked where that is wanted", async () => {
    const emulator = await startEmulator(seeded);
    const adopting = await startPlugin(undefined, emulator);
    const pair = await adopting.create(urnOf("pair"), where);
    await adopting.delete(urnOf("pair"), pair.properties);
    assert.equal(regenerations(emulator), 0);

    const rotating = await startPlugin(await FakeEngine.start(), emulator);
    const key = await rotating.create(urnOf("key"), { ...where, rotationTrigger: 1, revokeOnDelete: true });
    await rotating.delete(urnOf("key"), key.properties);
    assert.equal(regenerations(emulator), 1, "another resource of the deployment may use the slot");
    const deleting = await startPlugin(await FakeEngine.start(), emulator);
    await deleting.delete(urnOf("key"), key.properties);
    assert.equal(regenerations(emulator), 2);
    assert.notEqual(account(emulator).key1, (key.properties.key as { value: string }).value);
  });
});

describe("the plugin that a person has started, and to which engines attach,", () => {
  it("begins each deployment anew: what an earlier one has published, compared or interrupted does not count", async () => {
    const emulator = await startEmulator(seeded);
    const plugin = await startPlugin();
    const begin = async () => {
      const engine = await FakeEngine.start();
      await plugin.attach(engine.address);
      // The engine attaches once for each provider, and once more for its schema.
      await plugin.attach(engine.address);
      await plugin.configure(settingsOf(emulator));
      return engine;
    };
    const first = await begin();
    const { properties } = await plugin.create(urnOf("key"), where);
    await plugin.attach(first.address);
    assert.equal(
      codeOf((await failureOf(plugin.create(urnOf("key"), { ...where, rotationTrigger: 1 }))).message),
      "two-resources",
    );
    await plugin.cancel();

    await begin();
    await plugin.check(urnOf("key"), { ...where, rotationTrigger: 1 });
    const { replaces } = await plugin.diff(urnOf("key"), properties, { ...where, rotationTrigger: 1 });
    assert.deepEqual(replaces, ["rotationTrigger"]);
    const rotated = await plugin.create(urnOf("key"), { ...where, rotationTrigger: 1, revokeOnDelete: true });
    assert.deepEqual(rotated.properties.key, secret(account(emulator).key1));

    const third = await begin();
    await plugin.delete(urnOf("key"), rotated.properties);
    assert.deepEqual(third.lines, []);
    assert.equal(regenerations(emulator), 2, "the key is revoked");
  });
});

describe("a request to the plugin that no engine would send", () => {
  const requests = {
    check: messages.CheckRequest,
    diff: messages.DiffRequest,
    create: messages.CreateRequest,
    update: messages.UpdateRequest,
    read: messages.ReadRequest,
    delete: messages.DeleteRequest,
  } as const;
  const methods = Object.keys(requests) as (keyof typeof requests)[];

  it("is answered where it names no resource, or one that there is not", async () => {
    const plugin = await startPlugin();
    const pulumiType = urnOf("key").replace("RotatingCognitiveAccountKey", "RotatingCognitiveAccount");
    const types = ["constructor", "__proto__", "toString", ""].map((type) => `urn:pulumi:dev::producer::${type}::x`);
    for (const method of methods) {
      for (const urn of ["", "urn", pulumiType, ...types]) {
        const request = new requests[method]();
        request.setUrn(urn);
        const error = await failureOf(plugin.call(method, request));
        assert.deepEqual([error.code, codeOf(error.message)], ["UNKNOWN", "no-such-type"], `${method} ${urn}`);
      }
    }
  });

  it("finds the type of a resource below another one", async () => {
    const plugin = await startPlugin();
    const urn = urnOf("pair").replace("::cognitive", "::pkg:index:Component$cognitive");
    assert.deepEqual((await plugin.check(urn, where)).failures, []);
  });

  for (const kind of kinds) {
    it(`is answered where it says nothing of a ${kind}`, async () => {
      // Without a login: a call to Azure would fail as well.
      const plugin = await startPlugin();
      for (const method of methods) {
        const request = new requests[method]();
        request.setUrn(urnOf(kind));
        const answer = await plugin.call(method, request).catch((error: CallError) => error);
        if (answer instanceof CallError) assert.equal(answer.code, "UNKNOWN", `${method}: ${answer.message}`);
      }
      assert.deepEqual(codes((await plugin.check(urnOf(kind), {})).failures), [["accountId", "which-account"]]);
    });

    it(`is answered where the properties of a ${kind} are of other types`, async () => {
      const plugin = await startPlugin();
      const names = ["accountId", "resourceGroupName", "accountName", "subscriptionId", "key", "keyName", "rotatedAt"];
      for (const value of [null, 0, true, "", [], {}, [[]], { constructor: { prototype: 1 } }]) {
        const wrong = Object.fromEntries(names.map((property) => [property, value]));
        const urn = urnOf(kind);
        const answers = await Promise.allSettled([
          ...[plugin.check(urn, wrong, wrong), plugin.diff(urn, wrong, wrong), plugin.create(urn, wrong, true)],
          ...[plugin.update(urn, wrong, wrong, true), plugin.read(urn, "id", { ...wrong, keyFingerprint: value })],
          plugin.delete(urn, wrong),
        ]);
        for (const answer of answers) {
          if (answer.status === "fulfilled") continue;
          assert.equal(answer.reason.code, "UNKNOWN", `${JSON.stringify(value)}: ${answer.reason}`);
        }
      }
    });
  }

  it("may hold names that objects of JavaScript have, and they are values like any other", async () => {
    const plugin = await startPlugin();
    const trigger = JSON.parse('{ "constructor": 1, "toString": { "valueOf": null }, "hasOwnProperty": [] }');
    const inputs = { ...where, rotationTrigger: trigger, constructor: "x" };
    assert.deepEqual(await plugin.check(urnOf("pair"), inputs), { inputs, failures: [] });
    const olds = stored("pair", { rotationTrigger: trigger });
    assert.equal((await plugin.diff(urnOf("pair"), olds, inputs)).changes, false);
    const other = { ...inputs, rotationTrigger: { ...trigger, constructor: 2 } };
    assert.deepEqual((await plugin.diff(urnOf("pair"), olds, other)).diffs, ["rotationTrigger"]);

    const request = new messages.CheckRequest();
    request.setUrn(urnOf("pair"));
    const properties = struct(where);
    properties.getFieldsMap().set(
      "__proto__",
      struct({ a: { polluted: true } })
        .getFieldsMap()
        .get("a") as never,
    );
    request.setNews(properties);
    await plugin.call("check", request);
    assert.equal(({} as Properties).polluted, undefined);
  });

  it("may hold a trigger of megabytes, or one that is very deep", async () => {
    const emulator = await startEmulator(seeded);
    const plugin = await startPlugin(undefined, emulator);
    // More than gRPC takes where nothing else is said.
    const huge = { ...where, rotationTrigger: "x".repeat(4_300_000) };
    assert.deepEqual((await plugin.check(urnOf("pair"), huge)).failures, []);
    const large = { ...where, rotationTrigger: "x".repeat(200_000) };
    const { properties } = await plugin.create(urnOf("pair"), large);
    assert.equal((await plugin.diff(urnOf("pair"), properties, large)).changes, false);

    let deep: unknown = 1;
    for (let depth = 0; depth < 300; depth++) deep = { deep };
    const inputs = { ...where, rotationTrigger: deep };
    assert.deepEqual(await plugin.check(urnOf("pair"), inputs), { inputs, failures: [] });
  });
});
