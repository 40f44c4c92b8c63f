import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccount, type RotatingCognitiveAccountArgs } from "../../components/rotatingCognitiveAccount";
import { checkTrigger } from "../../provider/trigger";
import { codeOf, localAuthNeeded } from "../../provider/words";
import { logged } from "../support/mockedProgram";

const accountType = "azure-native:cognitiveservices:Account";
const pairType = "pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair";
const refusal = localAuthNeeded("ai");

const args = {
  resourceGroupName: "rg",
  kind: "OpenAI",
  sku: { name: "S0" },
} satisfies RotatingCognitiveAccountArgs;

/** Registers what the program makes, and gives the inputs of each resource by type. */
async function registered(program: () => unknown): Promise<Record<string, { name: string; inputs: pulumi.Inputs }>> {
  const seen: Record<string, { name: string; inputs: pulumi.Inputs }> = {};
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      seen[type] = { name, inputs };
      return { id: `${name}-id`, state: { ...inputs, ...outputsOf(type, inputs) } };
    },
    call: () => ({}),
  });
  await program();
  await pulumi.runtime.disconnect();
  return seen;
}

/** What a deployment would add to the inputs. */
function outputsOf(type: string, inputs: pulumi.Inputs): pulumi.Inputs {
  if (type === accountType) return { properties: { ...inputs.properties, endpoint: "https://ai.example/" } };
  return {
    key: "synthetic",
    keyName: "Key1",
    keyFingerprint: "0123456789ab",
    previousKey: "also synthetic",
    previousKeyName: "Key2",
    rotationCount: 1,
    rotatedAt: "2026-11-01T00:00:00.000Z",
    requestId: "a request",
  };
}

function known(output: pulumi.Output<unknown>): Promise<unknown> {
  return new Promise((resolve) => output.apply(resolve));
}

class AzureNative extends pulumi.ProviderResource {}

