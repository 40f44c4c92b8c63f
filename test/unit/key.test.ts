import assert from "node:assert/strict";
import { fingerprint, withFingerprint } from "../../provider/fingerprint";
import { KeyHandler } from "../../provider/key";
import type { KeyInputs, KeyOutputs } from "../../provider/keyOutcomes";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { account, FakeAzure, http, list, regenerate } from "../support/fakeAzure";

const { subscriptionId } = account;
const otherSubscription = "22222222-2222-4222-8222-222222222222";
const where = { resourceGroupName: "rg", accountName: "acct" };
const wait = { url: "https://acct.cognitive.example/openai/models" };
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One provider process: a handler, the Azure behind it, and what it printed. */
function start(turns: ConstructorParameters<typeof FakeAzure>[0] = [], defaultSubscription = subscriptionId) {
  const azure = new FakeAzure(turns);
  const handler = new KeyHandler(azure.context(defaultSubscription));
  return { azure, handler };
}

function stored(more: Partial<KeyOutputs> = {}): KeyOutputs {
  return {
    ...where,
    subscriptionId,
    keyName: "Key1",
    ...withFingerprint("old-1"),
    rotationTrigger: "a",
    rotatedAt: "2025-12-01T00:00:00.000Z",
    requestId: "request-0",
    ...more,
  };
}

describe("diff", () => {
  const cases: [what: string, news: KeyInputs, expected: object, olds?: Partial<KeyOutputs>][] = [
    ["the same inputs", { ...where, rotationTrigger: "a" }, { changes: false }],
    ["the trigger removed", where, { changes: false }],
    ["another trigger", { ...where, rotationTrigger: "b" }, { changes: true, replaces: ["rotationTrigger"] }],
    ["an unknown trigger", { ...where, rotationTrigger: unknown }, { changes: true, replaces: ["rotationTrigger"] }],
    [
      "the first trigger on an adopted key",
      { ...where, rotationTrigger: "a" },
      { changes: true, replaces: ["rotationTrigger"] },
      { rotationTrigger: undefined, rotatedAt: undefined },
    ],
    ["the default slot, said", { ...where, keyName: "Key1" }, { changes: false }],
    ["the other slot", { ...where, keyName: "Key2" }, { changes: true, replaces: ["keyName"] }],
    ["another account", { ...where, accountName: "b2" }, { changes: true, replaces: ["accountName"] }],
    ["an unknown account", { accountId: unknown }, { changes: true, replaces: ["accountId"] }],
    ["revokeOnDelete set", { ...where, revokeOnDelete: true }, { changes: true }],
    ["revokeOnDelete at its default, said", { ...where, revokeOnDelete: false }, { changes: false }],
    ["revokeOnDelete removed", where, { changes: true }, { revokeOnDelete: true }],
    ["a key changed outside", where, { changes: true }, { changedOutsideAt: "2026-01-01T00:00:00.000Z" }],
    ["another URL to wait for", { ...where, waitUntilAccepted: wait }, { changes: false }],
    ["an unknown maximum age", { ...where, maxAge: unknown }, { changes: false }, { maxAge: "P90D" }],
    [
      "an unfinished rotation and the same trigger",
      { ...where, rotationTrigger: "a" },
      { changes: true },
      { unfinished: {} },
    ],
    [
      "an unfinished rotation and another trigger",
      { ...where, rotationTrigger: "c" },
      { changes: true },
      { unfinished: {} },
    ],
    [
      "an unfinished rotation and the other slot",
      { ...where, keyName: "Key2" },
      { changes: true, replaces: ["keyName"] },
      { unfinished: {} },
    ],
  ];
  for (const [what, news, expected, olds] of cases) {
    it(`${what}: ${JSON.stringify(expected)}`, async () => {
      const { handler, azure } = start();
      assert.deepEqual(await handler.diff("id", stored(olds), news), expected);
      assert.deepEqual(azure.calls, []);
    });
  }
});

