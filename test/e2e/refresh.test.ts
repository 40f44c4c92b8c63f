import assert from "node:assert/strict";
import type { DiagnosticEvent } from "@pulumi/pulumi/automation";
import type { Fault } from "../../emulator/emulator";
import { Deployment, failing, knowsRunProgram, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { group, inBothForms } from "../support/scenario";

const answered = (status: number, code: string, headers?: Record<string, string>): Fault => ({
  strikes: "beforeEffect",
  outcome: { status, headers, body: { error: { code, message: "A message of the service." } } },
});

/** What listKeys answers when the keys cannot be read, and what the line about it says. */
const unreadable: Record<string, { fault?: Fault; says: RegExp }> = {
  forbidden: { fault: answered(403, "AuthorizationFailed"), says: /403 AuthorizationFailed: .*\[forbidden\]/ },
  locked: { fault: answered(409, "ScopeLocked"), says: /409 ScopeLocked: .*\[locked\]/ },
  // Asked to wait for as long as a refresh may take, it does not wait at all.
  throttled: {
    fault: answered(429, "TooManyRequests", { "Retry-After": "90" }),
    says: /429 TooManyRequests: .*\[throttled\]/,
  },
  keyless: { says: /400 BadRequest: .*disableLocalAuth.*\[local-auth-off\]/ },
};
const missing = ["gone", "in-a-group-that-is-gone"];

const kinds = ["single", "paired"] as const;
type Kind = (typeof kinds)[number];
const classOf = { single: "RotatingCognitiveAccountKey", paired: "RotatingCognitiveAccountKeyPair" } as const;

const each = (situations: string[]): [Kind, string][] =>
  situations.flatMap((situation) => kinds.map((kind): [Kind, string] => [kind, situation]));

/** What is throttled holds back all other calls to its subscription, so it has one of its own. */
function subscriptionOf(kind: Kind, situation: string): string | undefined {
  if (situation !== "throttled") return undefined;
  return { single: "22222222-2222-4222-8222-222222222222", paired: "33333333-3333-4333-8333-333333333333" }[kind];
}

/** A single key and a pair in each situation, on accounts of their own, whose keys and fingerprints are published. */
const programIn =
  ({ classes }: Form) =>
  (situations: string[]): Program =>
  () => {
    const outputs: Record<string, unknown> = {};
    for (const [kind, situation] of each(situations)) {
      const accountName = `${kind}-${situation}`;
      const subscriptionId = subscriptionOf(kind, situation);
      const { key, keyFingerprint } = new (classes()[classOf[kind]])(accountName, {
        resourceGroupName: group,
        accountName,
        subscriptionId,
      });
      outputs[accountName] = key;
      outputs[`${accountName}-fingerprint`] = keyFingerprint;
    }
    return outputs;
  };

inBothForms("a refresh", (form) => {
  const { classes, namespace, speaksAtResource, urn } = form;
  const program = programIn(form);

  it("shows what was changed outside, drops what is gone, keeps what cannot be read, and publishes nothing", async () => {
    const staying = ["drifted", ...Object.keys(unreadable)];
    const emulator = await startEmulator({
      subscriptions: ["11111111-1111-4111-8111-111111111111"],
      accounts: each([...staying, ...missing]).map(([kind, situation]) => ({
        resourceGroup: group,
        name: `${kind}-${situation}`,
        subscriptionId: subscriptionOf(kind, situation),
      })),
    });
    const account = (kind: Kind, situation: string) => emulator.account(group, `${kind}-${situation}`);
    const producer = new Deployment(emulator);
    const consumer = new Deployment(emulator, { project: "consumer", backend: producer.backend });
    const consuming: Program = () => {
      const reference = new (pulumi().StackReference)(producer.reference);
      return Object.fromEntries(kinds.map((kind) => [kind, reference.requireOutput(`${kind}-drifted`)]));
    };
    await producer.up(program([...staying, ...missing]));
    const published = await producer.maskedOutputs();
    const { outputs: held } = await consumer.up(consuming);

    for (const kind of kinds) {
      assert.equal(held[kind].value, account(kind, "drifted").key1);
      account(kind, "drifted").regenerate("Key1");
    }
    if (knowsRunProgram()) {
      const state = await producer.stored();
      const shown = await failing(producer.refresh({ previewOnly: true, expectNoChanges: true }));
      assert.match(shown.printed, /RotatingCognitiveAccountKey single-drifted update/);
      assert.match(shown.printed, /RotatingCognitiveAccountKeyPair paired-drifted update/);
      assert.match(shown.printed, /~ 2 to update/);
      assert.match(shown.printed, /no changes were expected/);
      assert.equal(await producer.stored(), state);
    } else {
      console.log("      the preview is left out: this SDK has none of a refresh");
    }

    for (const kind of kinds) {
      account(kind, "keyless").properties.disableLocalAuth = true;
      emulator.removeAccount(group, `${kind}-gone`);
    }
    emulator.fault = ({ accountName }) => {
      const situation = accountName.replace(/^(single|paired)-/, "");
      if (situation === "in-a-group-that-is-gone") return answered(404, "ResourceGroupNotFound");
      return unreadable[situation]?.fault;
    };
    const before = await ours(producer);
    const said: DiagnosticEvent[] = [];
    await producer.refresh({ onEvent: ({ diagnosticEvent }) => diagnosticEvent && said.push(diagnosticEvent) });
    const after = await ours(producer);
    assert.deepEqual(
      Object.keys(after).sort(),
      each(staying)
        .map(([kind, situation]) => `${kind}-${situation}`)
        .sort(),
      "what is gone is dropped",
    );
    for (const [kind, situation] of each(Object.keys(unreadable))) {
      const name = `${kind}-${situation}`;
      const line = said.find(({ message }) => message.includes(`account "${name}"`));
      assert.match(String(line?.message), /Not refreshed: state is kept as it was\. .*listKeys /);
      assert.match(String(line?.message), unreadable[situation].says);
      assert.equal(line?.urn, speaksAtResource ? urn(producer, classOf[kind], name) : undefined);
      assert.deepEqual(after[name], before[name], `${name} is kept as it was`);
    }
    for (const name of ["single-drifted", "paired-drifted"]) {
      assert.notEqual(after[name].keyFingerprint, before[name].keyFingerprint);
      assert.match(String(after[name].changedOutsideAt), /^\d{4}-\d\d-\d\dT/);
    }
    assert.deepEqual(await producer.maskedOutputs(), published, "no output of the stack has moved");

    emulator.fault = undefined;
    const healed = await producer.up(program(staying));
    assert.deepEqual(healed.steps, { update: 2, same: 2 * Object.keys(unreadable).length });
    const { outputs } = await consumer.up(consuming);
    for (const kind of kinds) assert.equal(outputs[kind].value, account(kind, "drifted").key1);
    const operations = new Set(emulator.calls.map(({ operation }) => operation));
    assert.deepEqual([...operations], ["listKeys"], "nothing was rotated");
  });

  it("and a destroy log in with what the last up has stored, and with the present configuration by --run-program", async function () {
    if (!knowsRunProgram()) {
      console.log("      skipped: this SDK has no runProgram");
      this.skip();
    }
    const emulator = await startEmulator({
      accounts: ["issued", "drifted"].map((name) => ({ resourceGroup: group, name })),
    });
    const [client] = emulator.clients;
    const { clientSecret } = client;
    const configured = () => ({ [`${namespace}:clientSecret`]: { value: client.clientSecret, secret: true } });
    const stack = new Deployment(emulator, { environment: { ARM_CLIENT_SECRET: undefined }, config: configured() });
    const renewSecret = async (): Promise<void> => {
      client.clientSecret += "-renewed";
      await stack.configure(configured());
    };
    const both: Program = () => {
      const { RotatingCognitiveAccountKey } = classes();
      const where = (accountName: string) => ({ resourceGroupName: group, accountName });
      new RotatingCognitiveAccountKey("issued", { ...where("issued"), rotationTrigger: 1, revokeOnDelete: true });
      return { fingerprint: new RotatingCognitiveAccountKey("drifted", where("drifted")).keyFingerprint };
    };
    await stack.up(both);
    const issued = emulator.account(group, "issued").key1;
    const { fingerprint } = await stack.maskedOutputs();
    emulator.account(group, "drifted").regenerate("Key1");

    await renewSecret();
    const refreshed = await failing(stack.refresh());
    await stack.refreshWith(both);
    assert.notEqual(
      (await stack.maskedOutputs()).fingerprint,
      fingerprint,
      "the program has run, and published what is live",
    );

    await renewSecret();
    const destroyed = await failing(stack.destroy());
    assert.match(destroyed.printed, /To leave the key valid, set revokeOnDelete to false/);
    assert.ok("issued" in (await ours(stack)), "it is still there to be revoked");
    assert.equal(emulator.account(group, "issued").key1, issued);
    await stack.destroyWith(both);
    assert.notEqual(emulator.account(group, "issued").key1, issued, "revoked");

    for (const { printed } of [refreshed, destroyed]) {
      assert.match(printed, /Login failed: AADSTS7000215.*with client secret\..*--run-program .*\[login-failed\]/);
      assert.ok(!printed.includes(clientSecret));
    }
  });
});

/** The outputs of our resources as they lie in state, but for what is encrypted anew at each writing. */
async function ours(stack: Deployment): Promise<Record<string, Record<string, unknown>>> {
  const { resources } = await stack.state();
  return Object.fromEntries(
    resources
      .filter(({ type }) => type.includes(":RotatingCognitiveAccountKey"))
      .map(({ urn, outputs }) => [urn.split("::").pop(), withoutCiphertext(outputs)]),
  );
}

function withoutCiphertext(outputs: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(outputs, (name, value) => (name === "ciphertext" ? undefined : value)));
}