describe("RotatingCognitiveAccount", () => {
  it("refuses a trigger that is no JSON value before anything is registered, and passes on what only check can refuse", async () => {
    const refused = await registered(() => {
      assert.throws(
        () => new RotatingCognitiveAccount("ai", { ...args, rotationTrigger: { at: new Date() as never } }),
        (error: Error) =>
          pulumi.RunError.isInstance(error) &&
          /rotationTrigger\.at of RotatingCognitiveAccount "ai" must be a JSON value.*\[trigger\]$/.test(error.message),
      );
    });
    assert.deepEqual(refused, {});
    const { [pairType]: pair } = await registered(() => {
      const rotationTrigger = pulumi.output("known").apply(() => ({ at: new Date() as never }));
      new RotatingCognitiveAccount("ai", { ...args, rotationTrigger });
    });
    assert.equal(checkTrigger(pair.inputs.rotationTrigger)[0].property, "rotationTrigger.at");
  });

  it("creates the account as it is told to, with local authentication on", async () => {
    const { [accountType]: account } = await registered(
      () =>
        new RotatingCognitiveAccount("ai", {
          ...args,
          accountName: "my-account",
          location: "eastus",
          identity: { type: "SystemAssigned" },
          tags: { team: "ai" },
          properties: { customSubDomainName: "my-account", publicNetworkAccess: "Disabled" },
          rotationTrigger: "2026-11",
          minimumOverlap: "P1D",
        }),
    );
    assert.equal(account.name, "ai");
    const { properties, ...inputs } = Object.fromEntries(
      Object.entries(account.inputs).filter(([, value]) => value !== undefined),
    );
    assert.deepEqual(inputs, {
      ...args,
      accountName: "my-account",
      location: "eastus",
      identity: { type: "SystemAssigned" },
      tags: { team: "ai" },
    });
    assert.deepEqual(
      { ...properties, encryption: undefined },
      {
        customSubDomainName: "my-account",
        publicNetworkAccess: "Disabled",
        disableLocalAuth: false,
        encryption: undefined,
      },
    );
  });

  for (const [how, properties] of Object.entries({
    absent: undefined,
    "present without it": {},
    "given with false": { disableLocalAuth: false },
    "given with an Output of false": { disableLocalAuth: pulumi.output(false) },
    "an Output": pulumi.output({ restore: true }),
    "a promise": Promise.resolve({ restore: true }),
  })) {
    it(`turns local authentication on when the properties are ${how}`, async () => {
      const { [accountType]: account } = await registered(
        () => new RotatingCognitiveAccount("ai", { ...args, properties }),
      );
      assert.equal(account.inputs.properties.disableLocalAuth, false);
    });
  }

  it("gives the key pair the id of the account, the trigger, the overlap and the maximum age, and nothing else", async () => {
    const { [pairType]: pair } = await registered(
      () =>
        new RotatingCognitiveAccount("ai", {
          ...args,
          rotationTrigger: { month: 11 },
          minimumOverlap: pulumi.output("P1D"),
          maxAge: "P90D",
        }),
    );
    assert.equal(pair.name, "ai-keys");
    const { __provider, ...inputs } = Object.fromEntries(
      Object.entries(pair.inputs).filter(([, value]) => value !== undefined),
    );
    const passedOn = { rotationTrigger: { month: 11 }, minimumOverlap: "P1D", maxAge: "P90D" };
    assert.deepEqual(inputs, { accountId: "ai-id", ...passedOn });
  });

  it("is the parent of both", async () => {
    const parents: Record<string, unknown> = {};
    let ai: RotatingCognitiveAccount | undefined;
    await registered(() => {
      const note: pulumi.ResourceTransformation = ({ type, opts }) => {
        parents[type] = opts.parent;
        return undefined;
      };
      ai = new RotatingCognitiveAccount("ai", args, { transformations: [note] });
    });
    assert.equal(parents[accountType], ai);
    assert.equal(parents[pairType], ai);
  });

  it("gives the account's endpoint and the pair's outputs, and only the two keys are secret", async () => {
    const seen: Record<string, { value: unknown; secret: boolean }> = {};
    await registered(async () => {
      const ai = new RotatingCognitiveAccount("ai", { ...args, rotationTrigger: 1 });
      for (const [name, output] of Object.entries(ai)) {
        if (name === "urn" || !pulumi.Output.isInstance<unknown>(output)) continue;
        seen[name] = { value: await known(output), secret: await pulumi.isSecret(output) };
      }
    });
    assert.deepEqual(seen, {
      endpoint: { value: "https://ai.example/", secret: false },
      key: { value: "synthetic", secret: true },
      keyName: { value: "Key1", secret: false },
      keyFingerprint: { value: "0123456789ab", secret: false },
      previousKey: { value: "also synthetic", secret: true },
      previousKeyName: { value: "Key2", secret: false },
      rotatedAt: { value: "2026-11-01T00:00:00.000Z", secret: false },
      rotationCount: { value: 1, secret: false },
      requestId: { value: "a request", secret: false },
    });
  });

  it("refuses an account without keys at once, with an error that prints without a stack", async () => {
    const seen = await registered(() => {
      assert.throws(
        () => new RotatingCognitiveAccount("ai", { ...args, properties: { disableLocalAuth: true } }),
        (error: Error) => pulumi.RunError.isInstance(error) && error.message === refusal,
      );
    });
    assert.deepEqual(seen, {}, "nothing is registered");
  });

  for (const [how, properties] of Object.entries({
    "an Output in the properties": { disableLocalAuth: pulumi.output(true) },
    "a secret in the properties": { disableLocalAuth: pulumi.secret(true) },
    "properties that are an Output": pulumi.output({ disableLocalAuth: true }),
    "properties that are a promise": Promise.resolve({ disableLocalAuth: true }),
  })) {
    it(`fails with the same sentence for ${how}, and never asks for an account without keys`, async () => {
      let seen: Awaited<ReturnType<typeof registered>> = {};
      const errors = await logged("error", async () => {
        seen = await registered(() => new RotatingCognitiveAccount("ai", { ...args, properties }));
      });
      assert.deepEqual(errors, [refusal]);
      assert.equal(JSON.stringify(seen[accountType].inputs.properties).includes("true"), false);
    });
  }

  it("leaves the arguments of the caller as they were", async () => {
    const given = { ...args, properties: { customSubDomainName: "ai" }, rotationTrigger: { a: 1 } };
    const before = structuredClone(given);
    await registered(() => [new RotatingCognitiveAccount("one", given), new RotatingCognitiveAccount("two", given)]);
    assert.deepEqual(given, before);
  });

  for (const option of ["provider", "providers"] as const) {
    it(`takes an explicit azure-native provider as ${option}, and warns that it does not reach the keys`, async () => {
      const warnings = await logged("warn", () =>
        registered(() => {
          const explicit = new AzureNative("azure-native", "explicit");
          const { account } = new RotatingCognitiveAccount("ai", args, {
            [option]: option === "provider" ? explicit : [explicit],
          });
          assert.equal(account.getProvider(accountType), explicit);
        }),
      );
      assert.equal(warnings.length, 1);
      assert.equal(codeOf(warnings[0]), "inherited-provider");
    });
  }

  it("warns of nothing without one", async () => {
    assert.deepEqual(await logged("warn", () => registered(() => new RotatingCognitiveAccount("ai", args))), []);
  });
});
