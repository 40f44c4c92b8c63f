import assert from "node:assert/strict";
import { CreateResponse } from "@pulumi/pulumi/proto/provider_pb";
import { Provider } from "../../plugin/provider";
import { FailureWithState, KeyError, UnfinishedRotation } from "../../provider/keyError";
import { codeOf } from "../../provider/words";
import { type CallError, clientOf, failureOf, secret, urnOf } from "./pluginClient";

/** The failure of a call that does this; a provider that has failed once still answers. */
async function failureOfOneThat(does: () => unknown): Promise<CallError> {
  const calls = [does, () => new CreateResponse()];
  const create = async () => calls.shift()?.() as CreateResponse;
  const plugin = await clientOf(Object.assign(new Provider(undefined), { create }));
  const error = await failureOf(plugin.create(urnOf("key"), {}));
  await plugin.create(urnOf("key"), {});
  return error;
}

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

describe("a call that the plugin cannot carry out is answered", () => {
  for (const text of [
    "Not rotated: too soon. [too-soon]",
    'Two lines,\nand more: é, 中, 😀, %41, "quoted", \\x.',
    `${"long ".repeat(2_000)}`,
    "",
  ]) {
    it(`with its own words: ${JSON.stringify(text.slice(0, 60))}`, async () => {
      const error = await failureOfOneThat(throwing(new KeyError(text)));
      assert.deepEqual([error.code, error.message, error.left], ["UNKNOWN", text, undefined]);
    });
  }

  it("also where a service's words hold half of a character, which gRPC cannot send", async () => {
    const error = await failureOfOneThat(throwing(new KeyError("cut \ud83d off")));
    assert.deepEqual([error.code, error.message], ["UNKNOWN", "cut \ufffd off"]);
    const failure = await failureOfOneThat(throwing(new FailureWithState("id", {}, "cut \ud83d off")));
    assert.deepEqual(failure.left, { id: "id", properties: {}, reasons: ["cut \ufffd off"] });
  });

  for (const [what, thrown] of [
    ["an error", new TypeError("synthetic-secret")],
    ["an error with a code", Object.assign(new Error("synthetic-secret"), { code: "ECONNRESET" })],
    ["an error with a code of its own", Object.assign(new Error("synthetic-secret"), { code: Object.create(null) })],
    ["an error with a name of its own", Object.assign(new Error("synthetic-secret"), { name: Symbol("x") })],
    ["text", "synthetic-secret"],
    ["nothing", undefined],
    ["null", null],
    ["a symbol", Symbol("synthetic-secret")],
    ["an object without a prototype", Object.create(null)],
  ] as const) {
    it(`with its kind, where it has thrown ${what}`, async () => {
      const error = await failureOfOneThat(throwing(thrown));
      assert.deepEqual([error.code, codeOf(error.message)], ["UNKNOWN", "unexpected"]);
      assert.doesNotMatch(error.message, /synthetic/);
    });
  }

  for (const [what, response] of [
    ["is none", undefined],
    ["is of another kind", { key: "synthetic-secret" }],
    [
      "cannot be written",
      Object.assign(new CreateResponse(), { serializeBinary: throwing(new Error("synthetic-secret")) }),
    ],
  ] as const) {
    it(`where the response ${what}`, async () => {
      const error = await failureOfOneThat(() => response);
      assert.equal(error.code, "INTERNAL");
      assert.doesNotMatch(error.message, /synthetic/);
    });
  }

  it("with what the engine keeps: the outputs, their keys as secrets, and the reason", async () => {
    const outputs = { key: "synthetic-1", previousKey: "synthetic-2", keyName: "Key1", gap: undefined, unfinished: {} };
    const error = await failureOfOneThat(
      throwing(new UnfinishedRotation("account/Key1", outputs, "Not published. [not-accepted]")),
    );
    assert.equal(error.code, "UNKNOWN");
    assert.equal(error.message, "Not published. [not-accepted]");
    assert.deepEqual(error.left, {
      id: "account/Key1",
      properties: { key: secret("synthetic-1"), previousKey: secret("synthetic-2"), keyName: "Key1", unfinished: {} },
      reasons: ["Not published. [not-accepted]"],
    });
  });

  it("where what is to be kept cannot be written", async () => {
    const circular: Record<string, unknown> = { key: "synthetic-1" };
    circular.self = circular;
    const error = await failureOfOneThat(throwing(new FailureWithState("id", circular, "Not published.")));
    assert.deepEqual([error.code, codeOf(error.message), error.left], ["UNKNOWN", "unexpected", undefined]);
  });
});