describe("check", () => {
  it("gives the inputs back as they are, each bad one by name, without a call", async () => {
    const { handler, azure } = start();
    const inputs = { accountName: "-", keyName: "key1", revokeOnDelete: "yes", maxAge: "1d" } as unknown as KeyInputs;
    const { failures, inputs: checked } = await handler.check({}, inputs);
    assert.equal(checked, inputs);
    assert.deepEqual(failures.map(({ property }) => property).sort(), [
      "accountName",
      "keyName",
      "maxAge",
      "resourceGroupName",
      "revokeOnDelete",
    ]);
    assert.deepEqual(azure.calls, []);
  });

  it("lets everything pass that is not known yet, also nested in a trigger", async () => {
    const { handler } = start();
    const others = { keyName: unknown, revokeOnDelete: unknown, maxAge: unknown };
    const inputs = { accountId: unknown, ...others, rotationTrigger: { a: [unknown] } };
    assert.deepEqual((await handler.check({}, inputs as unknown as KeyInputs)).failures, []);
  });
});

describe("create", () => {
  it("adopts the present key without a trigger, with one listKeys", async () => {
    for (const rotationTrigger of [undefined, null]) {
      const { handler, azure } = start([list()]);
      const inputs = rotationTrigger === null ? { ...where, rotationTrigger } : where;
      const { id, outs } = await handler.create(inputs);
      assert.equal(id, "acct/Key1");
      assert.deepEqual(outs, {
        ...inputs,
        subscriptionId,
        keyName: "Key1",
        ...withFingerprint("old-1"),
      });
      azure.assertDone();
    }
  });

  for (const rotationTrigger of [0, { month: 11 }]) {
    it(`issues a key with the trigger ${JSON.stringify(rotationTrigger)}, with one regenerateKey`, async () => {
      const { handler, azure } = start([regenerate()]);
      const { outs } = await handler.create({ ...where, keyName: "Key2", rotationTrigger });
      assert.deepEqual(outs, {
        ...where,
        subscriptionId,
        keyName: "Key2",
        rotationTrigger,
        ...withFingerprint("new-1"),
        rotatedAt: "2026-01-01T00:00:00.000Z",
        requestId: "request-1",
      });
      azure.assertDone();
    });
  }

  it("refuses to rotate in a subscription that is only another default than the stored one", async () => {
    const { handler, azure } = start([], otherSubscription);
    await handler.diff("id", stored(), { ...where, rotationTrigger: "b" });
    await assert.rejects(handler.create({ ...where, rotationTrigger: "b" }), {
      message: /in subscription 1111.*default is now 2222.*No call was made.*\[other-subscription\]$/,
    });
    assert.deepEqual(azure.calls, []);
  });

  it("rotates in the subscription that is said, whatever the default", async () => {
    const { handler } = start([regenerate()], otherSubscription);
    const news = { ...where, rotationTrigger: "b", subscriptionId };
    await handler.diff("id", stored(), news);
    assert.equal((await handler.create(news)).outs.subscriptionId, subscriptionId);
  });
});

describe("two resources on one slot", () => {
  it("are refused when the second would end the key that the first has just published", async () => {
    for (const first of [where, { ...where, rotationTrigger: 1 }]) {
      const { handler, azure } = start(first === where ? [list()] : [regenerate()]);
      const { outs } = await handler.create(first);
      await assert.rejects(handler.create({ ...where, rotationTrigger: 2 }), {
        message: /^Not rotated: .*\[two-resources\]$/,
      });
      assert.equal(azure.keys.Key1, outs.key);
      azure.assertDone();
    }
  });

  it("are refused also when the engine creates them at once", async () => {
    const { handler, azure } = start([regenerate()]);
    const results = await Promise.allSettled(
      [1, 2].map((rotationTrigger) => handler.create({ ...where, rotationTrigger })),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    azure.assertDone();
  });

  it("never publish a key that the other ends, in whatever order they begin", async () => {
    const adopting = where;
    const rotating = { ...where, rotationTrigger: 1 };
    for (const both of [
      [adopting, rotating],
      [rotating, adopting],
    ]) {
      const azure = new FakeAzure((operation) => ({ operation }));
      const handler = new KeyHandler(azure.context());
      const results = await Promise.allSettled(both.map((inputs) => handler.create(inputs)));
      const published = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.outs.key] : []));
      assert.ok(published.length > 0);
      assert.deepEqual(new Set(published), new Set([azure.keys.Key1]));
    }
  });

  it("may be tried again when the first attempt has failed, and are two in two subscriptions", async () => {
    const { handler, azure } = start([
      regenerate({ answer: http(403, "AuthorizationFailed") }),
      regenerate(),
      regenerate(),
    ]);
    await assert.rejects(handler.create({ ...where, rotationTrigger: 1 }));
    await handler.create({ ...where, rotationTrigger: 1 });
    await handler.create({ ...where, rotationTrigger: 1, subscriptionId: otherSubscription });
    azure.assertDone();
  });
});

