import assert from "node:assert/strict";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { RotatingCognitiveAccount } from "../../components/rotatingCognitiveAccount";
import { runChild } from "../../scripts/childProcess";

const where = { resourceGroupName: "rg", accountName: "my-account", rotationTrigger: "2026-11" };
const outputs = {
  subscriptionId: "11111111-1111-4111-8111-111111111111",
  key: "synthetic",
  keyName: "Key2",
  keyFingerprint: "0123456789ab",
  previousKey: "also synthetic",
  previousKeyName: "Key1",
  rotatedAt: "2026-11-01T00:00:00.000Z",
  rotationCount: 3,
  requestId: "a request",
};
const endpoint = "https://my-account.example/";

/** Each class as a user's own test makes it, and which of its outputs the mocks gave. */
const classes: [name: string, make: () => object, has: readonly (keyof typeof outputs)[]][] = [
  [
    "RotatingCognitiveAccountKey",
    () => new RotatingCognitiveAccountKey("key", where),
    ["subscriptionId", "key", "keyName", "keyFingerprint", "rotatedAt", "requestId"],
  ],
  [
    "RotatingCognitiveAccountKeyPair",
    () => new RotatingCognitiveAccountKeyPair("pair", where),
    Object.keys(outputs) as (keyof typeof outputs)[],
  ],
  [
    "RotatingCognitiveAccount",
    () => new RotatingCognitiveAccount("account", { ...where, kind: "OpenAI", sku: { name: "S0" } }),
    (Object.keys(outputs) as (keyof typeof outputs)[]).filter((name) => name !== "subscriptionId"),
  ],
];

describe("under pulumi.runtime.setMocks", () => {
  for (const [name, make, has] of classes) {
    for (const preview of [false, true]) {
      it(`${name} gives what the mocks give${preview ? ", in a preview too" : ""}, its keys and nothing else as secrets`, async () => {
        const warn = pulumi.log.warn;
        const warnings: string[] = [];
        await pulumi.runtime.setMocks(
          {
            newResource: ({ inputs, name: id }) => ({ id, state: { ...inputs, ...outputs, properties: { endpoint } } }),
            call: () => ({}),
          },
          "project",
          "stack",
          preview,
        );
        Object.assign(pulumi.log, { warn: async (message: string) => void warnings.push(message) });
        try {
          const resource = make() as Record<string, pulumi.Output<unknown>>;
          for (const output of has) {
            const value = await new Promise((resolve) => resource[output].apply(resolve));
            assert.equal(value, outputs[output], output);
            assert.equal(await pulumi.isSecret(resource[output]), /^(key|previousKey)$/.test(output), output);
          }
          await pulumi.runtime.disconnect();
        } finally {
          Object.assign(pulumi.log, { warn });
        }
        assert.deepEqual(warnings, []);
      });
    }
  }
});

describe("the example of a user's test", () => {
  it("passes", async function () {
    this.timeout(60_000);
    const example = join(__dirname, "../../examples/account");
    const mocha = require.resolve("mocha/bin/mocha.js");
    const args = [mocha, "--require", "tsx/cjs", "--reporter", "dot", "*.test.ts"];
    // What the runner sets for this process is not for that one.
    const { NODE_V8_COVERAGE: _coverage, TEST_TALLY_FILE: _tally, ...env } = process.env;
    const { code, stdout, stderr } = await runChild(process.execPath, args, { cwd: example, env });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /3 passing/);
  });
});
