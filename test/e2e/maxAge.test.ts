import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Emulator } from "../../emulator/emulator";
import { ageRemedies, ageUnknown, olderThanMaxAge } from "../../provider/words";
import { Deployment, type DeploymentOptions, type Program, pulumi, type StoredResource } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { account, group, inBothForms, name, regeneratedSlots, seeded } from "../support/scenario";

const day = 86_400_000;

/** A stack, and what its commands warn of. */
class Watched {
  readonly stack: Deployment;
  private events = "";

  constructor(
    private readonly form: Form,
    private readonly emulator: Emulator,
  ) {
    const watch: DeploymentOptions["watch"] = (source, text) => {
      if (source === "events") this.events += text;
    };
    this.stack = new Deployment(emulator, { watch });
  }

  /** URN and message of each warning on our resources since the last time, in the order of the URNs. */
  warnings(): [urn: string, message: string][] {
    const events = this.events.split("\n").filter((line) => line !== "");
    this.events = "";
    const warnings = events.flatMap((line): [string, string][] => {
      const { diagnosticEvent }: EngineEvent = JSON.parse(line);
      const { severity, message = "", urn = "" } = diagnosticEvent ?? {};
      const isOurs = severity === "warning" && urn.includes(":RotatingCognitiveAccountKey");
      return isOurs ? [[urn, message.replace(/<\{%.*?%\}>/g, "").trim()]] : [];
    });
    return warnings.sort();
  }

  /** Sets the time back at which the keys in state were issued, and gives it. */
  async age(days: number): Promise<string> {
    const state = await this.stack.exportState();
    const { resources } = state.deployment as { resources: { outputs?: Record<string, unknown> }[] };
    const rotatedAt = new Date(Date.now() - days * day).toISOString();
    for (const { outputs } of resources) if (outputs?.rotatedAt) outputs.rotatedAt = rotatedAt;
    await this.stack.importState(state);
    return rotatedAt;
  }

  named(slot: string): string {
    return `${slot} of account "${name}" (resource group "${group}", subscription ${this.emulator.subscriptions[0]})`;
  }

  /** Said of a key that is too old. @param trigger the last one acted on, as it may be shown */
  old(slot: string, maxAge: string, rotatedAt: string, age: string, trigger: string): string {
    return olderThanMaxAge(this.named(slot), this.told(maxAge), rotatedAt, age, changeTrigger(this.told(trigger)));
  }

  /** Said of a key that was found. @param trigger absent where there is none */
  unknown(slot: string, maxAge: string, trigger?: string): string {
    const remedy = trigger === undefined ? setTrigger : changeTrigger(this.told(trigger));
    return ageUnknown(this.named(slot), this.told(maxAge), remedy);
  }

  private told(input: string): string | undefined {
    return this.form.knowsSecrets ? input : undefined;
  }
}

const { setTrigger, changeTrigger } = ageRemedies;

/** Inputs and outputs of our resource in state, but for the encryption of its secrets, which is another one each time. */
async function stored(stack: Deployment): Promise<StoredResource> {
  const { resources } = JSON.parse(
    JSON.stringify(await stack.state()).replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""'),
  );
  return resources.find(({ type }: StoredResource) => type.includes(":RotatingCognitiveAccountKey"));
}