describe("update", () => {
  it("keeps the key and the last trigger, takes the inputs over and clears the mark, without a call", async () => {
    const { handler, azure } = start();
    const olds = stored({ changedOutsideAt: "2026-01-01T00:00:00.000Z" });
    const { outs } = await handler.update("id", olds, { ...where, revokeOnDelete: true });
    const { changedOutsideAt: _, ...kept } = olds;
    assert.deepEqual(outs, { ...kept, revokeOnDelete: true });
    assert.deepEqual(azure.calls, []);
  });
});

describe("waiting until a new key is accepted", () => {
  const bumped = { ...where, rotationTrigger: "b", waitUntilAccepted: wait };

  it("when it is too long, keeps the new key in state, marked, and an update only checks again", async () => {
    const { handler, azure } = start([regenerate(), list(), list()]);
    azure.dataPlane = () => ({ code: "ECONNRESET" });
    let unfinished = stored();
    await assert.rejects(handler.create(bumped), (error: Record<string, unknown>) => {
      unfinished = error.properties as KeyOutputs;
      assert.equal(error.id, "acct/Key1");
      assert.match(
        String(error.reasons),
        /^Not published: .*kept in state.*\(ECONNRESET\), for PT5M\. \[not-accepted\]$/,
      );
      assert.deepEqual([unfinished.key, unfinished.unfinished], ["new-1", {}]);
      return true;
    });
    const again = { ...bumped, rotationTrigger: "c" };
    await assert.rejects(handler.update("id", unfinished, again), { properties: { ...unfinished, ...again } as never });
    azure.dataPlane = () => ({ status: 200 });
    const { outs } = await handler.update("id", unfinished, again);
    assert.deepEqual([outs.key, outs.rotationTrigger, outs.unfinished], ["new-1", "c", undefined]);
    azure.assertDone();
  });

  it("asks a made-up key first, and stays as it was where the endpoint cannot tell it from a good one", async () => {
    const { handler, azure } = start();
    azure.madeUp = { status: 200 };
    const refused = { message: /No new key was sent or issued.*answered 200 to a made-up key/ };
    await assert.rejects(handler.create(bumped), refused);
    await assert.rejects(handler.update("id", stored({ unfinished: {} }), bumped), refused);
    assert.deepEqual([azure.calls, azure.tried], [[], []]);
  });

  it("is finished with the live key when somebody else has changed it since", async () => {
    const { handler, azure } = start([list()]);
    const unfinished = stored({ key: "older", unfinished: {} });
    const { outs } = await handler.update("id", unfinished, { ...where, rotationTrigger: "a" });
    assert.deepEqual([outs.key, outs.keyFingerprint, outs.rotatedAt], ["old-1", fingerprint("old-1"), undefined]);
    azure.assertDone();
  });
});

