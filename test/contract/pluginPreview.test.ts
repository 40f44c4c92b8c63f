import assert from "node:assert/strict";
import type { Emulator } from "../../emulator/emulator";
import { isUnknown } from "../../provider/unknown";
import { startEmulator } from "../support/emulator";
import { account, group, name } from "../support/scenario";
import { type Kind, type Properties, plain, secret, startPlugin, unknown, urnOf } from "./pluginClient";

const where = { resourceGroupName: group, accountName: name };
const other = "other-account";
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** One deployment of one resource as the engine drives it, as a preview or for real. */
async function deploy(
  emulator: Emulator,
  kind: Kind,
  olds: Properties | undefined,
  news: Properties,
  { preview = false, unknownAtFirst = [] as string[] } = {},
): Promise<Properties> {
  const plugin = await startPlugin(undefined, emulator);
  const urn = urnOf(kind);
  if (olds === undefined) return (await plugin.create(urn, news, preview)).properties;
  // What an input comes from is replaced delete-first (calculateDependentReplacements in pulumi's step_generator.go).
  const hidden = Object.fromEntries(unknownAtFirst.map((input) => [input, unknown]));
  if (unknownAtFirst.length > 0) {
    await plugin.diff(urn, olds, { ...news, ...hidden });
    if (!preview) await plugin.delete(urn, olds);
    return (await plugin.create(urn, preview ? { ...news, ...hidden } : news, preview)).properties;
  }
  const { changes, replaces } = await plugin.diff(urn, olds, news);
  assert.ok(changes);
  if (replaces.length > 0) return (await plugin.create(urn, news, preview)).properties;
  return plugin.update(urn, olds, news, preview);
}

interface Event {
  /** What is in state, from what a first deployment has brought. @default nothing is */
  olds?: (created: Properties, emulator: Emulator) => Properties;
  news: (emulator: Emulator) => Properties;
  unknownAtFirst?: string[];
  /** What a preview does not know. */
  unknowns: string[];
}

const keys = ["key", "keyFingerprint"];
const pairKeys = [...keys, "previousKey"];
const issuance = ["requestId", "rotatedAt"];

const events: Record<Kind, Record<string, Event>> = {
  key: {
    "is adopted": { news: () => where, unknowns: [...keys, "subscriptionId"] },
    "is issued": { news: () => ({ ...where, rotationTrigger: 1 }), unknowns: [...keys, "subscriptionId", ...issuance] },
    "is issued anew": {
      olds: (created) => ({ ...created, rotationTrigger: 1 }),
      news: () => ({ ...where, rotationTrigger: 2 }),
      unknowns: [...keys, ...issuance],
    },
    "is in another account from now on": {
      olds: (created) => created,
      news: ({ subscriptions }) => ({ ...where, accountName: other, subscriptionId: subscriptions[0] }),
      unknowns: keys,
    },
    "is in another account, which is not known yet": {
      olds: (created) => created,
      news: () => ({ ...where, accountName: other }),
      unknownAtFirst: ["accountName"],
      unknowns: ["accountName", ...keys, ...issuance, "subscriptionId"],
    },
    "goes on, its slot not known at first": {
      olds: (created) => ({ ...created, rotatedAt: inHours(-9), requestId: "r" }),
      news: () => ({ ...where, keyName: "Key1" }),
      unknownAtFirst: ["keyName"],
      unknowns: ["keyName", ...keys, ...issuance, "subscriptionId"],
    },
    "goes on, deleted and created in passing": {
      olds: (created) => ({ ...created, rotationTrigger: 1, rotatedAt: inHours(-9), requestId: "r" }),
      news: () => ({ ...where, rotationTrigger: 1 }),
      unknownAtFirst: ["rotationTrigger"],
      unknowns: [...keys, ...issuance, "rotationTrigger"],
    },
    "is to be revoked": {
      olds: (created) => ({ ...created, rotatedAt: inHours(-9), requestId: "r" }),
      news: () => ({ ...where, revokeOnDelete: true }),
      unknowns: [],
    },
    "was changed outside": {
      olds: (created) => ({ ...created, changedOutsideAt: inHours(-9) }),
      news: () => where,
      unknowns: [],
    },
    "is unfinished": {
      olds: (created) => ({ ...created, rotatedAt: inHours(-9), requestId: "r", unfinished: {} }),
      news: () => where,
      unknowns: [...keys, ...issuance],
    },
    "is unfinished, and renewed by somebody else": {
      olds: (created, emulator) => {
        account(emulator).regenerate("Key1");
        return { ...created, rotatedAt: inHours(-9), requestId: "r", unfinished: {} };
      },
      news: () => where,
      unknowns: [...keys, ...issuance],
    },
    "is lost": {
      olds: (created) => ({ ...created, rotatedAt: inHours(-9), requestId: "r", key: secret(null) }),
      news: () => where,
      unknowns: keys,
    },
  },
  pair: {
    "is adopted": {
      news: () => ({ ...where, initialKeyName: "Key2" }),
      unknowns: [...pairKeys, "subscriptionId"],
    },
    "is adopted, with a trigger": {
      news: ({ subscriptions }) => ({ ...where, rotationTrigger: {}, subscriptionId: subscriptions[0] }),
      unknowns: [...pairKeys, "publishedAt"],
    },
    "is rotated": {
      olds: (created) => ({ ...created, rotatedAt: inHours(-9), requestId: "r", publishedAt: inHours(-8) }),
      news: () => ({ ...where, rotationTrigger: 2 }),
      unknowns: [...pairKeys, ...issuance],
    },
    "is rotated, its key in use renewed by somebody else": {
      olds: (created, emulator) => {
        account(emulator).regenerate("Key1");
        return created;
      },
      news: () => ({ ...where, rotationTrigger: 2, minimumOverlap: "PT0S" }),
      unknowns: [...pairKeys, ...issuance],
    },
    "is rotated, and its key accepted": {
      olds: (created) => created,
      news: (emulator) => ({
        ...where,
        rotationTrigger: 2,
        waitUntilAccepted: { url: `${emulator.endpoint(group, name)}openai/models` },
      }),
      unknowns: [...pairKeys, "publishedAt", ...issuance],
    },
    "is finished": {
      olds: (created, emulator) => {
        account(emulator).regenerate("Key2");
        const { key2 } = account(emulator);
        return { ...created, previousKey: secret(key2), unfinished: { rotatedAt: inHours(-9), requestId: "r" } };
      },
      news: () => where,
      unknowns: [...pairKeys, "publishedAt", ...issuance],
    },
    "was changed outside": {
      olds: (created) => ({ ...created, changedOutsideAt: inHours(-9) }),
      news: () => where,
      unknowns: ["publishedAt"],
    },
    "is in doubt, and was left as it was": {
      olds: (created) => ({ ...created, rotationInDoubt: inHours(-9) }),
      news: () => where,
      unknowns: [...pairKeys, "publishedAt"],
    },
    "is in doubt, and was rotated": {
      olds: (created, emulator) => {
        account(emulator).regenerate("Key2");
        return { ...created, rotationInDoubt: inHours(-9), rotatedAt: inHours(-9), requestId: "r" };
      },
      news: () => where,
      unknowns: [...pairKeys, "publishedAt", ...issuance],
    },
    "is lost": {
      olds: (created) => ({ ...created, key: secret(null), previousKey: secret(null) }),
      news: () => where,
      unknowns: [...pairKeys, "publishedAt"],
    },
    "is in another account from now on": {
      olds: (created) => ({ ...created, rotationTrigger: 1, rotationCount: 7 }),
      news: ({ subscriptions }) => ({
        ...where,
        accountName: other,
        rotationTrigger: 1,
        subscriptionId: subscriptions[0],
      }),
      unknowns: [...pairKeys, "publishedAt"],
    },
    "goes on, deleted and created in passing": {
      olds: (created) => ({ ...created, rotationCount: 7 }),
      news: () => where,
      unknownAtFirst: ["resourceGroupName"],
      unknowns: [
        ...["keyName", "previousKeyName", "publishedAt", "resourceGroupName", "rotationCount", "subscriptionId"],
        ...[...pairKeys, ...issuance],
      ],
    },
  },
};

