import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

const accountType = "azure-native:cognitiveservices:Account";
const pairType = "pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair";

/** The inputs of each resource that the program declares, by type. */
const declared: Record<string, pulumi.Inputs> = {};

/** What a deployment would add to the inputs. Nothing is called, and no key is real. */
function outputsOf(type: string, inputs: pulumi.Inputs): pulumi.Inputs {
  if (type === accountType) return { properties: { ...inputs.properties, endpoint: "https://my-account.example/" } };
  return { key: "synthetic key", keyName: "Key1", keyFingerprint: "0123456789ab", rotationCount: 0 };
}

describe("the program", () => {
  let program: typeof import("./index");

  before(async () => {
    pulumi.runtime.setAllConfig({
      "account:accountName": "my-account",
      "account:resourceGroupName": "my-group",
      "account:rotationTrigger": "2026-11",
    });
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          declared[type] = inputs;
          return { id: `${name}-id`, state: { ...inputs, ...outputsOf(type, inputs) } };
        },
        call: () => ({}),
      },
      "account",
    );
    program = require("./index");
  });

  it("creates an account whose keys work", async () => {
    assert.equal(await known(program.endpoint), "https://my-account.example/");
    assert.equal(declared[accountType].accountName, "my-account");
    assert.equal(declared[accountType].properties.disableLocalAuth, false);
  });

  it("rotates the keys of that account by the trigger of its configuration", async () => {
    await known(program.key);
    assert.equal(declared[pairType].accountId, "account-id");
    assert.equal(declared[pairType].rotationTrigger, "2026-11");
  });

  it("publishes the key as a secret, and what names it as none", async () => {
    assert.equal(await known(program.key), "synthetic key");
    assert.equal(await pulumi.isSecret(program.key), true);
    assert.equal(await known(program.keyFingerprint), "0123456789ab");
    assert.equal(await pulumi.isSecret(program.keyFingerprint), false);
  });
});

function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