describe("read", () => {
  it("refuses in words what is not in state, as an option id or an import asks for, without a call", async () => {
    const context = new FakeAzure([]).context();
    for (const handler of [new KeyHandler(context), new KeyPairHandler(context)]) {
      for (const inputs of [where, {}, { ...where, subscriptionId }]) {
        await assert.rejects(handler.read("acct", inputs as KeyOutputs & KeyPairOutputs), {
          message: /^Not imported: .*No call was made.*\[no-import\]$/,
        });
      }
    }
  });

  it("drops the resource with its account, and keeps it where its key may not be read", async () => {
    const missing = list({ answer: http(404, "ResourceNotFound") });
    const { handler, azure } = start([missing, missing, list({ answer: http(403, "AuthorizationFailed") })]);
    assert.deepEqual(await handler.read("id", stored()), {});
    assert.match(azure.lines.at(-1) ?? "", /^warning: Dropped from state: .*account "acct" .*\[dropped\]$/);
    assert.deepEqual(await handler.read("id", stored()), { id: "id", props: stored() });
    azure.assertDone();
  });

  it("changes nothing when the live key is the one in state", async () => {
    const { handler } = start([list()]);
    assert.deepEqual(await handler.read("id", stored()), { id: "id", props: stored() });
  });

  it("follows a key changed outside, and no longer says who issued it", async () => {
    const { handler, azure } = start([list({ effect: (azure) => azure.issue() })]);
    const { rotatedAt: _r, requestId: _i, ...kept } = stored();
    assert.deepEqual(await handler.read("id", stored()), {
      id: "id",
      props: {
        ...kept,
        ...withFingerprint("new-1"),
        changedOutsideAt: "2026-01-01T00:00:00.000Z",
      },
    });
    azure.assertDone();
    assert.match(
      azure.lines.join(),
      /^warning: Key1 was changed outside Pulumi, or this state is from a backup\. .*\[changed-outside-found\]$/,
    );
  });

  it("does not say that nothing is rotated, as it does not know the program's trigger", async () => {
    for (const key of ["old-1", null as unknown as string]) {
      const { handler, azure } = start([list({ effect: (azure) => azure.issue() })]);
      const { props } = await handler.read("id", stored({ key }));
      assert.match(azure.lines.join(), /It rotates only if rotationTrigger has changed\./);
      azure.lines.splice(0);
      // The first comparison is the refresh's own.
      for (let comparison = 0; comparison < 2; comparison++) {
        const news = { ...where, rotationTrigger: "b" };
        assert.deepEqual((await handler.diff("id", props as KeyOutputs, news)).replaces, ["rotationTrigger"]);
      }
      assert.deepEqual(azure.lines, []);
    }
  });

  it("is told again once by the comparison that publishes what it found, and not by its own", async () => {
    const { handler, azure } = start([list({ effect: (azure) => azure.issue() })]);
    const { props } = await handler.read("id", stored());
    azure.lines.splice(0);
    for (let comparison = 0; comparison < 3; comparison++) {
      await handler.diff("id", props as KeyOutputs, { ...where, rotationTrigger: "a" });
      assert.equal(azure.lines.length, comparison === 0 ? 0 : 1);
    }
    assert.match(azure.lines[0], /^A refresh found other keys: .*account "acct" .*\[changed-outside-found\]$/);
    const { outs } = await handler.update("id", props as KeyOutputs, { ...where, rotationTrigger: "a" });
    await start().handler.diff("id", outs, where);
    assert.equal(azure.lines.length, 1);
  });

  it("is not taken in by the value from before a rotation that is not confirmed", async () => {
    const unfinished = { superseded: [fingerprint("old-1")] };
    const left = stored({ key: "new-1", unfinished });
    const { handler, azure } = start([list(), list()]);
    assert.deepEqual(await handler.read("id", left), { id: "id", props: left });
    assert.match(azure.lines.join(), /^Not refreshed: .*Key1 .*\[still-unfinished\]$/);
    await assert.rejects(handler.update("id", left, { ...where, rotationTrigger: "a" }), {
      message: /listKeys still gives the old key/,
      properties: left as never,
    });
    azure.assertDone();
  });
});

