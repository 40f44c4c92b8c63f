import assert from "node:assert/strict";
import type { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyArgs } from "../../components";
import type { Emulator } from "../../emulator/emulator";
import { Deployment, type Program } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import type { Form } from "../support/forms";
import { group, inBothForms } from "../support/scenario";

const accounts = (...names: string[]) => ({ accounts: names.map((name) => ({ resourceGroup: group, name })) });

/** A key that is to be revoked when it is deleted. */
const keyIn =
  ({ classes }: Form) =>
  (
    resource: string,
    args: RotatingCognitiveAccountKeyArgs,
    dependsOn: RotatingCognitiveAccountKey[] = [],
  ): RotatingCognitiveAccountKey => {
    const { RotatingCognitiveAccountKey } = classes();
    return new RotatingCognitiveAccountKey(
      resource,
      { resourceGroupName: group, revokeOnDelete: true, ...args },
      { dependsOn },
    );
  };

/** How often each account's key was really, or in vain, asked to be renewed. */
function issued(emulator: Emulator): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation, accountName } of emulator.calls) {
    if (operation === "regenerateKey") counts[accountName] = (counts[accountName] ?? 0) + 1;
  }
  return counts;
}

inBothForms("revokeOnDelete", (form) => {
  const key = keyIn(form);
  const keyOf = (stack: Deployment, resource: string) => form.urn(stack, "RotatingCognitiveAccountKey", resource);

  it("never touches a key that the stack publishes: --replace, a rename without alias, a second resource on the slot, drift", async () => {
    const emulator = await startEmulator(
      accounts("forced", "readopted", "adopted", "renamed", "renamed-adopting", "shared", "drifted"),
    );
    const stack = new Deployment(emulator);
    const live = (accountName: string): string => emulator.account(group, accountName).key1;
    const adopted = live("adopted");
    const before: Program = () => {
      for (const accountName of ["forced", "readopted", "renamed", "renamed-adopting", "drifted"]) {
        key(accountName, { accountName, rotationTrigger: "a" });
      }
      key("adopted", { accountName: "adopted" });
      key("second", { accountName: "shared" }, [key("first", { accountName: "shared", rotationTrigger: "a" })]);
      return undefined;
    };
    await stack.up(before);
    const first = issued(emulator);
    assert.deepEqual(first, { forced: 1, readopted: 1, renamed: 1, "renamed-adopting": 1, drifted: 1, shared: 1 });

    const outside = emulator.account(group, "drifted").regenerate("Key1");
    const after: Program = () => ({
      forced: key("forced", { accountName: "forced", rotationTrigger: "a" }).key,
      readopted: key("readopted", { accountName: "readopted" }).key,
      adopted: key("adopted", { accountName: "adopted" }).key,
      renamed: key("renamed-anew", { accountName: "renamed", rotationTrigger: "a" }).key,
      "renamed-adopting": key("renamed-adopting-anew", { accountName: "renamed-adopting" }).key,
      shared: key("second", { accountName: "shared" }).key,
    });
    const replace = ["forced", "readopted", "adopted"].map((resource) => keyOf(stack, resource));
    const { outputs, order, printed } = await stack.up(after, { refresh: true, replace });
    for (const resource of ["renamed", "renamed-adopting"]) {
      const [created, deleted] = [`create ${resource}-anew`, `delete ${resource}`].map((step) => order.indexOf(step));
      assert.ok(created !== -1 && created < deleted, `created first: ${order}`);
    }
    const deletions = ["delete-replaced forced", "delete-replaced readopted", "delete-replaced adopted"];
    for (const step of [...deletions, "delete first", "delete drifted"]) assert.ok(order.includes(step), step);
    for (const [accountName, { value }] of Object.entries(outputs)) {
      assert.equal(value, live(accountName), `${accountName}: what is published is live`);
    }
    assert.equal(live("adopted"), adopted);
    assert.equal(live("drifted"), outside, "somebody else has issued the key, and may hold it");
    assert.deepEqual(issued(emulator), { ...first, forced: 2, renamed: 2 }, "rotated by triggers, and never revoked");
    for (const accountName of ["readopted", "renamed-adopting", "shared"]) {
      assert.match(printed, new RegExp(`Not revoked: .*Key1 of account "${accountName}" .*\\[not-revoked-in-use\\]`));
    }
  });

  it("never touches a key that was moved to another stack or is rotated there; that stack revokes it, and no other", async () => {
    const emulator = await startEmulator(accounts("moved", "taken-over", "own"));
    const source = new Deployment(emulator);
    const destination = new Deployment(emulator, { project: "other", backend: source.backend });
    const program =
      (...names: string[]): Program =>
      () =>
        Object.fromEntries(
          names.map((accountName) => [accountName, key(accountName, { accountName, rotationTrigger: "a" }).key]),
        );
    const { outputs: held } = await source.up(program("moved", "taken-over", "own"));
    await source.moveState(destination, keyOf(source, "moved"));
    const { steps, outputs: published } = await destination.up(program("moved", "taken-over"));
    assert.deepEqual(steps, { same: 1, create: 1 });
    assert.deepEqual(published.moved, held.moved);
    assert.notEqual(published["taken-over"].value, held["taken-over"].value);

    assert.deepEqual((await source.destroy()).steps, { delete: 2 });
    for (const accountName of ["moved", "taken-over"]) {
      assert.equal(emulator.account(group, accountName).key1, published[accountName].value, `${accountName} is live`);
    }
    assert.notEqual(emulator.account(group, "own").key1, held.own.value, "a key that nobody else publishes is revoked");

    assert.equal((await destination.destroy({ target: [keyOf(destination, "moved")] })).steps.delete, 1);
    assert.notEqual(
      emulator.account(group, "moved").key1,
      published.moved.value,
      "revoked by the stack it was moved to",
    );
    assert.equal(
      emulator.account(group, "taken-over").key1,
      published["taken-over"].value,
      "what is not deleted stays",
    );
    assert.deepEqual(issued(emulator), { moved: 2, "taken-over": 2, own: 2 });
  });
});
