import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Emulator, Fault } from "../../emulator/emulator";
import { Provider } from "../../plugin/provider";
import { KeyHandler } from "../../provider/key";
import { KeyPairHandler } from "../../provider/keyPair";
import { type Code, codeOf } from "../../provider/words";
import { EmulatedProvider } from "../support/emulatedProvider";
import { startEmulator } from "../support/emulator";
import { account, group, name, regenerations, seeded, statusWith } from "../support/scenario";
import { FakeEngine, type Line } from "./fakeEngine";
import {
  clientOf,
  failureOf,
  type PluginClient,
  type Properties,
  plain,
  secret,
  startPlugin,
  urnOf,
} from "./pluginClient";

const where = { resourceGroupName: group, accountName: name };
const kinds = ["key", "pair"] as const;

function envelope(status: number, code: string, retryAfter = "0", message = ""): Fault {
  const body = { error: { code, message } };
  return { strikes: "beforeEffect", outcome: { status, headers: { "Retry-After": retryAfter }, body } };
}

/** A plugin that lives through minutes in a moment. */
function emulatedPlugin(emulated: EmulatedProvider): Provider {
  const context = emulated.process();
  return new Provider(undefined, () => ({ key: new KeyHandler(context), keyPair: new KeyPairHandler(context) }));
}

const busy = (retryAfter: string) => envelope(409, "RequestConflict", retryAfter);

describe("lines of the plugin", () => {
  it("arrive before their call is answered, at its resource, each in its severity", async () => {
    const emulator = await startEmulator(seeded);
    // The engine takes no half of a character.
    const forbidden = envelope(403, "AuthorizationFailed", undefined, "Words that are cut \ud83d off");
    emulator.fault = ({ operation, attempt }) =>
      operation === "listKeys" ? [busy("1"), undefined, forbidden][attempt - 1] : undefined;
    const engine = await FakeEngine.start();
    engine.receive = () => delay(200);
    const plugin = await startPlugin(engine, emulator);
    const urn = urnOf("key", "slow");
    const { id, properties } = await plugin.create(urn, { ...where, maxAge: "P1D" });
    await plugin.read(urn, id, properties, where);
    assert.deepEqual(
      engine.lines.map(({ message, ...line }) => ({ ...line, code: codeOf(message) })),
      [
        { urn, severity: "INFO", code: "busy" },
        { urn, severity: "WARNING", code: "unknown-age" },
        { urn, severity: "INFO", code: "forbidden" },
      ],
    );
    assert.match(engine.lines[2].message, /Words that are cut \ufffd off/);
    assert.doesNotMatch(engine.lines[1].message, /^warning/);
  });

  it("arrive also where the call fails", async () => {
    const emulator = await startEmulator(seeded);
    emulator.fault = ({ operation, attempt }) => {
      if (operation !== "regenerateKey") return undefined;
      return attempt === 1 ? busy("1") : envelope(409, "ScopeLocked");
    };
    const engine = await FakeEngine.start();
    engine.receive = () => delay(200);
    const plugin = await startPlugin(engine, emulator);
    await assert.rejects(plugin.create(urnOf("key"), { ...where, rotationTrigger: 1 }), /\[locked\]/);
    assert.deepEqual(engine.linesOf(urnOf("key")).map(codeOf), ["busy"]);
  });

  it("of a hundred calls at once stand each at its own resource", async () => {
    const names = Array.from({ length: 50 }, (_, index) => `account-${index}`);
    const emulator = await startEmulator({ accounts: names.map((each) => ({ resourceGroup: group, name: each })) });
    emulator.fault = ({ operation, attempt }) =>
      operation === "regenerateKey" && attempt === 1 ? busy("1") : undefined;
    const engine = await FakeEngine.start();
    const plugin = await startPlugin(engine, emulator);
    const created = await Promise.all(
      names.flatMap((accountName) =>
        (["Key1", "Key2"] as const).map(async (keyName) => {
          const urn = urnOf("key", `${accountName}-${keyName}`);
          const inputs = { resourceGroupName: group, accountName, keyName, rotationTrigger: 1 };
          return { urn, accountName, keyName, ...(await plugin.create(urn, inputs)) };
        }),
      ),
    );
    assert.equal(engine.lines.length, 100);
    for (const { urn, accountName, keyName, id, properties } of created) {
      assert.equal(id, `${accountName}/${keyName}`);
      assert.deepEqual(
        properties.key,
        secret(emulator.account(group, accountName).keys[keyName === "Key1" ? "key1" : "key2"]),
      );
      const lines = engine.linesOf(urn);
      assert.equal(lines.length, 1);
      assert.match(lines[0], new RegExp(`regenerateKey ${keyName} of account "${accountName}"`));
    }
  });

  it("hold nobody up where no engine is, and come to one that is attached later", async () => {
    const emulator = await startEmulator(seeded);
    const plugin = await startPlugin(undefined, emulator);
    const speak = () => plugin.create(urnOf("key"), { ...where, maxAge: "P1D" });
    const started = Date.now();
    await speak();
    const gone = await FakeEngine.start();
    await plugin.attach(gone.address);
    gone.stop();
    await speak();
    assert.ok(Date.now() - started < 4_000);
    const engine = await FakeEngine.start();
    await plugin.attach(engine.address);
    await speak();
    assert.deepEqual(
      engine.lines.map(({ message }) => codeOf(message)),
      ["unknown-age"],
    );
  });

  it("hold nobody up for long where the engine does not take them", async () => {
    const emulator = await startEmulator(seeded);
    const engine = await FakeEngine.start();
    engine.receive = () => new Promise(() => {});
    const plugin = await startPlugin(engine, emulator);
    const { properties } = await plugin.create(urnOf("key"), where);
    const started = Date.now();
    const outputs = { ...properties, rotatedAt: "2020-01-01T00:00:00Z" };
    await Promise.all(kinds.map(() => plugin.diff(urnOf("key"), outputs, { ...where, maxAge: "P1D" })));
    assert.ok(Date.now() - started < 8_000);
  });
});