describe("delete", () => {
  const revoking = stored({ revokeOnDelete: true });

  it("makes no call without revokeOnDelete, nor for a key that was only adopted", async () => {
    const { handler, azure } = start();
    await handler.delete("id", stored());
    await handler.delete("id", stored({ revokeOnDelete: true, rotatedAt: undefined }));
    assert.deepEqual(azure.calls, []);
  });

  it("revokes the key it issued while that is the live one", async () => {
    const { handler, azure } = start([list(), regenerate()]);
    await handler.delete("id", revoking);
    assert.equal(azure.keys.Key1, "new-1");
    azure.assertDone();
  });

  it("leaves a key alone that is not the one in state", async () => {
    const { handler, azure } = start([list()]);
    await handler.delete("id", stored({ revokeOnDelete: true, key: "older" }));
    assert.match(azure.lines.join(), /^Not revoked: .*\[not-revoked-renewed\]$/);
    azure.assertDone();
  });

  it("is done when the account is gone", async () => {
    const missing = list({ answer: http(404, "ResourceNotFound") });
    const { handler, azure } = start([missing, missing]);
    await handler.delete("id", revoking);
    assert.match(azure.lines.at(-1) ?? "", /^Not revoked: .*\[not-revoked-gone\]$/);
  });

  it("revokes a key that it issued a moment ago although a reading lags", async () => {
    const young = stored({ key: "new-1", revokeOnDelete: true, rotatedAt: "2025-12-31T23:59:50.000Z" });
    const { handler, azure } = start([list(), list({ effect: (one) => one.issue() }), regenerate()]);
    await handler.delete("id", young);
    assert.equal(azure.keys.Key1, "new-2");
    azure.assertDone();
  });

  it("goes through with a line when local auth is off, as the key is of no use then", async () => {
    const off = http(400, "BadRequest", { message: "disableLocalAuth is set to be true" });
    const { handler, azure } = start([list({ answer: off })]);
    await handler.delete("id", revoking);
    assert.match(azure.lines[0], /^Not revoked: .*\[not-revoked-local-auth\]$/);
  });

  it("revokes the key in its subscription although the same names are rotated in another", async () => {
    const { handler, azure } = start([
      regenerate(),
      list({ effect: (azure) => (azure.keys.Key1 = "old-1") }),
      regenerate(),
    ]);
    const elsewhere = { ...where, subscriptionId: otherSubscription, rotationTrigger: 1 };
    await handler.check({}, elsewhere);
    await handler.create(elsewhere);
    await handler.delete("id", revoking);
    azure.assertDone();
  });

  it("does not touch the key that its own replacement has issued", async () => {
    const { handler, azure } = start([regenerate()]);
    const news = { ...where, revokeOnDelete: true, rotationTrigger: "b" };
    await handler.check({}, news);
    await handler.diff("id", revoking, news);
    await handler.check({}, news);
    await handler.create(news);
    await handler.delete("id", revoking);
    assert.deepEqual([azure.keys.Key1, azure.lines], ["new-1", []]);
    azure.assertDone();
  });

  it("does not touch a slot that another resource of the deployment has adopted or declares", async () => {
    const { handler, azure } = start([list()]);
    await handler.check(
      {},
      {
        accountId: `/subscriptions/${subscriptionId}/resourceGroups/RG/providers/Microsoft.CognitiveServices/accounts/ACCT`,
      },
    );
    await handler.delete("id", revoking);
    assert.match(azure.lines[0], /^Not revoked: .*\[not-revoked-in-use\]/);
    await handler.create(where);
    await handler.delete("id", revoking);
    assert.equal(azure.keys.Key1, "old-1");
    azure.assertDone();
  });

  it("does not touch a slot that was adopted by a resource whose account was not known when it was checked", async () => {
    for (const adopt of [KeyHandler, KeyPairHandler]) {
      const azure = new FakeAzure([list()]);
      const context = azure.context();
      await new adopt(context).create(where);
      await new KeyHandler(context).delete("id", revoking);
      assert.match(azure.lines.join(), /^Not revoked: .*\[not-revoked-in-use\]/);
      azure.assertDone();
    }
  });

  it("does not touch a slot that another resource adopts while the key is read", async () => {
    const azure = new FakeAzure([]);
    const context = azure.context();
    const adopted = () => context.memory.slot({ ...where, keyName: "Key1" }, subscriptionId).noteClaim("used");
    azure.expect(list({ effect: adopted }));
    await new KeyHandler(context).delete("id", revoking);
    assert.match(azure.lines.join(), /^Not revoked: .*\[not-revoked-in-use\]/);
    azure.assertDone();
  });

  it("says how to go on when it may not read or renew the key", async () => {
    const answer = http(403, "AuthorizationFailed");
    for (const turns of [[list({ answer })], [list(), regenerate({ answer })]]) {
      await assert.rejects(start(turns).handler.delete("id", revoking), {
        message: /^Not revoked: .*set revokeOnDelete to false .*pulumi state delete.*\[forbidden\]$/,
      });
    }
  });

  it("revokes a slot although the other slot of the account stays in use", async () => {
    const { handler, azure } = start([list(), regenerate()]);
    await handler.check({}, { ...where, keyName: "Key2" });
    await handler.delete("id", revoking);
    assert.equal(azure.keys.Key1, "new-1");
    azure.assertDone();
  });
});

