import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  RotatingCognitiveAccountKey,
  type RotatingCognitiveAccountKeyArgs,
  RotatingCognitiveAccountKeyPair,
} from "../../components";
import { RotatingCognitiveAccount } from "../../components/rotatingCognitiveAccount";
import { warnOfAge } from "../../components/warnOfAge";
import { type AgedKey, ageWarning } from "../../provider/keyAge";

const slot = 'Key1 of account "acct" (resource group "rg", subscription sub)';
const rotatedAt = "2026-01-31T12:00:00.000Z";
const key: AgedKey = {
  slot,
  rotatedAt: { value: rotatedAt },
  maxAge: { value: "P90D" },
  rotationTrigger: { value: "2026-01" },
  unfinished: false,
};
const change = 'maxAge only warns. To rotate, change rotationTrigger (last: "2026-01").';
const unknownAge = (remedy: string): RegExp =>
  new RegExp(
    `^${escaped(`Key age unknown: maxAge (P90D) not checked. ${slot} `)}.*${escaped(` ${remedy} [unknown-age]`)}$`,
  );

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

const warning = (more: Partial<AgedKey>, now: string) => ageWarning({ ...key, ...more }, Date.parse(now));

describe("the age of a key", () => {
  // Months and years are those of the calendar: February has 28 days, the year after a leap day none.
  const limits: [maxAge: string, rotatedAt: string, lastMoment: string, age: string][] = [
    ["P90D", rotatedAt, "2026-05-01T12:00:00.000Z", "90 days"],
    ["P1M", rotatedAt, "2026-02-28T12:00:00.000Z", "28 days"],
    ["P2M", rotatedAt, "2026-03-31T12:00:00.000Z", "59 days"],
    ["P1Y", "2028-02-29T00:00:00.000Z", "2029-02-28T00:00:00.000Z", "365 days"],
    ["P2W", rotatedAt, "2026-02-14T12:00:00.000Z", "14 days"],
    ["PT36H", rotatedAt, "2026-02-02T00:00:00.000Z", "36 hours"],
    ["PT90M", rotatedAt, "2026-01-31T13:30:00.000Z", "90 minutes"],
    ["PT1S", rotatedAt, "2026-01-31T12:00:01.000Z", "1 second"],
  ];
  for (const [maxAge, issued, last, age] of limits) {
    it(`may be ${maxAge} exactly, and not more`, () => {
      const at = { rotatedAt: { value: issued }, maxAge: { value: maxAge } };
      assert.equal(warning(at, issued), undefined);
      assert.equal(warning(at, last), undefined);
      const later = new Date(Date.parse(last) + 1).toISOString();
      assert.equal(
        warning(at, later),
        `Key older than maxAge (${maxAge}): issued ${age} ago. It was issued at ${issued}, as ${slot}. ${change} [old-key]`,
      );
    });
  }

  it("is none where the clock that took the time was ahead", () => {
    assert.equal(warning({}, "2026-01-01T00:00:00Z"), undefined);
  });

  it("is not known of a key that was found in Azure, and a warning says so whatever the time", () => {
    for (const now of [rotatedAt, "2036-01-01T00:00:00Z"]) {
      assert.match(String(warning({ rotatedAt: {} }, now)), unknownAge(change));
    }
  });

  for (const [what, value, last] of [
    ["text", "2026-01", '"2026-01"'],
    ["a number", 0, "0"],
    ["an empty text", "", '""'],
    ["false", false, "false"],
    ["an object", { month: 11, by: ["ops"] }, '{"month":11,"by":["ops"]}'],
    ["a text that a terminal would act on", "\u001b[31m\n", '"\\u001b[31m\\n"'],
    ["a long one", "x".repeat(500), `"${"x".repeat(99)}…`],
  ] as const) {
    it(`names the trigger when it is ${what}`, () => {
      const remedy = `maxAge only warns. To rotate, change rotationTrigger (last: ${last}).`;
      assert.match(String(warning({ rotatedAt: {}, rotationTrigger: { value } }, rotatedAt)), unknownAge(remedy));
    });
  }

  for (const value of [undefined, null]) {
    it(`asks for a trigger when it is ${value}`, () => {
      assert.match(
        String(warning({ rotatedAt: {}, rotationTrigger: { value } }, rotatedAt)),
        unknownAge("maxAge only warns. To rotate, set rotationTrigger."),
      );
    });
  }

  it("asks for no other trigger while a rotation is unfinished", () => {
    assert.match(
      String(warning({ unfinished: true }, "2036-01-01T00:00:00Z")),
      /3621 days ago\. .* maxAge only warns\. The next "pulumi up" finishes the rotation\. \[old-key\]$/,
    );
  });

  it("does not show what the program has made secret", () => {
    const secret = { rotationTrigger: { value: "hush", secret: true } };
    assert.match(String(warning(secret, "2036-01-01T00:00:00Z")), /\(last: \[secret\]\)\. \[old-key\]$/);
    const all = { ...secret, rotatedAt: { value: rotatedAt, secret: true }, maxAge: { value: "P7D", secret: true } };
    assert.equal(
      warning(all, "2036-01-01T00:00:00Z"),
      `Key older than maxAge ([secret]). It was issued at [secret], as ${slot}. maxAge only warns. To rotate, change ` +
        "rotationTrigger (last: [secret]). [old-key]",
    );
  });

  it("shows no input where nobody knows which are secret", () => {
    const remedy = "maxAge only warns. To rotate, change rotationTrigger.";
    assert.equal(
      warning({ secretsUnknown: true }, "2026-05-02T12:00:00Z"),
      `Key older than maxAge: issued 91 days ago. It was issued at ${rotatedAt}, as ${slot}. ${remedy} [old-key]`,
    );
    assert.equal(
      warning({ secretsUnknown: true, rotatedAt: {} }, rotatedAt),
      `Key age unknown: maxAge not checked. ${slot} was found in Azure, which does not say when it was issued. ${remedy} [unknown-age]`,
    );
  });

  it("is not compared with what is no duration", () => {
    for (const value of ["", "90 days", "P"]) {
      assert.equal(warning({ maxAge: { value } }, "2036-01-01T00:00:00Z"), undefined);
    }
  });
});

