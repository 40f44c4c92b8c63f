import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendAt, isServer, stateIn } from "../../scripts/backend";
import { InlineStack } from "../../scripts/inlineStack";
import { afterTest } from "../support/hooks";

const server = "https://api.pulumi.example";
const stack = { project: "producer", name: "dev-1" };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "backend-"));
  afterTest(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The CLI, which prints what a command is given here to print. */
function cli(answers: Record<string, unknown>) {
  return async (args: string[]): Promise<string> => {
    const command = args.join(" ");
    assert.ok(command in answers, `nothing was expected to run \`pulumi ${command}\``);
    return JSON.stringify(answers[command]);
  };
}

const nobody = cli({});

function withOrganization(organization: string | undefined): void {
  const before = process.env.PULUMI_DEFAULT_ORGANIZATION;
  const set = (value: string | undefined) => {
    if (value === undefined) delete process.env.PULUMI_DEFAULT_ORGANIZATION;
    else process.env.PULUMI_DEFAULT_ORGANIZATION = value;
  };
  set(organization);
  afterTest(() => set(before));
}

describe("a backend in a folder", () => {
  it("is made, and is told to the CLI with what encrypts its states", () => {
    const folder = join(newFolder(), "backend");
    const { environment } = backendAt(folder);
    assert.ok(existsSync(folder));
    assert.equal(environment.PULUMI_BACKEND_URL, `file://${folder}`);
    assert.ok(environment.PULUMI_CONFIG_PASSPHRASE);
  });

  it("has the names that programs give, and one organization", () => {
    const folder = newFolder();
    const { name, reference } = new InlineStack({ folder, environment: {} });
    assert.deepEqual([name, reference], ["dev", "organization/producer/dev"]);
  });

  it("is read without a command: its states and its locks", async () => {
    const folder = newFolder();
    const backend = backendAt(folder);
    assert.equal(await backend.stored(stack, nobody), undefined);
    assert.equal(await backend.isLocked(stack, nobody), false);

    const states = join(folder, ".pulumi", "stacks", "producer");
    const locks = join(folder, ".pulumi", "locks", "organization", "producer", "dev-1");
    for (const made of [states, locks]) mkdirSync(made, { recursive: true });
    writeFileSync(join(states, "dev-1.json"), "{}");
    writeFileSync(join(locks, "lock.json"), "{}");
    assert.equal(await backend.stored(stack, nobody), "{}");
    assert.equal(await backend.isLocked(stack, nobody), true);
    await backend.remove(stack, nobody);
  });
});

describe("a backend on a server", () => {
  it("is no folder, and encrypts by itself", () => {
    const folder = newFolder();
    const { backend } = new InlineStack({ folder, backend: server, environment: {} });
    assert.equal(backend, server);
    assert.deepEqual(readdirSync(folder), []);
    assert.ok(!existsSync("https:"));
    assert.deepEqual(backendAt(server).environment, { PULUMI_BACKEND_URL: server });
    for (const folder of ["/http", "http", "file:///http://", "C:\\http"])
      assert.equal(isServer(folder), false, folder);
  });

  it("has a name for each folder, the same one in each process", () => {
    const [one, another] = ["/tmp/one", "/tmp/another"].map((folder) => backendAt(server).nameFor("dev", folder));
    assert.match(one, /^dev-[0-9a-f]{12}$/);
    assert.notEqual(one, another);
    assert.equal(backendAt(server).nameFor("dev", "/tmp/one"), one);
  });

  it("needs to know the organization for references, and for nothing else", () => {
    withOrganization(undefined);
    const inlineStack = new InlineStack({ folder: newFolder(), backend: server, environment: {} });
    assert.throws(() => inlineStack.reference, /PULUMI_DEFAULT_ORGANIZATION must say who owns the stacks/);
    withOrganization("my-org");
    assert.equal(inlineStack.reference, `my-org/producer/${inlineStack.name}`);
  });

  it("is asked by commands: for a state without plaintext, and whether an update runs", async () => {
    const backend = backendAt(server);
    const state = { version: 3, deployment: {} };
    const stored = await backend.stored(stack, cli({ "stack export --stack dev-1": state }));
    assert.deepEqual(JSON.parse(stored as string), state);

    const listed = (name: string, updateInProgress: boolean) =>
      cli({ "stack ls --project producer --json": [{ name, updateInProgress }] });
    assert.equal(await backend.isLocked(stack, listed("dev-1", false)), false);
    assert.equal(await backend.isLocked(stack, listed("my-org/dev-1", true)), true);
    assert.equal(await backend.isLocked(stack, listed("dev-2", true)), false);
  });

  it("is asked to remove a stack, which may be gone", async () => {
    const backend = backendAt(server);
    await backend.remove(stack, cli({ "stack rm --force --yes --stack dev-1": "" }));
    const refusing = (reason: string) => async () => {
      throw new Error(reason);
    };
    await backend.remove(stack, refusing("error: no stack named 'dev-1' found"));
    await assert.rejects(backend.remove(stack, refusing("error: [409] Conflict")), /409/);
  });

  it("is asked to remove no stack that was never created", async () => {
    await new InlineStack({ folder: newFolder(), backend: server, environment: {} }).remove();
  });
});

describe("what is stored of a stack", () => {
  it("has the same shape in a folder and on a server", () => {
    const resources = [{ urn: "urn", type: "type" }];
    for (const stored of [{ checkpoint: { latest: { resources } } }, { deployment: { resources } }]) {
      assert.deepEqual(stateIn(JSON.stringify(stored)).resources, resources);
    }
    for (const empty of [{ checkpoint: { latest: null } }, { checkpoint: {} }, { deployment: {} }]) {
      assert.deepEqual(stateIn(JSON.stringify(empty)).resources, []);
    }
  });
});
