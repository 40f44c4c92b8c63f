import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RotatingCognitiveAccountKeyArgs, RotatingCognitiveAccountKeyPairArgs } from "../../components";
import type { Answer, Emulator, Fault } from "../../emulator/emulator";
import { needsFailedUpdates } from "../support/backends";
import { app, Deployment, failing, type Program, pulumi } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { contents, findLeaks } from "../support/leaks";
import { Project, projectFolder, shareInstallation } from "../support/project";
import { account, group, inBothForms, name, seeded } from "../support/scenario";

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
  "reset-after-effect": { fault: after("reset"), calls: "L R L L L" },
  "reset-before-effect": { single: true, fault: before("reset"), calls: "R L R L L" },
  "server-error": { single: true, fault: before(envelope(503, "ServerBusy")), calls: "R L R L L" },
  "no-keys": { fault: after({ status: 200, body: {} }), calls: "L R L L L" },
  truncated: { single: true, fault: after("truncated"), calls: "R L R L L" },
  late: { fault: { strikes: "late", afterMs: 2_000, outcome: "reset" }, calls: "L R L R L L L L" },
  throttled: { fault: before(envelope(429, "TooManyRequests")), calls: "L R R" },
  conflict: { single: true, fault: before(envelope(409, "RequestConflict")), calls: "R R" },
  forbidden: { fault: before(envelope(403, "AuthorizationFailed")), fails: /403 AuthorizationFailed/, calls: "L R" },
  locked: { single: true, fault: before(envelope(409, "ScopeLocked")), fails: /\[locked\]/, calls: "R" },
  "not-accepted": { fails: /Key1 stays valid and published.*refused it \(401\), for PT0S/, calls: "L R" },
  "not-accepted-single": {
    single: true,
    fails: /The old key is dead.*refused it \(401\), for PT0S/,
    calls: "R",
  },
  well: { calls: "L R" },
};
const names = Object.keys(cases);

/** A resource for each case, and a secret of the program's own, which is the trigger of one of them too. */
const programIn =
  ({ classes }: Form) =>
  (emulator: Emulator, rotationTrigger: string | undefined, canary: string): Program =>
  () => {
    const { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } = classes();
    const keys = names.map((accountName) => {
      const url = `${emulator.endpoint(group, accountName)}openai/models`;
      const args: RotatingCognitiveAccountKeyArgs & RotatingCognitiveAccountKeyPairArgs = {
        resourceGroupName: group,
        accountName,
        rotationTrigger: accountName === "well" && rotationTrigger ? pulumi().secret(canary) : rotationTrigger,
        ...(accountName.startsWith("not-accepted") && { waitUntilAccepted: { url, timeout: "PT0S" } }),
      };
      return cases[accountName].single
        ? new RotatingCognitiveAccountKey(accountName, { ...args, revokeOnDelete: true }).key
        : new RotatingCognitiveAccountKeyPair(accountName, args).key;
    });
    return { keys: pulumi().all(keys), canary: pulumi().secret(canary) };
  };