const where = { resourceGroupName: "rg", accountName: "acct" };
const adopted = { subscriptionId: "sub", keyName: "Key1", keyFingerprint: "0123456789ab", key: "synthetic" };
const old = { ...adopted, rotatedAt: new Date(Date.now() - 120 * 86_400_000).toISOString() };

/** The warnings of a program whose keys have these outputs, each with the name of its resource. */
async function warned(outputs: object, program: () => unknown, isPreview = false): Promise<[string, string][]> {
  const warnings: [string, string][] = [];
  const log = pulumi.log as { warn: (message: string, resource: pulumi.Resource) => Promise<void> };
  const { warn } = log;
  log.warn = async (message, resource) => {
    const urn = await new Promise<string>((resolve) => resource.urn.apply(resolve));
    warnings.push([urn.split("::").at(-1) as string, message]);
  };
  try {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => ({
          id: `/subscriptions/sub/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/${name}`,
          state: type.startsWith("pulumi-nodejs:dynamic:") ? { ...inputs, ...outputs } : inputs,
        }),
        call: () => ({}),
      },
      "project",
      "stack",
      isPreview,
    );
    await program();
    await pulumi.runtime.disconnect();
    // Of what a program logs at its very end nobody is told.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    return warnings;
  } finally {
    log.warn = warn;
  }
}

const older =
  /^Key older than maxAge \(P90D\): issued 120 days ago\. It was issued at \S+Z, as Key1 of account "acct" \(resource group "rg", subscription sub\)\. .*\[old-key\]$/;