describe("a failure of the plugin that leaves a key behind", () => {
  for (const kind of kinds) {
    it(`brings the outputs of a ${kind} along, and the next update finishes`, async () => {
      const emulator = await startEmulator(seeded);
      const first = await startPlugin(undefined, emulator);
      const { properties: created } = await first.create(urnOf(kind), where);
      const before = account(emulator).keys;
      emulator.keyLag = 600_000;
      const waitUntilAccepted = { url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT1S" };
      const inputs = { ...where, rotationTrigger: { deep: ["x".repeat(30_000)] }, waitUntilAccepted };
      const plugin = await startPlugin(undefined, emulator);
      const call = kind === "key" ? plugin.create(urnOf(kind), inputs) : plugin.update(urnOf(kind), created, inputs);
      const error = await failureOf(call);
      assert.deepEqual([error.code, codeOf(error.message)], ["UNKNOWN", "not-accepted"]);
      const { id, properties, reasons } = error.left ?? assert.fail("nothing is kept");
      assert.deepEqual(reasons, [error.message]);
      const { key1, key2 } = account(emulator);
      if (kind === "key") {
        assert.deepEqual([id, properties.key], [`${name}/Key1`, secret(key1)]);
      } else {
        assert.deepEqual([id, properties.key, properties.previousKey], ["id", secret(key1), secret(key2)]);
        assert.equal(properties.keyName, "Key1", "the one in use stays");
      }
      assert.notDeepEqual(account(emulator).keys, before);
      assert.deepEqual(properties.rotationTrigger, inputs.rotationTrigger);
      assert.ok(properties.unfinished);

      emulator.keyLag = 0;
      const next = await startPlugin(undefined, emulator);
      assert.deepEqual((await next.diff(urnOf(kind), properties, inputs)).detailed, { unfinished: "DELETE" });
      const finished = plain(await next.update(urnOf(kind), properties, inputs));
      assert.equal(await statusWith(emulator, finished.key), 200);
      assert.equal(finished.key, kind === "key" ? key1 : key2);
      assert.equal(finished.unfinished, undefined);
      assert.equal(regenerations(emulator), 1);
    });
  }

  it("brings a mark along where it is not known whether the key was changed", async () => {
    const emulated = await EmulatedProvider.start();
    const first = await clientOf(emulatedPlugin(emulated));
    const { properties } = await first.create(urnOf("pair"), where);
    emulated.fault = ({ operation }) =>
      operation === "regenerateKey" ? { strikes: "beforeEffect", outcome: "reset" } : undefined;
    const plugin = await clientOf(emulatedPlugin(emulated));
    const error = await failureOf(plugin.update(urnOf("pair"), properties, { ...where, rotationTrigger: 1 }));
    assert.equal(codeOf(error.message), "in-doubt");
    const { rotationInDoubt, ...kept } = error.left?.properties ?? {};
    assert.ok(Date.parse(String(rotationInDoubt)) > 0);
    assert.deepEqual(kept, properties, "the outputs are as before");
  });
});

describe("an account that is gone", () => {
  for (const kind of kinds) {
    it(`is answered with no id by a refresh of a ${kind}, when it was not found twice`, async () => {
      const emulated = await EmulatedProvider.start();
      const plugin = await clientOf(emulatedPlugin(emulated));
      const { id, properties } = await plugin.create(urnOf(kind), where);
      emulated.fault = ({ operation, attempt }) =>
        operation === "listKeys" && attempt === 2 ? envelope(404, "ResourceNotFound") : undefined;
      assert.equal((await plugin.read(urnOf(kind), id, properties, where)).id, id, "for a moment");
      emulated.emulator.removeAccount(group, name);
      const gone = { id: "", properties: undefined, inputs: undefined };
      assert.deepEqual(await plugin.read(urnOf(kind), id, properties, where), gone);
    });
  }
});

/** What a rotation waits for. */
interface Wait {
  prepare?(emulator: Emulator): void;
  fault?: Emulator["fault"];
  inputs?(emulator: Emulator): Properties;
  /** @param calls since it began */
  isWaiting(lines: readonly Line[], calls: Emulator["calls"]): boolean;
  says: RegExp;
  /** Whether a new key was issued, and is kept. */
  keeps?: boolean;
}

const saying = (code: Code) => (lines: readonly Line[]) => lines.some(({ message }) => codeOf(message) === code);
const notRotated =
  /^Not rotated: interrupted\. The key was not changed\..* Run the same command again\. \[interrupted\]$/;

const waits: Record<string, Wait> = {
  "a subscription that is throttled": {
    fault: ({ operation }) => (operation === "regenerateKey" ? envelope(429, "TooManyRequests", "3600") : undefined),
    isWaiting: saying("throttled"),
    says: notRotated,
  },
  "an account that is busy": {
    fault: ({ operation }) => (operation === "regenerateKey" ? busy("3600") : undefined),
    isWaiting: saying("busy"),
    says: notRotated,
  },
  "an account that is not there yet": {
    fault: ({ operation }) => (operation === "regenerateKey" ? envelope(404, "ResourceNotFound") : undefined),
    isWaiting: saying("not-found"),
    says: notRotated,
  },
  "a key that is not accepted yet": {
    prepare: (emulator) => {
      emulator.keyLag = 3_600_000;
    },
    inputs: (emulator) => ({
      waitUntilAccepted: { url: `${emulator.endpoint(group, name)}openai/models`, timeout: "PT10M" },
    }),
    isWaiting: saying("waiting"),
    says: /^Not published: new key not accepted yet\..* Run "pulumi up" again: .*refused it \(401\), until it was interrupted\./,
    keeps: true,
  },
  "the reading that confirms a key": {
    fault: ({ operation, attempt }) =>
      operation === "regenerateKey" && attempt === 1 ? { strikes: "afterEffect", outcome: "reset" } : undefined,
    // A reading behind each of the two writes.
    isWaiting: (_lines, calls) =>
      calls.filter(({ operation, status }) => operation === "listKeys" && status === 200).length === 2,
    says: /^Not published: new key not confirmed\..* Run "pulumi up" again: .*it was interrupted while it waited\./,
    keeps: true,
  },
};

describe("Ctrl-C while the plugin waits", () => {
  const other = "other-account";
  const accounts = [name, other].map((each) => ({ resourceGroup: group, name: each }));

  for (const [what, { prepare, fault, inputs, isWaiting, says, keeps }] of Object.entries(waits)) {
    for (const kind of kinds) {
      it(`for ${what} is answered at once, and no key of a ${kind} is lost`, async () => {
        const emulator = await startEmulator({ accounts });
        const first = await startPlugin(undefined, emulator);
        const { properties: created } = await first.create(urnOf("pair"), where);
        prepare?.(emulator);
        emulator.fault = fault;
        const begun = emulator.calls.length;
        const engine = await FakeEngine.start();
        const plugin = await startPlugin(engine, emulator);
        const program = { ...where, rotationTrigger: 1, minimumOverlap: "PT0S", ...inputs?.(emulator) };
        const failure = failureOf(
          kind === "key" ? plugin.create(urnOf(kind), program) : plugin.update(urnOf(kind), created, program),
        );
        while (!isWaiting(engine.lines, emulator.calls.slice(begun))) await delay(20);
        // Its answer arrives.
        await delay(50);
        const started = Date.now();
        await plugin.cancel();
        const error = await failure;
        assert.ok(Date.now() - started < 5_000);
        assert.match(error.message, says);
        const { key1, key2 } = account(emulator);
        const kept = error.left && plain(error.left.properties);
        assert.equal(kept?.unfinished !== undefined, keeps === true);
        if (keeps) assert.equal(kept?.[kind === "key" ? "key" : "previousKey"], kind === "key" ? key1 : key2);

        const renewed = regenerations(emulator);
        const late = await failureOf(
          plugin.create(urnOf("key", "late"), { ...where, accountName: other, rotationTrigger: 1 }),
        );
        assert.match(late.message, notRotated);
        assert.ok(Date.now() - started < 5_000);
        assert.equal(regenerations(emulator), renewed);
      });
    }
  }

  for (const [what, call, says] of [
    [
      "an adoption",
      (plugin, created) => plugin.create(urnOf("key"), { ...where, keyName: created.keyName }),
      /^Keys not read: interrupted\. No key was changed\..* Run the same command again\. \[interrupted\]$/,
    ],
    [
      "a refresh",
      (plugin, created) => plugin.read(urnOf("key"), "id", created, where),
      /^Keys not read: interrupted\. No key was changed\..* Run the same command again\. \[interrupted\]$/,
    ],
    [
      "a revocation",
      (plugin, created) => plugin.delete(urnOf("key"), { ...created, revokeOnDelete: true }),
      /^Not revoked: interrupted\. No key was changed\..* Run the same command again\..* \[interrupted\]$/,
    ],
  ] as const satisfies [string, (plugin: PluginClient, created: Properties) => Promise<unknown>, RegExp][]) {
    it(`in ${what} is answered at once, and says what to do`, async () => {
      const emulator = await startEmulator(seeded);
      const first = await startPlugin(undefined, emulator);
      const { properties } = await first.create(urnOf("key"), { ...where, rotationTrigger: 1 });
      emulator.fault = ({ operation }) => (operation === "listKeys" ? busy("30") : undefined);
      const engine = await FakeEngine.start();
      const plugin = await startPlugin(engine, emulator);
      const failure = failureOf(call(plugin, properties));
      while (engine.lines.length === 0) await delay(20);
      const started = Date.now();
      await plugin.cancel();
      assert.match((await failure).message, says);
      assert.ok(Date.now() - started < 5_000);
      assert.equal(regenerations(emulator), 1);
    });
  }
});
