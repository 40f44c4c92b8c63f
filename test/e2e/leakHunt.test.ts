import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RotatingCognitiveAccountKeyArgs, RotatingCognitiveAccountKeyPairArgs } from "../../components";
import type { Answer, Emulator, Fault } from "../../emulator/emulator";
import { app, Deployment, failing, library, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { findLeaks } from "../support/leaks";
import { group } from "../support/scenario";

const envelope = (status: number, code: string): Answer => ({
  status,
  body: { error: { code, message: "The service's own words." } },
});
const before = (outcome: Answer | "reset"): Fault => ({ strikes: "beforeEffect", outcome });
const after = (outcome: Answer | "reset" | "truncated"): Fault => ({ strikes: "afterEffect", outcome });

/** One account, its resource, what happens to its first regenerateKey, and what `up` says when that is the end of it. */
interface Case {
  single?: true;
  fault?: Fault;
  fails?: RegExp;
  /** Its calls of the `up` that rotates. */
  calls: string;
}

const cases: Record<string, Case> = {
  "reset-after-effect": { fault: after("reset"), calls: "R L R L L" },
  "reset-before-effect": { single: true, fault: before("reset"), calls: "R L R L L" },
  "server-error": { single: true, fault: before(envelope(503, "ServerBusy")), calls: "R L R L L" },
  "no-keys": { fault: after({ status: 200, body: {} }), calls: "R L R L L" },
  truncated: { single: true, fault: after("truncated"), calls: "R L R L L" },
  late: { fault: { strikes: "late", afterMs: 2_000, outcome: "reset" }, calls: "R L R L L L" },
  throttled: { fault: before(envelope(429, "TooManyRequests")), calls: "R R" },
  conflict: { single: true, fault: before(envelope(409, "RequestConflict")), calls: "R R" },
  forbidden: { fault: before(envelope(403, "AuthorizationFailed")), fails: /403 AuthorizationFailed/, calls: "R" },
  locked: { single: true, fault: before(envelope(409, "ScopeLocked")), fails: /Remove the ReadOnly lock/, calls: "R" },
  "not-accepted": { fails: /refused it \(401\), for PT0S\. Key1 stays valid and published/, calls: "R" },
  "not-accepted-single": {
    single: true,
    fails: /refused it \(401\), for PT0S\. The key before it is dead/,
    calls: "R",
  },
  well: { calls: "R" },
};
const names = Object.keys(cases);

/** A resource for each case, and a secret of the program's own. */
function program(emulator: Emulator, rotationTrigger: string | undefined, canary: string): Program {
  return () => {
    const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = library();
    const keys = names.map((accountName) => {
      const url = `${emulator.endpoint(group, accountName)}openai/models`;
      const args: RotatingCognitiveAccountKeyArgs & RotatingCognitiveAccountKeyPairArgs = {
        resourceGroupName: group,
        accountName,
        rotationTrigger,
        ...(accountName.startsWith("not-accepted") && { waitUntilAccepted: { url, timeout: "PT0S" } }),
      };
      return cases[accountName].single
        ? new RotatingCognitiveAccountKey(accountName, { ...args, revokeOnDelete: true }).key
        : new RotatingCognitiveAccountKeyPair(accountName, args).key;
    });
    return { keys: pulumi().all(keys), canary: pulumi().secret(canary) };
  };
}

/** What `@pulumi/pulumi` shows of every resource, and the engine of every secret of any program, at `-v=9`. */
const pulumisOwn = [/RegisterResource RPC finished/, /(?:Unm|M)arshaling property for RPC\[/];

describe("a dozen faults on the real engine, with everything that can be seen", () => {
  it("leave the live key in state or an error that says why, and show no secret anywhere", async () => {
    const emulator = await startEmulator({ accounts: names.map((name) => ({ resourceGroup: group, name })) });
    const seen = { stdout: "", stderr: "", events: "" };
    const temporary = mkdtempSync(join(process.env.E2E_ROOT as string, "temporary-"));
    const canary = `canary-of-the-program-${randomUUID()}`;
    const stack = new Deployment(emulator, {
      watch: (source, text) => {
        seen[source] += text;
      },
      environment: {
        AZURE_LOG_LEVEL: "verbose",
        TMPDIR: temporary,
        PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: undefined,
      },
    });
    const loud = { logToStdErr: true, logVerbosity: 9, logFlow: true };
    await stack.up(program(emulator, undefined, canary), loud);
    const adopted = keysOf(emulator);

    emulator.fault = ({ operation, accountName, attempt }) =>
      operation === "regenerateKey" && attempt === 1 ? cases[accountName].fault : undefined;
    emulator.keyLag = Number.POSITIVE_INFINITY;
    const first = emulator.calls.length;
    const faulty = await failing(stack.up(program(emulator, "a", canary), { ...loud, continueOnError: true }));
    const inState = await stateOf(stack);
    for (const [name, { single, fails, calls }] of Object.entries(cases)) {
      const made = emulator.calls.slice(first).filter(({ accountName }) => accountName === name);
      assert.equal(made.map(({ operation }) => operation[0].toUpperCase()).join(" "), calls, name);
      assert.deepEqual(inState[name], emulator.account(group, name).keys[single ? "key1" : "key2"], name);
      if (fails) assert.match(faulty.printed, new RegExp(`account "${name}".*${fails.source}`), name);
      if (fails && !name.startsWith("not-accepted"))
        assert.deepEqual(emulator.account(group, name).keys, adopted[name]);
    }

    emulator.keyLag = 0;
    const healed = emulator.calls.length;
    const { steps } = await stack.up(program(emulator, "a", canary), loud);
    assert.deepEqual(
      emulator.calls
        .slice(healed)
        .map(({ operation, accountName }) => `${operation} ${accountName}`)
        .sort(),
      ["listKeys not-accepted", "listKeys not-accepted-single", "regenerateKey forbidden", "regenerateKey locked"],
      "only what failed is done, and what was rotated is not rotated again",
    );
    assert.equal(steps.same, names.length - 4);

    emulator.fault = ({ operation, attempt }) =>
      operation === "listKeys"
        ? before(attempt % 2 ? envelope(503, "ServerBusy") : envelope(403, "AuthorizationFailed"))
        : undefined;
    await stack.refresh(loud);
    emulator.fault = ({ operation, attempt }) =>
      operation === "regenerateKey" && attempt % 2 ? after("reset") : undefined;
    await stack.destroy(loud);

    const files = contents(stack.folder, temporary);
    const secrets = [...emulator.secrets, canary];
    const lines = Object.values(seen).flatMap((text) => text.split("\n"));
    const ours = lines.filter((line) => !pulumisOwn.some((pattern) => pattern.test(line))).join("\n");
    assert.match(ours, /azure:core-rest-pipeline/, "the Azure SDK has logged what it could");
    assert.deepEqual(findLeaks(ours, secrets), []);
    assert.deepEqual(findLeaks(files, secrets), []);
    const theirs = lines.filter((line) => pulumisOwn[1].test(line)).join("\n");
    assert.notDeepEqual(findLeaks(theirs, [canary]), [], "the engine shows a secret that this package never sees");
    console.log(
      `      ${secrets.length} secrets not found in ${ours.length} bytes of output and events and ${files.length} bytes of files`,
    );
  });

  it("would show a provider that prints a secret, and one that writes it into a file", async () => {
    const emulator = await startEmulator();
    const temporary = mkdtempSync(join(process.env.E2E_ROOT as string, "temporary-"));
    let printed = "";
    const watch = (_: string, text: string) => {
      printed += text;
    };
    const stack = new Deployment(emulator, { watch, environment: { TMPDIR: temporary } });
    const canary = `canary-of-a-provider-${randomUUID()}`;
    const leaking = join(app(), "node_modules", "pulumi-leaking-provider");
    mkdirSync(leaking, { recursive: true });
    writeFileSync(
      join(leaking, "index.js"),
      `exports.create = async ({ canary }) => {
        console.log("the key is " + canary);
        require("fs").writeFileSync(require("path").join(require("os").tmpdir(), "leak"), canary);
        return { id: "leaking", outs: {} };
      }`,
    );
    await stack.up(() => {
      const __provider = 'exports.handler=()=>require("pulumi-leaking-provider")';
      class Leaking extends pulumi().CustomResource {}
      new Leaking("pulumi-nodejs:dynamic:Resource", "leaking", { __provider, canary: pulumi().secret(canary) });
      return undefined;
    });
    assert.notDeepEqual(findLeaks(printed, [canary]), []);
    assert.notDeepEqual(findLeaks(contents(temporary), [canary]), []);
    assert.deepEqual(findLeaks(contents(stack.folder), [canary]), [], "what lies in the backend is encrypted");
  });
});

function keysOf(emulator: Emulator): Record<string, { key1: string; key2: string }> {
  return Object.fromEntries(names.map((name) => [name, { ...emulator.account(group, name).keys }]));
}

/** For each case the key that its resource has issued last, or would issue next: of a pair, the one not in use before. */
async function stateOf(stack: Deployment): Promise<Record<string, string>> {
  const { deployment } = await stack.exportState();
  const resources: { urn: string; outputs?: Record<string, { plaintext: string } | string> }[] = deployment.resources;
  return Object.fromEntries(
    resources.flatMap(({ urn, outputs = {} }) => {
      const name = urn.split("::").pop() as string;
      if (!(name in cases)) return [];
      const { keyName, key, previousKey } = outputs;
      const issued = cases[name].single || keyName === "Key2" ? key : previousKey;
      return [[name, JSON.parse((issued as { plaintext: string }).plaintext)]];
    }),
  );
}

/** Everything in the files of these folders. */
function contents(...folders: string[]): string {
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"))
    .join("\n");
}
