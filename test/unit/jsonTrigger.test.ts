import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { jsonTrigger } from "../../components/jsonTrigger";
import { checkTrigger } from "../../provider/trigger";
import { codeOf } from "../../provider/words";

class Release {
  readonly version = 1;
}
const inItself: Record<string, unknown> = {};
inItself.again = [inItself];
class Stub extends pulumi.ComponentResource {}

const shared = { a: 1 };

/** What JSON cannot say, and how it is called. */
const foreign: [what: string, value: () => unknown, called: string][] = [
  ["a Date", () => new Date(), "an object of class Date"],
  ["a Map", () => new Map([["a", 1]]), "an object of class Map"],
  ["a Set", () => new Set([1]), "an object of class Set"],
  ["a RegExp", () => /a/, "an object of class RegExp"],
  ["an Error", () => new TypeError("a"), "an object of class TypeError"],
  ["a class instance", () => new Release(), "an object of class Release"],
  ["an instance of a class without a name", () => new (class {})(), "an object of a class"],
  ["a URL", () => new URL("https://host.example"), "an object of class URL"],
  ["a typed array", () => new Uint8Array(2), "an object of class Uint8Array"],
  ["a Buffer", () => Buffer.from("a"), "an object of class Buffer"],
  ["boxed text", () => Object("a"), "an object of class String"],
  ["an asset", () => new pulumi.asset.StringAsset("a"), "an object of class StringAsset"],
  ["an archive", () => new pulumi.asset.FileArchive("."), "an object of class FileArchive"],
  ["a Date of another realm", () => runInNewContext("new Date()"), "an object of class Date"],
  ["a bigint", () => 1n, "a bigint"],
  ["a symbol", () => Symbol("a"), "a symbol"],
  ["a function", () => () => 1, "a function"],
  ["a class", () => Release, "a function"],
  ["NaN", () => Number.NaN, "NaN"],
  ["Infinity", () => Number.NEGATIVE_INFINITY, "-Infinity"],
  ["an object that holds itself", () => inItself, "an object that contains itself"],
  ["an object with a symbol as a key", () => ({ [Symbol("a")]: 1 }), "an object with symbols as keys"],
];

/** Plain JSON, and what JSON.stringify makes JSON of without a loss. */
const json: [what: string, value: unknown, stored?: unknown][] = [
  ["absent", undefined],
  ["null", null],
  ["text", ""],
  ["a number", -0.5],
  ["a boolean", false],
  ["an array", [1, [null, "a"], {}]],
  ["an object", { a: { b: [1] }, "c d": null }],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["an object of another realm", runInNewContext("({ a: [1] })"), { a: [1] }],
  ["a property that is undefined", { a: undefined, b: 1 }],
  ["one object twice", [shared, shared]],
];

const resource = 'RotatingCognitiveAccountKeyPair "pair"';

/** What is behind Outputs and Promises when Pulumi gets to it. */
async function settled(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) return settled(await (value as unknown as { promise(): unknown }).promise());
  if (value instanceof Promise) return settled(await value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map(settled));
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([key, part]) => [key, await settled(part)])),
  );
}

describe("a trigger in a program", () => {
  for (const [what, value, stored = value] of json) {
    it(`may be, or hold, ${what}, and is passed on as it is`, async () => {
      assert.deepEqual(jsonTrigger(resource, value as never), stored);
      if (value !== undefined) assert.deepEqual(jsonTrigger(resource, { a: [value as never] }), { a: [stored] });
      assert.deepEqual(await settled(jsonTrigger(resource, Promise.resolve(value as never))), stored);
    });
  }

  for (const [what, value, called] of foreign) {
    it(`is refused as ${what}, at any depth, with the path and without a stack`, () => {
      for (const [trigger, path] of [
        [value(), ""],
        [{ a: [0, { "b-c": value() }] }, ".a[1].b-c"],
      ] as const) {
        assert.throws(
          () => jsonTrigger(resource, trigger as never),
          (error: Error) =>
            pulumi.RunError.isInstance(error) &&
            // An object that holds itself is found where it is again.
            error.message.includes(
              ` rotationTrigger${path}${called.includes("itself") ? ".again[0]" : ""} of ${resource} must be a JSON value, but is ${called}. `,
            ) &&
            codeOf(error.message) === "trigger",
          what,
        );
      }
    });

    it(`is refused by check as ${what} behind an Output, a Promise, or a secret`, async () => {
      const late = () => pulumi.output("known").apply(value);
      const ways: [trigger: unknown, path: string][] = [
        [late(), ""],
        [{ a: [late()] }, ".a[0]"],
        [pulumi.output("known").apply(() => ({ a: { b: value() } })), ".a.b"],
        [pulumi.secret("known").apply(() => [value()]), "[0]"],
        [Promise.resolve({ a: value() }), ".a"],
        [{ a: Promise.resolve(pulumi.output("known").apply(() => ({ b: value() }))) }, ".a.b"],
      ];
      for (const [trigger, path] of ways) {
        const failures = checkTrigger(await settled(jsonTrigger(resource, trigger as never)));
        assert.ok(failures.length > 0, path);
        for (const { property, reason } of failures) {
          assert.ok(property.startsWith(`rotationTrigger${path}`), `${property} is not at ${path}`);
          assert.match(reason, /^must be a JSON value, but is /);
        }
      }
    });
  }

  it("is refused with undefined in an array, said or left out, where Pulumi would store null", () => {
    for (const trigger of [[1, undefined], new Array(2), { a: [undefined] }]) {
      assert.throws(() => jsonTrigger(resource, trigger as never), { message: /is a gap in an array\./ });
    }
  });

  it("is refused as a resource, of which an output may be given", async () => {
    await pulumi.runtime.setMocks({ newResource: () => ({ id: "id", state: {} }), call: () => ({}) });
    const stub = new Stub("test:index:Stub", "stub");
    assert.throws(() => jsonTrigger(resource, { stub: stub as never }), {
      message: /rotationTrigger\.stub .* is a resource \(give one of its outputs, such as its id\)/,
    });
    assert.equal(checkTrigger(await settled(jsonTrigger(resource, { urn: stub.urn }))).length, 0);
    await pulumi.runtime.disconnect();
  });

  it("stays a secret, and unknown, as it was", async () => {
    const secret = jsonTrigger(resource, { a: pulumi.secret({ b: 1 }) }) as { a: pulumi.Output<unknown> };
    assert.equal(await pulumi.isSecret(secret.a), true);
    assert.deepEqual(await settled(secret), { a: { b: 1 } });
    const { unknown } = pulumi as unknown as { unknown: unknown };
    const later = jsonTrigger(resource, pulumi.output({ a: unknown })) as unknown as { isKnown: Promise<boolean> };
    assert.equal(await later.isKnown, false);
  });

  it("is refused when it holds itself behind a Promise, instead of being followed for ever", async () => {
    const trigger: Record<string, unknown> = {};
    trigger.again = Promise.resolve({ trigger });
    const [failure] = checkTrigger(await settled(jsonTrigger(resource, trigger as never)));
    assert.equal(failure.property, "rotationTrigger.again.trigger");
  });

  it("leaves the object of the program alone", () => {
    const trigger = { a: [1, { b: 2 }] };
    const before = structuredClone(trigger);
    assert.notEqual(jsonTrigger(resource, trigger as never), trigger);
    assert.deepEqual(trigger, before);
  });
});