inBothForms("maxAge", (form) => {
  const { classes, keyProgram, pairProgram, urn } = form;
  const pairOf = (stack: Deployment) => urn(stack, "RotatingCognitiveAccountKeyPair", "pair");
  const keyOf = (stack: Deployment) => urn(stack, "RotatingCognitiveAccountKey", "key");

  it("makes each preview and up warn of an old pair, on the pair, and nothing else", async () => {
    const emulator = await startEmulator(seeded);
    const watched = new Watched(form, emulator);
    const { stack } = watched;
    const first = { rotationTrigger: { month: 11 } };
    const second = { rotationTrigger: { month: 12 } };
    await stack.up(pairProgram());
    await stack.preview(pairProgram({ ...first, maxAge: "P90D" }));
    await stack.up(pairProgram({ ...first, maxAge: "P90D" }));
    assert.deepEqual(watched.warnings(), [], "about to rotate, and just rotated");

    const rotatedAt = await watched.age(120);
    const calls = emulator.calls.length;
    const { outputs } = await stored(stack);
    const old = (maxAge: string) => watched.old("Key2", maxAge, rotatedAt, "120 days", '{"month":11}');
    for (const [command, maxAge, warns] of [
      ["preview", "P90D", true],
      ["up", "PT1S", true],
      ["preview", "P1Y", false],
      ["up", undefined, false],
      ["up", "P90D", true],
    ] as const) {
      const { steps } = await stack[command](pairProgram({ ...first, maxAge }));
      assert.deepEqual(steps, { same: 1 }, `${command} with ${maxAge}`);
      assert.deepEqual(
        watched.warnings(),
        warns ? [[pairOf(stack), old(String(maxAge))]] : [],
        `${command} with ${maxAge}`,
      );
    }
    assert.equal(emulator.calls.length, calls, "no call to Azure");
    assert.deepEqual(
      (await stored(stack)).outputs,
      outputs,
      "adding, changing and removing it leaves the outputs alone",
    );

    assert.deepEqual((await stack.preview(pairProgram({ ...second, maxAge: "P90D" }))).steps, { update: 1 });
    assert.deepEqual(watched.warnings(), [], "a preview that is about to rotate");
    assert.deepEqual((await stack.up(pairProgram({ ...second, maxAge: "P90D" }))).steps, { update: 1 });
    assert.deepEqual(watched.warnings(), [], "an up that has just rotated");
    assert.deepEqual(regeneratedSlots(emulator), ["Key2", "Key1"]);
  });

  it("says of a key that was found in Azure that its age is not known, until one is issued", async () => {
    const emulator = await startEmulator(seeded);
    const watched = new Watched(form, emulator);
    const { stack } = watched;
    const maxAge = "P90D";
    const adopted = [[keyOf(stack), watched.unknown("Key1", maxAge)]];
    await stack.preview(keyProgram({ maxAge }));
    assert.deepEqual(watched.warnings(), [], "not there yet");
    await stack.up(keyProgram({ maxAge }));
    assert.deepEqual(watched.warnings(), adopted, "adopted");
    await stack.preview(keyProgram({ maxAge }));
    assert.deepEqual(watched.warnings(), adopted, "in a preview");

    const secret: Program = () => {
      const [secretAge, rotationTrigger] = [maxAge, "a hush-hush word"].map((input) => pulumi().secret(input));
      return keyProgram({ maxAge: secretAge, rotationTrigger })();
    };
    const rotated = await stack.up(secret);
    assert.equal(rotated.steps.replace, 1);
    assert.deepEqual(watched.warnings(), [], "issued");
    const rotatedAt = await watched.age(91);
    const { printed } = await stack.up(secret);
    const old = watched.old("Key1", "[secret]", rotatedAt, "91 days", "[secret]");
    assert.deepEqual(watched.warnings(), [[keyOf(stack), old]]);
    for (const shown of [maxAge, "hush-hush", account(emulator).key1]) assert.ok(!printed.includes(shown), printed);

    account(emulator).regenerate("Key1", Date.now());
    await stack.refresh();
    const found = [[keyOf(stack), watched.unknown("Key1", "[secret]", "[secret]")]];
    watched.warnings();
    for (const steps of [{ update: 1 }, { same: 1 }]) {
      assert.deepEqual((await stack.up(secret)).steps, steps);
      assert.deepEqual(watched.warnings(), found, "changed outside");
    }
  });

  it("warns on each of many pairs once, also in a program that uses none of their outputs", async () => {
    const names = ["one", "two", "three", "four"];
    const emulator = await startEmulator({ accounts: names.map((name) => ({ resourceGroup: group, name })) });
    const watched = new Watched(form, emulator);
    const program: Program = () => {
      const { RotatingCognitiveAccountKeyPair } = classes();
      for (const accountName of names) {
        const accountId = emulator.account(group, accountName).id;
        new RotatingCognitiveAccountKeyPair(accountName, { accountId, maxAge: "PT1H" });
      }
      return undefined;
    };
    const expected = names.map((name) => urn(watched.stack, "RotatingCognitiveAccountKeyPair", name)).sort();
    for (const command of ["up", "preview", "up"] as const) {
      await watched.stack[command](program);
      const warnings = watched.warnings();
      assert.deepEqual(
        warnings.map(([urn]) => urn),
        expected,
        command,
      );
      for (const [urn, message] of warnings) {
        const account = new RegExp(
          `^Key age unknown: .*Key1 of account "${urn.split("::").at(-1)}" .*\\[unknown-age\\]$`,
        );
        assert.match(message, account);
      }
    }
  });
});
