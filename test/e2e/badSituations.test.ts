import assert from "node:assert/strict";
import type { Emulator, Fault } from "../../emulator/emulator";
import { Deployment, failing } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { account, group, inBothForms, name, regenerations, replaced, seeded } from "../support/scenario";

const slot = `regenerateKey Key1 of account "${name}" (resource group "${group}", subscription`;

interface Situation {
  what: string;
  /** How the world turns bad, for a provider that starts with these variables. */
  environment?: (emulator: Emulator) => Record<string, string>;
  fault?: (emulator: Emulator) => Fault;
  /** What the error says beside the call, the slot and that the key was not changed. */
  says: RegExp[];
  /** Whether one form is enough, as neither the login nor the way to the error differs. */
  once?: true;
}

const answered = (status: number, code: string, message: string): Fault => ({
  strikes: "beforeEffect",
  outcome: { status, headers: { "x-ms-request-id": "synthetic-request" }, body: { error: { code, message } } },
});

const situations: Situation[] = [
  {
    what: "a wrong client secret",
    environment: () => ({ ARM_CLIENT_SECRET: "not-the-secret" }),
    says: [/Login failed: .*with client secret/, /AADSTS7000215/, /\[login-failed\]/],
  },
  {
    what: "an endpoint that cannot be reached",
    once: true,
    environment: () => ({ ARM_METADATA_HOSTNAME: "localhost:47613" }),
    says: [/cannot be reached \(ECONNREFUSED\)/, /metadata\/endpoints/, /\[cloud-metadata\]/],
  },
  {
    what: "a certificate that is not trusted",
    environment: () => ({ NODE_EXTRA_CA_CERTS: "/dev/null" }),
    says: [/certificate is not trusted/, /NODE_EXTRA_CA_CERTS/, /\[cloud-metadata\]/],
  },
  {
    what: "an account that is missing",
    once: true,
    fault: () =>
      answered(404, "ResourceNotFound", `The Resource 'Microsoft.CognitiveServices/accounts/${name}' was not found.`),
    says: [/404 ResourceNotFound: The Resource/, /\[not-found\], request id synthetic-request/],
  },
  {
    what: "no permission",
    fault: () => answered(403, "AuthorizationFailed", "The client does not have authorization to perform action."),
    says: [
      /403 AuthorizationFailed: The client/,
      /Grant .*regenerateKey\/action/,
      /\[forbidden\], request id synthetic-request/,
    ],
  },
  {
    what: "local auth switched off",
    once: true,
    fault: () => answered(400, "BadRequest", "Failed to regenerate key. disableLocalAuth is set to be true"),
    says: [/400 BadRequest: .*disableLocalAuth/, /\[local-auth-off\], request id synthetic-request/],
  },
];

inBothForms("a rotation that cannot be", ({ keyProgram, name: form }) => {
  it("says in one clear error what happened, loses nothing, and goes through once the cause is gone", async () => {
    const emulator = await startEmulator(seeded);
    const stack = new Deployment(emulator);
    const { outputs } = await stack.up(keyProgram({ rotationTrigger: 1 }));
    const published = account(emulator).key1;
    const secrets = [published, account(emulator).key2, emulator.environment().ARM_CLIENT_SECRET];
    const good = { ...emulator.environment(), NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS as string };

    for (const { what, environment, fault, says, once } of situations) {
      if (once && form !== "dynamic") continue;
      await stack.setEnvironment({ ...good, ...environment?.(emulator) });
      emulator.fault = ({ operation }) => (operation === "regenerateKey" ? fault?.(emulator) : undefined);
      const { printed } = await failing(stack.up(keyProgram({ rotationTrigger: 2 })));
      assert.ok(printed.includes(slot), `${what}: ${printed}`);
      assert.match(printed, /The key was not changed\./, what);
      for (const words of says) assert.match(printed, words, what);
      assert.doesNotMatch(
        printed,
        /\n\s+at .*(provider|dynamic-provider|components)\//,
        `${what}: no stack trace of ours`,
      );
      for (const secret of secrets) assert.ok(!printed.includes(secret), `${what}: a secret is shown`);
      assert.equal(account(emulator).key1, published, what);
      assert.match(printed, /^Outputs:\n {2}- key +: \[secret\]$/m, `${what}: as if it was deleted`);
    }
    assert.deepEqual(await stack.outputs(), outputs, "nothing that was published is gone");

    await stack.setEnvironment(good);
    emulator.fault = undefined;
    const before = regenerations(emulator);
    const healed = await stack.up(keyProgram({ rotationTrigger: 2 }));
    assert.deepEqual(healed.steps, replaced);
    assert.equal(regenerations(emulator), before + 1);
    assert.equal(healed.outputs.key.value, account(emulator).key1);
  });

  it("is refused by check before anything is sent, each bad input by name", async () => {
    const emulator = await startEmulator(seeded);
    const { printed } = await failing(
      new Deployment(emulator).preview(keyProgram({ accountName: "-bad", keyName: "key1" as "Key1" })),
    );
    assert.match(printed, /accountName value \{-bad\} has a problem: .*the first a letter or digit \[account-name\]$/m);
    assert.match(printed, /keyName value \{key1\} has a problem: must be "Key1" or "Key2" \[key-name\]$/m);
    assert.equal(emulator.calls.length, 0);
  });
});