describe("maxAge in a program", () => {
  for (const Resource of [RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair]) {
    it(`makes ${Resource.name} warn once, on itself`, async () => {
      const rotationTrigger = "2026-01";
      const program = () => new Resource("old", { ...where, maxAge: "P90D", rotationTrigger });
      const [[name, message], ...others] = await warned(old, program);
      assert.equal(name, "old");
      assert.match(message, older);
      assert.deepEqual(others, []);
      const [[, unknown], ...more] = await warned(adopted, program);
      assert.match(unknown, /^Key age unknown: .*Key1 of account "acct" .*\[unknown-age\]$/);
      assert.deepEqual(more, []);
    });
  }

  it("makes RotatingCognitiveAccount warn once, on its keys", async () => {
    const args = { resourceGroupName: "rg", kind: "OpenAI", sku: { name: "S0" } };
    const [[name, message], ...others] = await warned(
      old,
      () => new RotatingCognitiveAccount("acct", { ...args, maxAge: "P90D" }),
    );
    assert.equal(name, "acct-keys");
    assert.match(message, older);
    assert.deepEqual(others, []);
    assert.deepEqual(await warned(old, () => new RotatingCognitiveAccount("acct", args)), []);
  });

  const silent: [what: string, outputs: object, args: RotatingCognitiveAccountKeyArgs][] = [
    ["without maxAge", old, {}],
    ["with null", old, { maxAge: null as unknown as string }],
    ["with an Output of nothing", old, { maxAge: pulumi.output(undefined) as unknown as pulumi.Output<string> }],
    ["of a young key", { ...adopted, rotatedAt: new Date().toISOString() }, { maxAge: "P90D" }],
    ["where mocks give a key no outputs", {}, { maxAge: "P90D" }],
    ["where mocks have let through what is no duration", old, { maxAge: "90 days" }],
  ];
  for (const [what, outputs, args] of silent) {
    it(`says nothing ${what}`, async () => {
      assert.deepEqual(await warned(outputs, () => new RotatingCognitiveAccountKey("key", { ...where, ...args })), []);
    });
  }

  it("asks to finish a rotation that is unfinished", async () => {
    const program = () => new RotatingCognitiveAccountKeyPair("pair", { ...where, maxAge: "P90D" });
    const [[, message]] = await warned({ ...old, unfinished: {} }, program);
    assert.match(message, /The next "pulumi up" finishes the rotation\. \[old-key\]$/);
  });

  it("says nothing in a preview of what is not there yet", async () => {
    const program = () => new RotatingCognitiveAccountKey("key", { ...where, maxAge: "P90D" });
    assert.deepEqual(await warned({}, program, true), []);
  });

  it("takes its own present value and not the one in the outputs, which no step brings up to date", async () => {
    const program = (maxAge?: pulumi.Input<string>) => () =>
      new RotatingCognitiveAccountKey("key", { ...where, maxAge });
    assert.deepEqual(await warned({ ...old, maxAge: "PT1S" }, program("P9Y")), []);
    assert.deepEqual(await warned({ ...old, maxAge: "PT1S" }, program()), []);
    assert.match((await warned({ ...old, maxAge: "P9Y" }, program(pulumi.output("P90D"))))[0][1], older);
  });

  it("shows no secret of the program", async () => {
    const secrets = { rotationTrigger: { by: pulumi.secret("hush") }, maxAge: pulumi.secret("P88D") };
    const [[, message]] = await warned(
      { ...old, rotationTrigger: { by: "hush" } },
      () => new RotatingCognitiveAccountKey("key", { ...where, ...secrets, accountName: pulumi.secret("hidden") }),
    );
    assert.match(
      message,
      /^Key older than maxAge \(\[secret\]\): issued .*Key1 of account "\[secret\]" .* \(last: \[secret\]\)\. \[old-key\]$/,
    );
    assert.doesNotMatch(message, /hush|P88D|hidden|synthetic/);
  });

  it("reads its clock when the outputs are there", async () => {
    const warnings = await warned(old, () => {
      const args = { ...where, maxAge: "PT1H" };
      const key = new RotatingCognitiveAccountKey("key", where);
      warnOfAge(key, args, () => Date.parse(old.rotatedAt) + 3_600_000);
      warnOfAge(key, args, () => Date.parse(old.rotatedAt) + 3_600_001);
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0][1], /60 minutes ago\. .*set rotationTrigger\. \[old-key\]$/);
  });
});