describe("what the plugin shows in a preview", () => {
  for (const kind of ["key", "pair"] as const) {
    for (const [event, { olds: change, news, unknownAtFirst, unknowns }] of Object.entries(events[kind])) {
      it(`is what comes: a ${kind} ${event}`, async () => {
        const accounts = [name, other].map((each) => ({ resourceGroup: group, name: each }));
        const emulator = await startEmulator({ accounts });
        const olds = change?.(await deploy(emulator, kind, undefined, where), emulator);
        const made = emulator.calls.length + emulator.logins.length;
        const preview = await deploy(emulator, kind, olds, news(emulator), { preview: true, unknownAtFirst });
        assert.equal(emulator.calls.length + emulator.logins.length, made, "a preview calls nobody");
        for (const property of ["key", ...(kind === "pair" ? ["previousKey"] : [])]) {
          const value = plain(preview)[property];
          assert.deepEqual(preview[property], secret(value), "a secret, known or not");
        }
        const shown = Object.entries(plain(preview));
        const known = shown.filter(([, value]) => !isUnknown(value));
        assert.deepEqual(
          shown
            .filter((one) => !known.includes(one))
            .map(([property]) => property)
            .sort(),
          [...unknowns].sort(),
        );

        const outputs = await deploy(emulator, kind, olds, news(emulator), { unknownAtFirst });
        for (const [property, value] of known) assert.deepEqual(plain(outputs)[property], value, property);
        const missing = Object.keys(outputs).filter((property) => !(property in preview));
        assert.deepEqual(missing, []);
      });
    }
  }

  it("is a pair created again, where only a refresh has compared the one before", async () => {
    const emulator = await startEmulator({ accounts: [{ resourceGroup: group, name }] });
    const olds = { ...(await deploy(emulator, "pair", undefined, where)), rotationCount: 7 };
    account(emulator).regenerate("Key1");
    const plugin = await startPlugin(undefined, emulator);
    const { properties = {} } = await plugin.read(urnOf("pair"), name, olds, where);
    assert.equal((await plugin.diff(urnOf("pair"), properties, where)).changes, true);
    // `up --refresh --replace`: what is replaced in any case is not compared.
    const preview = await plugin.create(urnOf("pair"), where, true);
    const { properties: outputs } = await plugin.create(urnOf("pair"), where);
    for (const each of [preview.properties, outputs]) assert.deepEqual([each.keyName, each.rotationCount], ["Key1", 0]);
  });

  it("needs no login, and no input to be known", async () => {
    const plugin = await startPlugin();
    for (const kind of ["key", "pair"] as const) {
      const inputs = { accountId: unknown, rotationTrigger: unknown, keyName: unknown, waitUntilAccepted: unknown };
      const { id, properties } = await plugin.create(urnOf(kind), inputs, true);
      assert.equal(id, "");
      assert.deepEqual(properties.key, secret(unknown));
      assert.equal(properties.subscriptionId, unknown);
    }
  });
});