/** What `@pulumi/pulumi` shows of every resource, and the engine of every secret of any program, at `-v=9`. */
const pulumisOwn = [/RegisterResource RPC finished/, /(?:Unm|M)arshaling property for RPC\[/];

inBothForms("a dozen faults on the real engine, with everything that can be seen", (form) => {
  const program = programIn(form);

  it("leave the live key in state or an error that says why, and show no secret anywhere", async function () {
    await needsFailedUpdates(this);
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
      [
        "listKeys forbidden",
        "listKeys not-accepted",
        "listKeys not-accepted-single",
        "regenerateKey forbidden",
        "regenerateKey locked",
      ],
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
});

describe("the hunt for leaks", () => {
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

/** A pair, and beside it a resource that has nothing to do with this package; its secret is an output of the stack too. */
const besideAnother = `
  const pulumi = require("@pulumi/pulumi");
  const { RotatingCognitiveAccountKeyPair } = require("pulumi-cognitive-key-rotation");

  const rotationTrigger = new pulumi.Config().get("trigger");
  const where = { resourceGroupName: "${group}", accountName: "${name}" };
  const pair = new RotatingCognitiveAccountKeyPair("pair", { ...where, rotationTrigger, minimumOverlap: "PT0S" });
  class Other extends pulumi.CustomResource {}
  const other = new Other("pulumi-nodejs:dynamic:Resource", "other", {
    __provider: 'exports.handler=()=>({create:async({secret})=>({id:"other",outs:{secret}})})',
    secret: pulumi.secret(process.env.CANARY),
  });
  // What a consumer's program sees. Not of the stack being updated: the engine may be writing its file just then.
  if (rotationTrigger) new pulumi.StackReference(process.env.PUBLISHED);
  module.exports = { key: pair.key, previousKey: pair.previousKey, secret: other.secret };
`;

/** The SDK's own lines, and those of the engine. */
const finished = /(?:Register|Read)Resource RPC finished/;
const finishedOrMarshaled = /(?:Register|Read)Resource RPC finished|(?:Unm|M)arshaling property for RPC\[/;
const inKeptLogs =
  /(?:Register|Read)Resource RPC finished|(?:Unm|M)arshaling property for RPC\[|Planner decided not to update/;

describe("what Pulumi itself shows of keys", function () {
  this.timeout(300_000);

  it("is what SECURITY.md says, as it shows the secret of any other resource, and nothing else", async () => {
    const emulator = await startEmulator(seeded);
    const folder = projectFolder({
      "Pulumi.yaml": { name: "shown", runtime: { name: "nodejs", options: { typescript: false } } },
      "package.json": { name: "shown", private: true },
      "index.js": besideAnother,
    });
    shareInstallation(folder);
    const project = new Project(emulator, folder);
    const temporary = mkdtempSync(join(process.env.E2E_ROOT as string, "temporary-"));
    const named = mkdtempSync(join(process.env.E2E_ROOT as string, "named-"));
    const canary = `canary-of-another-resource-${randomUUID()}`;
    Object.assign(project.environment, { CANARY: canary, TMPDIR: temporary });
    const run = (command: string, environment: NodeJS.ProcessEnv = {}) =>
      project.pulumi([...command.split(" "), "--stack", project.name], environment);
    const read = (file: string) => readFileSync(file, "latin1");
    const published = project.nameFor("published");
    project.environment.PUBLISHED = project.reference(published);
    await project.initialize(published);
    await project.pulumi(["up", "--yes", "--skip-preview", "--stack", published]);
    await project.initialize();
    let clean = "";
    const runClean = async (...commands: string[]) => {
      for (const command of commands) {
        const { stdout, stderr } = await run(command);
        clean += stdout + stderr;
      }
    };

    await runClean(`up --yes --skip-preview --diff --otel-traces file://${named}/traces`);
    const rotated = await run(
      `up --yes --skip-preview --json -v=3 --tracing file:${named}/tracing --event-log ${named}/events --config trigger=1`,
      { PULUMI_DEBUG_GRPC: join(named, "grpc") },
    );
    const log = join(temporary, readdirSync(temporary).find((file) => /^pulumi\..*\.log\.INFO\./.test(file)) as string);
    const logged = read(log);
    assert.equal(statSync(log).mode & 0o777, 0o666 & ~process.umask(), "as any file, so all users may read it");
    rmSync(log);
    const kept = await run("logs decrypt --latest");
    const unchanged = await run("up --yes --skip-preview --json --suppress-outputs -v=9 --logtostderr");
    const refreshed = await run("refresh --yes --skip-preview --run-program --json");
    const streamed = await run("preview --json", { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" });
    const debugged = await run("up --yes --skip-preview --debug");
    const asked = await run("up --yes --skip-preview --show-secrets");
    const planned = await run(`preview --show-secrets --save-plan ${named}/asked`);
    const { key1, key2 } = account(emulator).keys;

    await runClean(
      "preview --json --config trigger=2",
      `preview --diff --save-plan ${named}/plan`,
      "stack export",
      "stack output --json",
      "stack output key",
      "stack history --json",
      "refresh --yes --skip-preview --json",
      "up --yes --skip-preview --diff",
    );
    const files = contents(project.kept, temporary, folder) + read(join(named, "traces")) + read(join(named, "plan"));

    /** By the first column of its table: all texts, and which of their lines show secrets, unless anything in them may. */
    const shown: Record<string, { text: string; lines?: RegExp }[]> = {
      "`up`, `refresh --run-program` or `destroy --run-program` with `--json`": [
        { text: rotated.stdout, lines: finished },
        { text: unchanged.stdout, lines: finished },
        { text: refreshed.stdout, lines: finished },
      ],
      "`preview --json` with `PULUMI_ENABLE_STREAMING_JSON_PREVIEW`": [{ text: streamed.stdout, lines: finished }],
      "`--debug`": [{ text: debugged.stdout, lines: finished }],
      "Automation API with `onEvent`": [{ text: read(join(named, "events")), lines: finished }],
      "`-v=3` or more": [{ text: logged, lines: finished }],
      "`-v=9` or more": [{ text: unchanged.stderr, lines: finishedOrMarshaled }],
      "`--tracing`": [{ text: read(join(named, "tracing")) }],
      "`PULUMI_DEBUG_GRPC`": [{ text: read(join(named, "grpc")) }],
      "any command": [{ text: kept.stdout, lines: inKeptLogs }],
      "`--show-secrets`": [{ text: asked.stdout }, { text: read(join(named, "asked")) }],
    };
    assert.deepEqual(Object.keys(shown), firstColumn("What Pulumi itself shows"));
    const rest = [rotated.stderr, streamed.stderr, refreshed.stderr, debugged.stderr, asked.stderr, planned.stdout];
    for (const [what, places] of Object.entries(shown)) {
      for (const { text, lines } of places) {
        const all = text.split("\n");
        const theirs = all.filter((line) => lines?.test(line) ?? true).join("\n");
        assert.notDeepEqual(findLeaks(theirs, [canary]), [], `${what}: does not show the secret of another resource`);
        assert.notDeepEqual(findLeaks(theirs, [key1, key2]), [], `${what}: does not show a key`);
        if (lines) rest.push(...all.filter((line) => !lines.test(line)));
      }
    }
    const secrets = [...emulator.secrets, canary];
    const searched = [clean, files, rest.join("\n")];
    for (const text of searched) assert.deepEqual(findLeaks(text, secrets), []);
    console.log(`      ${secrets.length} secrets not found in ${searched.join("").length} bytes`);
  });
});

/** Of the table under a heading of SECURITY.md. */
function firstColumn(heading: string): string[] {
  const page = readFileSync(resolve(__dirname, "../../SECURITY.md"), "utf8");
  const [section] = page.split(`## ${heading}\n`)[1].split("\n## ");
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((line) => line.split(" | ")[0].slice(2));
}

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