describe("a key whose trigger comes from something that is replaced delete-first", () => {
  // The engine's order: a comparison with an unknown, a deletion without a check, and a creation.
  const revoking = stored({ revokeOnDelete: true });
  const same = { ...where, rotationTrigger: "a", revokeOnDelete: true };
  const unknowns: KeyInputs[] = [
    { ...same, rotationTrigger: unknown },
    { ...same, rotationTrigger: { of: [unknown] } },
    { ...same, accountName: unknown },
    { ...same, keyName: unknown as "Key1" },
  ];
  for (const news of unknowns) {
    it(`is neither revoked nor rotated when nothing has changed (${JSON.stringify(news)})`, async () => {
      const { handler, azure } = start([list()]);
      assert.equal((await handler.diff("id", revoking, news)).changes, true);
      await handler.delete("id", revoking);
      assert.deepEqual((await handler.create(same)).outs, revoking);
      azure.assertDone();
    });
  }

  it("stays live when the creation never comes, as the other resource has failed", async () => {
    const { handler, azure } = start();
    await handler.diff("id", revoking, { ...same, rotationTrigger: unknown });
    await handler.delete("id", revoking);
    assert.match(azure.lines.join(), /^Not revoked: .*\[not-revoked-in-use\]/);
    azure.assertDone();
  });

  it("goes on with a rotation that is not finished, although the reading gives the key before it", async () => {
    const left = { ...revoking, key: "new-1", unfinished: { superseded: [fingerprint("old-1")] } };
    const { handler, azure } = start([list(), list()]);
    await handler.diff("id", left, { ...same, accountName: unknown });
    await handler.delete("id", left);
    await assert.rejects(handler.create(same), {
      message: /listKeys still gives the old key/,
      properties: left as never,
    });
    azure.assertDone();
  });

  it("is rotated once when the trigger turns out to be another one", async () => {
    const { handler, azure } = start([regenerate()]);
    await handler.diff("id", revoking, { ...same, rotationTrigger: unknown });
    await handler.delete("id", revoking);
    assert.equal((await handler.create({ ...same, rotationTrigger: "b" })).outs.key, "new-1");
    azure.assertDone();
  });

  it("is adopted as somebody else's when it was changed meanwhile", async () => {
    const { handler } = start([list({ effect: (one) => one.issue() })]);
    await handler.diff("id", revoking, { ...same, rotationTrigger: unknown });
    const { outs } = await handler.create(same);
    assert.deepEqual([outs.key, outs.rotatedAt], ["new-1", undefined]);
  });

  it("is not rotated either where replaceOnChanges makes a replacement of an update", async () => {
    const { handler, azure } = start([list()]);
    assert.deepEqual(await handler.diff("id", stored(), same), { changes: true });
    assert.deepEqual((await handler.create(same)).outs, revoking);
    await handler.delete("id", stored());
    azure.assertDone();
  });

  it("is rotated by --replace, which compares nothing", async () => {
    const { handler, azure } = start([regenerate()]);
    assert.deepEqual(await handler.diff("id", revoking, same), { changes: false });
    assert.equal((await handler.create(same)).outs.key, "new-1");
    azure.assertDone();
  });
});

