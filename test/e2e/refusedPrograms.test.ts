import assert from "node:assert/strict";
import type { CustomResourceOptions, ResourceTransformation } from "@pulumi/pulumi";
import { Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { account, group, inBothForms, name, pairProgram, regenerations, seeded } from "../support/scenario";

type Args = NonNullable<Parameters<typeof pairProgram>[0]>;
type Options = NonNullable<Parameters<typeof pairProgram>[1]>;

const adding =
  (more: object): ResourceTransformation =>
  ({ props, opts }) => ({ props, opts: { ...opts, ...more } });

interface Case {
  what: string;
  args?: () => object;
  opts?: () => Options;
  says: RegExp;
  /** Said by the engine or the provider, and so only once. */
  once?: true;
}

const cases: Case[] = [
  {
    what: "a maximum age that is no duration",
    args: () => ({ maxAge: "90 days" }),
    says: /property maxAge value \{90 days\} has a problem: must be an ISO 8601 duration .*\[duration\]/,
    once: true,
  },
  {
    what: "a provider of another package",
    opts: () => ({ provider: new (class extends pulumi().ProviderResource {})("azure-native", "explicit") }),
    says: /Option refused: provider of azure-native\. .*"pair".*\[foreign-provider\]/,
  },
  {
    what: "a trigger with a Date",
    args: () => ({ rotationTrigger: { release: [new Date()] } }),
    says: /rotationTrigger\.release\[0\] of RotatingCognitiveAccountKeyPair "pair" must be .* an object of class Date\..*\[trigger\]/,
  },
  {
    what: "a trigger with a Date behind apply",
    args: () => ({
      rotationTrigger: {
        release: pulumi()
          .output("known")
          .apply(() => [new Date()]),
      },
    }),
    says: /property rotationTrigger\.release\[0\] value \S+ has a problem: must be a JSON value, but is an object of class Date\..*\[trigger\]/,
    once: true,
  },
  {
    what: "an id",
    opts: () => ({ id: name }),
    says: /Option refused: id\. .*"pair".*\[no-import\]/,
  },
  {
    what: "an import",
    opts: () => ({ import: name }),
    says: /Option refused: import\. .*"pair".*\[no-import\]/,
  },
  {
    what: "an id that a transformation has added",
    opts: () => ({ transformations: [adding({ id: name })] }),
    says: /Not imported: .*\[no-import\]/,
  },
  {
    what: "a version",
    opts: () => ({ version: "1.2.3" }),
    says: /Option refused: version\. .*"pair".*\[second-process\]/,
  },
  {
    what: "a pluginDownloadURL that a transformation has added",
    opts: () => ({ transformations: [adding({ pluginDownloadURL: "https://host.example" })] }),
    says: /Option refused: pluginDownloadURL\. .*"pair".*\[second-process\]/,
  },
];

describe("a program that is refused", () => {
  it("fails in preview and up with one sentence and without a stack, and touches nothing", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    await stack.up(pairProgram({ rotationTrigger: "a" }));
    const calls = emulator.calls.length;
    const before = { ...account(emulator).keys };
    for (const { what, args = () => ({}), opts = () => ({}), says, once } of cases) {
      const program: Program = () => pairProgram({ minimumOverlap: "PT0S", ...args() } as Args, opts())();
      for (const command of ["preview", "up"] as const) {
        const { printed, steps } = await failing(stack[command](program));
        const [, shown] = printed.split("Diagnostics:");
        assert.match(shown, says, `${what}: ${command}`);
        assert.doesNotMatch(printed, /\n\s+at /, `${what}: no stack`);
        const errors = shown.split("\n").filter((line) => /^ +error: /.test(line) && says.test(line));
        if (once) assert.equal(errors.length, 1, `${what}: once`);
        assert.equal(steps.update ?? steps.create ?? 0, 0, what);
      }
    }
    assert.equal(emulator.calls.length, calls, "no call");
    assert.deepEqual(account(emulator).keys, before);
  });
});

describe("what only dynamic resources refuse", () => {
  it("the plugin takes: an import, an id, a version, and where it comes from", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const { id, key1, key2 } = account(emulator);
    const program =
      (opts: CustomResourceOptions): Program =>
      () => {
        const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = plugin.classes();
        const pair = new RotatingCognitiveAccountKeyPair("pair", { accountId: id }, opts);
        const second = new RotatingCognitiveAccountKey("second", {}, { id: `${id}#Key2` });
        return { key: pair.key, second: second.key };
      };
    const refused = await failing(stack.up(program({ import: name })));
    assert.match(refused.printed, /Not imported: .*\[import-id\]/);
    assert.deepEqual(
      emulator.calls.map(({ keyName, operation }) => keyName ?? operation),
      ["listKeys"],
      "of the other",
    );
    const imported = await stack.up(program({ import: id }));
    assert.deepEqual(imported.steps, { import: 1, read: 1 });
    assert.deepEqual(imported.outputs.key, { value: key1, secret: true });
    assert.deepEqual(imported.outputs.second, { value: key2, secret: true });
    for (const opts of [{}, { version: "0.0.1" }, { pluginDownloadURL: "https://host.example" }]) {
      const { steps } = await stack.up(program(opts));
      assert.equal(steps.same, 1, Object.keys(opts).join());
    }
    assert.deepEqual(regenerations(emulator), 0);
  });
});

inBothForms("what is refused of a program", ({ classes }) => {
  it("shows no secret input in the words of this package", async () => {
    const emulator = await startEmulator(seeded);
    const program: Program = () => {
      const secret = (value: string) => pulumi().secret(value);
      new (classes().RotatingCognitiveAccountKeyPair)("pair", {
        resourceGroupName: group,
        accountName: secret("-s3cret"),
        minimumOverlap: secret("s3cret"),
        maxAge: secret("s3cret"),
        initialKeyName: secret("s3cret") as never,
      });
      return {};
    };
    const { printed } = await failing(new Deployment(emulator).preview(program));
    const reasons = [...printed.matchAll(/has a problem: (.*?)(?=pulumi-nodejs:|cognitive-key-rotation:|$)/gm)].map(
      ([, reason]) => reason,
    );
    assert.ok(reasons.length >= 4, printed);
    for (const reason of reasons) assert.doesNotMatch(reason, /s3cret/);
  });
});
