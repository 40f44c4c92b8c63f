import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { registered } from "../support/mockedProgram";

const where = { resourceGroupName: "rg", accountName: "acct" };
const classes = { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair };

describe("the stack traces of a program", () => {
  for (const [name, Key] of Object.entries(classes)) {
    it(`are not taken for each promise of ${name}`, async () => {
      let traces = 0;
      await registered(() => {
        traces = tracesDuring(() => new Key("key", where));
      });
      assert.ok(traces > 0 && traces < 10, `${traces} traces`);
    });
  }

  it("are all taken where a person looks for promises that leak", async () => {
    process.env.PULUMI_DEBUG_PROMISE_LEAKS = "1";
    try {
      await registered(() => {
        const traces = tracesDuring(() => new RotatingCognitiveAccountKeyPair("key", where));
        assert.ok(traces > 80, `${traces} traces`);
      });
    } finally {
      delete process.env.PULUMI_DEBUG_PROMISE_LEAKS;
    }
  });

  it("are as long as before once a resource is there, also without its last property", async () => {
    const withoutText: pulumi.ResourceTransformation = ({ props: { __provider, ...props }, opts }) => ({ props, opts });
    const before = Error.stackTraceLimit;
    await registered(() => {
      for (const transformations of [[], [withoutText]]) {
        new RotatingCognitiveAccountKeyPair("key", where, { transformations });
        assert.equal(Error.stackTraceLimit, before);
      }
    });
  });

  it("are as long as before once a key is there that a value of another key has made", async () => {
    const before = Error.stackTraceLimit;
    await registered(() => {
      const value = { toString: () => new RotatingCognitiveAccountKey("inner", where) && "acct" };
      new RotatingCognitiveAccountKeyPair("key", { ...where, accountName: value as unknown as string });
      assert.equal(Error.stackTraceLimit, before);
    });
  });

  it("lead from a transformation that throws, and from a registration that fails, to the line of the program", async () => {
    await registered(() => {
      const transformation = () => {
        throw new Error("thrown by a transformation");
      };
      const make = () => new RotatingCognitiveAccountKeyPair("key", where, { transformations: [transformation] });
      assert.throws(make, (error: Error) => error.stack?.includes(__filename));
    });
    await pulumi.runtime.setMocks({ newResource: () => Promise.reject(new Error("refused")), call: () => ({}) });
    const failure = new Promise<Error>((resolve) =>
      process.once("unhandledRejection", resolve as (e: unknown) => void),
    );
    new RotatingCognitiveAccountKeyPair("key", where);
    assert.match((await failure).stack ?? "", new RegExp(__filename));
  });
});

/** How many errors were asked for a trace that has frames. */
function tracesDuring(program: () => unknown): number {
  const before = Error.prepareStackTrace;
  let traces = 0;
  Error.prepareStackTrace = (_error, frames) => {
    if (frames.length > 0) traces++;
    return "Error";
  };
  try {
    program();
  } finally {
    Error.prepareStackTrace = before;
  }
  return traces;
}