describe("a key that is lost from state", () => {
  const same = { ...where, rotationTrigger: "a" };
  for (const lost of [null, ""] as unknown as string[]) {
    const olds = stored({ key: lost });
    it(`is read again, never rotated and never published as it is (${JSON.stringify(lost)})`, async () => {
      const { handler, azure } = start([list()]);
      assert.deepEqual(await handler.diff("id", olds, same), { changes: true });
      const { outs } = await handler.update("id", olds, same);
      assert.deepEqual([outs.key, outs.keyFingerprint, outs.rotatedAt], ["old-1", fingerprint("old-1"), undefined]);
      azure.assertDone();
    });

    it(`is not rotated for a secret trigger that was lost with it (${JSON.stringify(lost)})`, async () => {
      const { handler } = start();
      assert.deepEqual(await handler.diff("id", { ...olds, rotationTrigger: null }, same), { changes: true });
    });

    it(`is not revoked (${JSON.stringify(lost)})`, async () => {
      const { handler, azure } = start([list()]);
      await handler.delete("id", { ...olds, revokeOnDelete: true });
      assert.match(azure.lines.join(), /^Not revoked: .*\[not-revoked-lost\]$/);
      azure.assertDone();
    });
  }
});

describe("an unfinished rotation of a key", () => {
  const left = { superseded: [fingerprint("old-1")], unconfirmed: true } as const;
  const issued = { key: "new-1", rotatedAt: "2026-01-01T00:00:00.000Z", rotationTrigger: "b" };
  const same = { ...where, rotationTrigger: "b" };

  it("is not finished while readings change, nor moved by a refresh", async () => {
    const between = list({ answer: { kind: "keys", keys: { Key1: "between", Key2: "old-2" } } });
    const { handler, azure } = start([between, list(), between, between]);
    azure.keys = { Key1: "new-1", Key2: "old-2" };
    const olds = stored({ ...issued, unfinished: left });
    await assert.rejects(handler.update("id", olds, same), {
      message: /no two readings in a row agreed in time/,
      properties: olds as never,
    });
    assert.deepEqual(await handler.read("id", olds), { id: "id", props: olds });
    azure.assertDone();
  });

  it("is not taken in by a reading that lags where its key is only refused", async () => {
    const { handler, azure } = start([
      regenerate(),
      list({ answer: { kind: "keys", keys: { Key1: "old-1", Key2: "old-2" } } }),
      list(),
    ]);
    azure.dataPlane = () => ({ status: 401 });
    const waiting = { ...same, waitUntilAccepted: { ...wait, timeout: "PT1S" } };
    await handler.diff("id", stored(), waiting);
    const error = await handler.create(waiting).catch((thrown) => thrown);
    assert.deepEqual(error.properties.unfinished, { superseded: [fingerprint("old-1")] });
    const { outs } = await handler.update("id", error.properties, same);
    assert.deepEqual([outs.key, outs.rotatedAt, outs.unfinished], ["new-1", error.properties.rotatedAt, undefined]);
    azure.assertDone();
  });

  it("is no longer to be confirmed where two readings agree and its key is refused", async () => {
    const { handler, azure } = start([list(), list()]);
    azure.keys = { Key1: "new-1", Key2: "old-2" };
    azure.dataPlane = () => ({ status: 401 });
    const waiting = { ...same, waitUntilAccepted: { ...wait, timeout: "PT1S" } };
    const { superseded } = left;
    await assert.rejects(handler.update("id", stored({ ...issued, unfinished: left }), waiting), {
      properties: {
        ...stored(issued),
        waitUntilAccepted: waiting.waitUntilAccepted,
        unfinished: { superseded },
      } as never,
    });
    azure.assertDone();
  });

  it("is renewed by --replace behind a refresh, as by --replace alone", async () => {
    const { handler, azure } = start([list({ effect: (one) => one.issue() }), regenerate()]);
    const { props = stored() } = await handler.read("id", stored());
    await handler.diff("id", props, { ...where, rotationTrigger: "a" });
    assert.equal((await handler.create({ ...where, rotationTrigger: "a" })).outs.key, "new-2");
    azure.assertDone();
  });
});
