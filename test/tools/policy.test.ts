import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { RotatingCognitiveAccount } from "../../components/rotatingCognitiveAccount";
import { keyAge } from "../../examples/policy/keyAge";
import { revokeOnSharedAccount } from "../../examples/policy/revokeOnSharedAccount";
import { isRotatingKey } from "../../examples/policy/rotatingKeys";
import { singleSlotInProduction } from "../../examples/policy/singleSlotInProduction";
import { type Described, resourceViolations, stackViolations, unknownValue } from "./policyArgs";

const now = Date.parse("2026-11-26T12:00:00.000Z");
const day = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(now - days * day).toISOString();

const subscription = "00000000-0000-4000-8000-000000000001";
const where = { resourceGroupName: "rg-ai", accountName: "my-account" };
const accountId = armId(subscription, "RG-AI", "My-Account");
const issued = { key: "synthetic key", keyFingerprint: "0123456789ab", subscriptionId: subscription };

function armId(subscriptionId: string, group: string, account: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${account}`;
}

/** Registers the program's resources with mocks, and describes each with what it was given and `outputs`. */
async function deployed(program: () => unknown, outputs: object = issued, stack = "dev"): Promise<Described[]> {
  const seen: Described[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const props = { ...inputs, ...(isRotatingKey({ type, name, props: inputs }) && outputs) };
        seen.push({ type, urn: `urn:pulumi:${stack}::project::${type}::${name}`, props });
        return { id: `${name}-id`, state: props };
      },
      call: () => ({}),
    },
    "project",
    stack,
  );
  await program();
  await pulumi.runtime.disconnect();
  return seen;
}

const pair = (args: object = where, name = "pair") => new RotatingCognitiveAccountKeyPair(name, args);
const single = (args: object = where, name = "key") => new RotatingCognitiveAccountKey(name, args);

describe("the policy key-age", () => {
  const violations = (resources: Described[], config?: object) =>
    stackViolations(
      keyAge(() => now),
      resources,
      config,
    );

  for (const make of [pair, single]) {
    const title = make === pair ? "a pair" : "a single key";
    it(`reports ${title} whose key was issued more than 90 days ago, and not before`, async () => {
      assert.deepEqual(await violations(await deployed(() => make(), { ...issued, rotatedAt: daysAgo(90) })), []);
      const [violation, ...others] = await violations(
        await deployed(() => make(), { ...issued, rotatedAt: daysAgo(90.1) }),
      );
      assert.deepEqual(others, []);
      assert.match(violation, /^(pair|key): RotatingCognitiveAccountKey(Pair)? "\1" of account rg-ai\/my-account: /);
      assert.ok(
        violation.endsWith(
          `the key in use was issued ${daysAgo(90.1)}, more than 90 days ago. Change rotationTrigger to rotate it.`,
        ),
        violation,
      );
    });
  }

  it("allows as many days as it is told to", async () => {
    const resources = await deployed(() => pair(), { ...issued, rotatedAt: daysAgo(31) });
    assert.equal((await violations(resources, { maxAgeDays: 30 })).length, 1);
    assert.deepEqual(await violations(resources, { maxAgeDays: 31 }), []);
  });

  it("counts from the issue of a key, not from when it was published", async () => {
    const outputs = { ...issued, rotatedAt: daysAgo(91), publishedAt: daysAgo(89) };
    assert.equal((await violations(await deployed(() => pair(), outputs))).length, 1);
  });

  it("reports that the age of an adopted key is not known, unless it is told not to", async () => {
    const resources = await deployed(() => [pair(), single()]);
    const found = await violations(resources);
    assert.equal(found.length, 2);
    for (const violation of found) {
      assert.match(violation, /the age of the key in use is not known, as it was not issued by this resource\./);
    }
    assert.deepEqual(await violations(resources, { reportUnknownAge: false }), []);
  });

  it("knows how old an adopted key is at least, from when it was published or found to be changed", async () => {
    for (const outputs of [
      { publishedAt: daysAgo(91) },
      { changedOutsideAt: daysAgo(91) },
      { publishedAt: daysAgo(400), changedOutsideAt: daysAgo(91) },
    ]) {
      const resources = await deployed(() => pair(), { ...issued, ...outputs });
      const [violation] = await violations(resources, { reportUnknownAge: false });
      assert.ok(violation?.includes(`was issued before ${daysAgo(91)}, more than 90 days ago`), violation);
    }
    const recent = { ...issued, publishedAt: daysAgo(400), changedOutsideAt: daysAgo(1) };
    assert.match((await violations(await deployed(() => pair(), recent))).join(), /is not known/);
  });

  it("says nothing in a preview of a key that will be created or changed, whose outputs are not known", async () => {
    const inputsOnly = await deployed(() => [pair(), single()], {});
    const { subscriptionId } = issued;
    const unknown = { subscriptionId, keyFingerprint: unknownValue, rotatedAt: unknownValue };
    assert.deepEqual(await violations(inputsOnly), []);
    assert.deepEqual(await violations(await deployed(() => [pair(), single()], unknown)), []);
  });

  it("checks the pair of a RotatingCognitiveAccount, and no resource of another type", async () => {
    const account = { resourceGroupName: "rg-ai", kind: "OpenAI", sku: { name: "S0" } };
    const resources = await deployed(() => new RotatingCognitiveAccount("ai", account), {
      ...issued,
      ...where,
      rotatedAt: daysAgo(100),
    });
    assert.ok(resources.some(({ type }) => type === "azure-native:cognitiveservices:Account"));
    const found = await violations(resources);
    assert.equal(found.length, 1);
    assert.match(found[0], /RotatingCognitiveAccountKeyPair "ai/);
  });
});

describe("the policy single-slot-in-production", () => {
  const violations = async (make: () => unknown, stack: string, config?: object, unknown = {}) => {
    const resources = await deployed(make, unknown, stack);
    return (await Promise.all(resources.map((r) => resourceViolations(singleSlotInProduction, r, config)))).flat();
  };

  it("refuses a single key in stacks called prod and production, and nowhere else", async () => {
    for (const stack of ["prod", "production"]) {
      assert.deepEqual(await violations(() => single(), stack), [
        'RotatingCognitiveAccountKey "key" of account rg-ai/my-account: every rotation of a single key is an outage, ' +
          `and stack ${stack} is production. Use a RotatingCognitiveAccountKeyPair.`,
      ]);
    }
    for (const stack of ["dev", "prod-like", "nonprod"]) assert.deepEqual(await violations(() => single(), stack), []);
  });

  it("allows a pair", async () => {
    assert.deepEqual(await violations(() => pair(), "prod"), []);
  });

  it("takes the names of production stacks from its configuration", async () => {
    const config = { productionStacks: ["live"] };
    assert.equal((await violations(() => single(), "live", config)).length, 1);
    assert.deepEqual(await violations(() => single(), "prod", config), []);
  });

  it("names a key of an account that is not known in the preview", async () => {
    const [violation] = await violations(() => single({ accountId }), "prod", {}, { accountId: unknownValue });
    assert.match(violation, /^RotatingCognitiveAccountKey "key" of an account that is not known yet: /);
  });
});

describe("the policy revoke-on-shared-account", () => {
  const violations = async (make: () => unknown, config?: object, outputs?: object) =>
    stackViolations(revokeOnSharedAccount, await deployed(make, outputs), config);
  const revoked = (args: object = where, name?: string) => single({ ...args, revokeOnDelete: true }, name);

  it("allows revokeOnDelete where nobody else is known to use the account", async () => {
    assert.deepEqual(await violations(() => [revoked(), pair({ ...where, accountName: "other" })]), []);
    assert.deepEqual(await violations(() => revoked(), { sharedAccounts: ["rg-ai/other", "other/my-account"] }), []);
  });

  for (const [how, listed] of Object.entries({
    "group and account": "RG-ai/My-account",
    "its ARM id": accountId,
    "its ARM id in small letters": accountId.toLowerCase(),
  })) {
    it(`reports it on an account that is listed by ${how}, whichever way the program names it`, async () => {
      for (const args of [where, { accountId }]) {
        const found = await violations(() => revoked(args), { sharedAccounts: ["rg-ai/other", listed] });
        assert.equal(found.length, 1);
        assert.match(
          found[0],
          /^key: RotatingCognitiveAccountKey "key" of account rg-ai\/my-account: revokeOnDelete is set, but the account is shared \(sharedAccounts lists it\)\. Remove revokeOnDelete\.$/i,
        );
      }
    });
  }

  for (const [how, others] of Object.entries({
    "by group and account": where,
    "by its ARM id": { accountId },
    "in capitals": { resourceGroupName: "RG-AI", accountName: "MY-ACCOUNT" },
  })) {
    it(`reports it where another resource of the stack names the account ${how}, whichever way this one does`, async () => {
      for (const args of [where, { accountId: accountId.toLowerCase() }]) {
        const found = await violations(() => [revoked(args), pair(others)]);
        assert.equal(found.length, 1);
        assert.match(found[0], /^key: .*the account is shared \("pair" uses it too\)/);
      }
    });
  }

  it("reports each of two single keys that would revoke a slot of the same account", async () => {
    const found = await violations(() => [revoked(), revoked({ accountId, keyName: "Key2" }, "second")]);
    assert.deepEqual(found.map((violation) => violation.split(":")[0]).sort(), ["key", "second"]);
  });

  it("knows accounts of one name in two subscriptions apart", async () => {
    const other = armId("00000000-0000-4000-8000-000000000002", "rg-ai", "my-account");
    assert.deepEqual(await violations(() => revoked(), { sharedAccounts: [other] }), []);
    const unresolved = await violations(() => revoked(), { sharedAccounts: [other] }, {});
    assert.equal(unresolved.length, 1, "a preview does not know the default subscription, so it may be that one");
  });

  it("has nothing against sharing an account without revokeOnDelete", async () => {
    const config = { sharedAccounts: ["rg-ai/my-account"] };
    assert.deepEqual(await violations(() => [single({ ...where, revokeOnDelete: false }), pair()], config), []);
  });

  it("says nothing of what a preview does not know", async () => {
    const config = { sharedAccounts: ["rg-ai/my-account"] };
    for (const unknown of ["accountId", "resourceGroupName", "revokeOnDelete"]) {
      const args = unknown === "accountId" ? { accountId } : where;
      assert.deepEqual(await violations(() => revoked(args), config, { [unknown]: unknownValue }), []);
    }
  });

  it("takes as an account either an ARM id or group/account, and nothing else", () => {
    const { items } = revokeOnSharedAccount.configSchema?.properties.sharedAccounts ?? {};
    const pattern = new RegExp((items as { pattern: string }).pattern);
    for (const account of [accountId, "rg-ai/my-account"]) assert.match(account, pattern);
    for (const account of ["my-account", "rg-ai/", "/rg-ai/my-account", "a/b/c", `${accountId}/keys`]) {
      assert.doesNotMatch(account, pattern);
    }
  });
});

describe("the violations of all policies", () => {
  it("show no key and no fingerprint", async () => {
    const outputs = { ...issued, previousKey: "another synthetic key", rotatedAt: daysAgo(100) };
    const resources = await deployed(() => [single({ ...where, revokeOnDelete: true }), pair()], outputs, "prod");
    const found = [
      ...(await stackViolations(
        keyAge(() => now),
        resources,
      )),
      ...(await stackViolations(revokeOnSharedAccount, resources)),
      ...(await Promise.all(resources.map((r) => resourceViolations(singleSlotInProduction, r)))).flat(),
    ];
    assert.equal(found.length, 4);
    assert.doesNotMatch(found.join(), /synthetic|0123456789ab/);
  });
});
