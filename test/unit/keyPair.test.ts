import assert from "node:assert/strict";
import { withFingerprint } from "../../provider/fingerprint";
import { KeyHandler } from "../../provider/key";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairInputs, KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { codeOf } from "../../provider/words";
import { account, FakeAzure, http, list, regenerate } from "../support/fakeAzure";

const { subscriptionId } = account;
const otherSubscription = "22222222-2222-4222-8222-222222222222";
const where = { resourceGroupName: "rg", accountName: "acct" };
const accountId = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct`;
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const wait = { url: "https://acct.cognitive.example/openai/models" };

/** One provider process: a handler, the Azure behind it, and what it printed. */
function start(turns: ConstructorParameters<typeof FakeAzure>[0] = [], defaultSubscription = subscriptionId) {
  const azure = new FakeAzure(turns);
  const context = azure.context(defaultSubscription);
  return { azure, context, handler: new KeyPairHandler(context) };
}

/** A pair that has rotated once, a month before the fake's clock begins. */
function stored(more: Partial<KeyPairOutputs> = {}): KeyPairOutputs {
  return {
    ...where,
    subscriptionId,
    ...withFingerprint("old-2"),
    keyName: "Key2",
    previousKey: "old-1",
    previousKeyName: "Key1",
    rotationTrigger: "a",
    rotationCount: 1,
    rotatedAt: "2025-12-01T00:00:00.000Z",
    requestId: "request-0",
    ...more,
  };
}

/** The fake's clock begins at this moment. */
const now = "2026-01-01T00:00:00.000Z";

describe("diff of a pair", () => {
  const cases: [what: string, news: KeyPairInputs, expected: object, olds?: Partial<KeyPairOutputs>][] = [
    ["the same inputs", { ...where, rotationTrigger: "a" }, { changes: false }],
    ["the trigger removed", where, { changes: false }],
    ["another trigger", { ...where, rotationTrigger: "b" }, { changes: true }],
    ["an unknown trigger", { ...where, rotationTrigger: unknown }, { changes: true }, { rotatedAt: now }],
    [
      "another trigger while the overlap is unknown",
      { ...where, rotationTrigger: "b", minimumOverlap: unknown },
      { changes: true },
      { rotatedAt: now },
    ],
    ["another overlap", { ...where, rotationTrigger: "a", minimumOverlap: "P7D" }, { changes: false }],
    ["another initial slot", { ...where, rotationTrigger: "a", initialKeyName: "Key2" }, { changes: false }],
    ["another URL to wait for", { ...where, rotationTrigger: "a", waitUntilAccepted: wait }, { changes: false }],
    ["an unknown maximum age", { ...where, maxAge: unknown }, { changes: false }, { maxAge: "P90D" }],
    ["the same account by its id", { accountId, rotationTrigger: "a" }, { changes: false }],
    [
      "another account and another trigger within the overlap",
      { ...where, accountName: "b2", rotationTrigger: "b" },
      { changes: true, replaces: ["accountName"] },
      { rotatedAt: now },
    ],
    ["an unknown account", { accountId: unknown }, { changes: true, replaces: ["accountId"] }],
    ["a key changed outside", { ...where, rotationTrigger: "a" }, { changes: true }, { changedOutsideAt: now }],
    [
      "an unfinished rotation and another trigger within the overlap",
      { ...where, rotationTrigger: "c" },
      { changes: true },
      { unfinished: {}, rotatedAt: now },
    ],
    [
      "an unfinished rotation and the same trigger",
      { ...where, rotationTrigger: "a" },
      { changes: true },
      { unfinished: {} },
    ],
    [
      "an unfinished rotation and another account",
      { ...where, accountName: "b2" },
      { changes: true, replaces: ["accountName"] },
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

  it("is not moved by a default subscription that is another one now", async () => {
    const { handler } = start([], otherSubscription);
    assert.deepEqual(await handler.diff("id", stored(), { ...where, rotationTrigger: "a" }), { changes: false });
  });
});

describe("the minimum overlap", () => {
  const bumped = { ...where, rotationTrigger: "b" };

  it("refuses a rotation in a preview and in an update, until it is over or turned off", async () => {
    const { handler, azure } = start([list(), regenerate()]);
    const olds = stored({ rotatedAt: now });
    for (const rotating of [handler.diff("id", olds, bumped), handler.update("id", olds, bumped)]) {
      await assert.rejects(rotating, { message: /^Not rotated: .*Key1 of account "acct" .*\[too-soon\]$/ });
    }
    azure.time += 3_600_000;
    assert.deepEqual(await handler.diff("id", olds, bumped), { changes: true });
    await handler.update("id", olds, bumped);
    await start([regenerate()]).handler.update("id", olds, { ...bumped, minimumOverlap: "PT0S" });
  });

  it("refuses a change outside that is not published yet, however long ago, as nobody could deploy", async () => {
    const { handler, azure } = start([list(), regenerate()]);
    const olds = stored({ rotatedAt: undefined, changedOutsideAt: "2025-06-01T00:00:00.000Z" });
    const refused = {
      message:
        /^Not rotated: .*Key1 of account "acct" .* at 2025-06-01T.* Take rotationTrigger out.*\[unpublished-change\]$/,
    };
    await assert.rejects(handler.diff("id", olds, bumped), refused);
    await assert.rejects(handler.update("id", olds, bumped), refused);
    assert.deepEqual(await handler.diff("id", olds, { ...bumped, minimumOverlap: "PT0S" }), { changes: true });
    const { outs } = await handler.update("id", olds, where);
    assert.deepEqual([outs.publishedAt, outs.changedOutsideAt], [now, undefined]);
    azure.time += 3_599_999;
    await assert.rejects(handler.diff("id", outs, bumped), { message: /\(PT1H\).*\[too-soon\]$/ });
    azure.time += 1;
    await handler.update("id", outs, bumped);
    azure.assertDone();
  });
});

describe("check of a pair", () => {
  it("gives the inputs back as they are, each bad one by name, without a call", async () => {
    const { handler, azure } = start();
    const inputs = {
      accountName: "-",
      initialKeyName: "key1",
      minimumOverlap: "1h",
      maxAge: "PT0S",
      waitUntilAccepted: { url: "http://acct.cognitive.example", timeout: "5m" },
    } as unknown as KeyPairInputs;
    const { failures, inputs: checked } = await handler.check({}, inputs);
    assert.equal(checked, inputs);
    assert.deepEqual(Object.fromEntries(failures.map(({ property, reason }) => [property, codeOf(reason)])), {
      accountName: "account-name",
      resourceGroupName: "which-account",
      initialKeyName: "key-name",
      minimumOverlap: "duration",
      maxAge: "duration",
      "waitUntilAccepted.url": "acceptance-url",
      "waitUntilAccepted.timeout": "duration",
    });
    assert.deepEqual(azure.calls, []);
  });

  it("lets everything pass that is not known yet, or null", async () => {
    const { handler } = start();
    for (const value of [unknown, null]) {
      const inputs = {
        accountId: unknown,
        initialKeyName: value,
        minimumOverlap: value,
        maxAge: value,
        waitUntilAccepted: value,
        rotationTrigger: value,
      };
      assert.deepEqual((await handler.check({}, inputs as unknown as KeyPairInputs)).failures, []);
    }
    assert.deepEqual((await handler.check({}, { ...where, waitUntilAccepted: { url: unknown } })).failures, []);
  });
});

describe("creating a pair", () => {
  for (const rotationTrigger of [undefined, null, "2026-11"]) {
    it(`adopts both keys with one listKeys, the trigger ${JSON.stringify(rotationTrigger)}`, async () => {
      const { handler, azure } = start([list()]);
      const inputs = rotationTrigger === undefined ? where : { ...where, rotationTrigger };
      const { id, outs } = await handler.create(inputs);
      assert.equal(id, "acct");
      assert.deepEqual(outs, {
        ...inputs,
        subscriptionId,
        ...withFingerprint("old-1"),
        keyName: "Key1",
        previousKey: "old-2",
        previousKeyName: "Key2",
        rotationCount: 0,
        ...(rotationTrigger && { publishedAt: now }),
      });
      assert.deepEqual(JSON.parse(JSON.stringify(outs)), outs);
      azure.assertDone();
    });
  }

  it("refuses another default subscription than that of the pair which it replaces", async () => {
    const { handler, azure } = start([], otherSubscription);
    const news = { ...where, accountName: "b2" };
    await handler.diff("id", stored(), news);
    await assert.rejects(handler.create(news), { message: /^Not touched: .*account "b2" .*\[other-subscription\]$/ });
    assert.deepEqual(azure.calls, []);
  });

  it("with a trigger counts the overlap from then on, as consumers may hold the other key of a pair created again", async () => {
    const first = { ...where, rotationTrigger: "a" };
    const untriggered = await start([list()]).handler.create(where);
    assert.deepEqual(await start().handler.diff("id", untriggered.outs, first), { changes: true });
    const { handler } = start([list()]);
    const { outs } = await handler.create(first);
    await assert.rejects(handler.diff("id", outs, { ...where, rotationTrigger: "b" }), {
      message: /^Not rotated: .*Key2 /,
    });
  });

  it("makes way for another resource only when it fails", async () => {
    for (const forbidden of [true, false]) {
      const answer = forbidden ? http(403, "AuthorizationFailed") : undefined;
      const { handler, context } = start([list({ answer }), ...(forbidden ? [regenerate()] : [])]);
      await handler.create(where).catch(() => {});
      const rotating = new KeyHandler(context).create({ ...where, rotationTrigger: 1 });
      if (forbidden) await rotating;
      else await assert.rejects(rotating, { message: /^Not rotated: .*\[two-resources\]$/ });
    }
  });
});

describe("rotating a pair", () => {
  it("is one write in the slot not in use, and what was in use becomes the previous key", async () => {
    const { handler, azure } = start([list(), regenerate()]);
    const olds = stored({ publishedAt: "2025-12-02T00:00:00.000Z" });
    const { outs } = await handler.update("id", olds, { ...where, rotationTrigger: "b" });
    assert.deepEqual(azure.regenerated, ["Key1"]);
    assert.deepEqual(outs, {
      ...where,
      rotationTrigger: "b",
      subscriptionId,
      ...withFingerprint("new-1"),
      keyName: "Key1",
      previousKey: "old-2",
      previousKeyName: "Key2",
      rotationCount: 2,
      rotatedAt: now,
      requestId: "request-2",
    });
    assert.deepEqual(JSON.parse(JSON.stringify(outs)), outs);
    azure.assertDone();
  });

  it("without an overlap is that write and nothing else", async () => {
    const { handler, azure } = start([regenerate()]);
    await handler.update("id", stored(), { ...where, rotationTrigger: "b", minimumOverlap: "PT0S" });
    assert.deepEqual(azure.calls, ["regenerateKey@0"]);
  });

  it("goes on in the stored subscription when another one is the default now", async () => {
    const { handler } = start([list(), regenerate()], otherSubscription);
    const bumped = { ...where, rotationTrigger: "b" };
    const { outs } = await handler.update("id", stored(), bumped);
    assert.equal(outs.subscriptionId, subscriptionId);
    const refused = start([list({ answer: http(401, "ExpiredAuthenticationToken") })], otherSubscription);
    await assert.rejects(refused.handler.update("id", stored(), bumped), {
      message: new RegExp(`listKeys Key1 of account "acct" .*subscription ${subscriptionId}`),
    });
  });

  it("takes the live value of a key in use that somebody else has changed, and says so", async () => {
    const changed = (azure: FakeAzure) => {
      azure.issue("Key2");
      azure.issue("Key1");
    };
    const { handler, azure } = start([list(), regenerate({ effect: changed })]);
    const { outs } = await handler.update("id", stored(), { ...where, rotationTrigger: "b" });
    assert.deepEqual([outs.key, outs.previousKey], ["new-2", "new-1"]);
    assert.match(azure.lines.join(), /^warning: .*Key2 of account "acct" .*\[in-use-changed\]$/);
  });

  it("leaves state as it was when no key was obtained, and may be tried again in the same process", async () => {
    const { handler, azure } = start([
      list(),
      regenerate({ answer: http(403, "AuthorizationFailed") }),
      list(),
      regenerate(),
    ]);
    const news = { ...where, rotationTrigger: "b" };
    await assert.rejects(handler.update("id", stored(), news), (error: object) => {
      assert.ok(!("properties" in error), "a plain error keeps the old state");
      return true;
    });
    assert.equal((await handler.update("id", stored(), news)).outs.key, "new-1");
    azure.assertDone();
  });

  it("is refused beside another resource of this deployment that publishes a key of the account", async () => {
    const bumped = { ...where, rotationTrigger: "b", minimumOverlap: "PT0S" };
    const refused = { message: /^Not rotated: .*Key[12] of account .*\[two-resources\]$/ };
    const others: ((context: ReturnType<typeof start>["context"]) => Promise<unknown>)[] = [
      (context) => new KeyPairHandler(context).update("id", stored(), bumped),
      (context) =>
        new KeyPairHandler(context).update("id", stored({ keyName: "Key1", previousKeyName: "Key2" }), bumped),
      (context) => new KeyHandler(context).create({ ...where, keyName: "Key1", rotationTrigger: 1 }),
      (context) => new KeyHandler(context).create({ ...where, keyName: "Key2", rotationTrigger: 1 }),
    ];
    for (const other of others) {
      const first = start([regenerate()]);
      await first.handler.update("id", stored(), bumped);
      await assert.rejects(other(first.context), refused);
      const second = start([regenerate()]);
      await other(second.context);
      await assert.rejects(second.handler.update("id", stored(), bumped), refused);
      second.azure.assertDone();
    }
    const adopted = start([list()]);
    await new KeyHandler(adopted.context).create({ ...where, keyName: "Key2" });
    await assert.rejects(adopted.handler.update("id", stored(), bumped), refused);
  });

  it("keeps a single key that is deleted from revoking a slot of the pair", async () => {
    const { handler, context, azure } = start();
    await handler.check({}, { accountId });
    await new KeyHandler(context).delete("id", {
      ...where,
      subscriptionId,
      keyName: "Key2",
      ...withFingerprint("old-2"),
      revokeOnDelete: true,
      rotatedAt: now,
    });
    assert.match(azure.lines.join(), /^Not revoked: .*\[not-revoked-in-use\]/);
  });
});

describe("an update of a pair without a rotation", () => {
  it("keeps both keys and the last trigger, takes the inputs over and clears the mark, without a call", async () => {
    const { handler, azure } = start();
    const { changedOutsideAt: _, ...olds } = stored({ changedOutsideAt: "2025-12-31T00:00:00.000Z" });
    const { outs } = await handler.update("id", { ...olds, changedOutsideAt: _ }, { ...where, minimumOverlap: "P1D" });
    assert.deepEqual(outs, { ...olds, minimumOverlap: "P1D", publishedAt: now });
    assert.deepEqual(azure.calls, []);
  });

  it("does not count as a publication when nothing was changed outside", async () => {
    const { handler } = start();
    const olds = stored({ publishedAt: "2025-12-02T00:00:00.000Z" });
    assert.deepEqual((await handler.update("id", olds, { ...where, rotationTrigger: "a" })).outs, olds);
  });

  it("rotates a key changed outside when the trigger changes with it, and nobody holds the other one", async () => {
    const { handler, azure } = start([regenerate()]);
    const { rotatedAt: _, ...olds } = stored({ changedOutsideAt: "2025-12-31T00:00:00.000Z" });
    const { outs } = await handler.update("id", olds, { ...where, rotationTrigger: "b", minimumOverlap: "PT0S" });
    assert.deepEqual([outs.changedOutsideAt, outs.publishedAt, outs.key], [undefined, undefined, "new-1"]);
    azure.assertDone();
  });
});

describe("waiting until a new key of a pair is accepted", () => {
  const news = { ...where, rotationTrigger: "b", minimumOverlap: "PT0S", waitUntilAccepted: wait };

  it("tries the new key, and only that one, until it is no longer answered with 401", async () => {
    const { handler, azure } = start([regenerate()]);
    azure.dataPlane = () => ({ status: azure.tried.length < 3 ? 401 : 200 });
    const { outs } = await handler.update("id", stored(), news);
    assert.deepEqual(azure.tried, ["new-1@0", "new-1@1", "new-1@3"]);
    assert.equal(outs.unfinished, undefined);
    assert.equal(outs.rotatedAt, now);
    assert.equal(outs.publishedAt, "2026-01-01T00:00:03.000Z", "the overlap begins when consumers can have the key");
    azure.assertDone();
  });

  it("tries an adopted key as well, and never publishes one that is refused", async () => {
    const { handler, azure } = start([list(), list()]);
    azure.dataPlane = (key) => ({ status: key === "old-1" ? 401 : 200 });
    await assert.rejects(handler.create(news), (error: Error) => {
      assert.match(
        error.message,
        /^Not adopted: .*Key1 of account .*No key was changed.*set initialKeyName to "Key2".* refused it \(401\), for PT5M\. \[adopted-key-not-accepted\]$/,
      );
      assert.ok(!("properties" in error), "nothing is stored");
      return true;
    });
    const { outs } = await handler.create({ ...news, initialKeyName: "Key2" });
    assert.deepEqual([outs.key, outs.unfinished], ["old-2", undefined]);
    azure.assertDone();
  });

  it("does not begin for a key that could not be confirmed: it is kept, and the one in use stays published", async () => {
    let readings = 0;
    const { handler, azure } = start((operation) => {
      if (operation === "regenerateKey") return regenerate({ answer: readings === 0 ? 500 : undefined });
      return list({ answer: ++readings === 1 || healed ? undefined : 500 });
    });
    let healed = false;
    let kept = stored();
    await assert.rejects(handler.update("id", stored(), news), (error: Record<string, unknown>) => {
      kept = error.properties as KeyPairOutputs;
      assert.match(
        String(error.message),
        /was not confirmed.* Key2 stays valid and published.* listKeys gave 500\. \[not-confirmed\]$/,
      );
      assert.deepEqual([kept.key, kept.previousKey, azure.tried], ["old-2", "new-1", []]);
      return true;
    });
    healed = true;
    const { outs } = await handler.update("id", kept, news);
    assert.deepEqual([outs.key, outs.previousKey, outs.unfinished], ["new-1", "old-2", undefined]);
    assert.deepEqual(azure.regenerated, ["Key1", "Key1"]);
  });

  it("when it is too long, keeps both keys in state, the one in use as it was, and later updates only check again", async () => {
    const { handler, azure } = start([regenerate(), list(), list(), list(), list(), list()]);
    azure.keys = { Key1: "old-1", Key2: "old-2" };
    azure.dataPlane = () => ({ status: 401 });
    let unfinished = stored();
    await assert.rejects(handler.update("id", stored(), news), (error: Record<string, unknown>) => {
      unfinished = error.properties as KeyPairOutputs;
      assert.equal(error.id, "id");
      assert.match(
        String(error.message),
        /^Not published: .*Key1 of account .* kept in state.* Key2 stays valid and published\. Run.*refused it \(401\), for PT5M\. \[not-accepted\]$/,
      );
      assert.deepEqual(error.reasons, [error.message]);
      assert.deepEqual(unfinished, {
        ...stored(),
        ...news,
        previousKey: "new-1",
        unfinished: { rotatedAt: now, requestId: "request-1", superseded: [withFingerprint("old-1").keyFingerprint] },
      });
      return true;
    });
    assert.ok(azure.time - Date.parse(now) <= 300_000, "within the timeout");

    for (const rotationTrigger of ["b", "a", "c", undefined]) {
      const next = {
        ...where,
        minimumOverlap: "PT0S",
        waitUntilAccepted: wait,
        ...(rotationTrigger && { rotationTrigger }),
      };
      const kept = { ...unfinished, ...next } as never;
      await assert.rejects(handler.update("id", unfinished, next), { id: "id", properties: kept });
    }
    azure.dataPlane = () => ({ status: 404 });
    const { outs } = await handler.update("id", unfinished, { ...news, rotationTrigger: "c" });
    assert.deepEqual(outs, {
      ...news,
      rotationTrigger: "c",
      subscriptionId,
      ...withFingerprint("new-1"),
      keyName: "Key1",
      previousKey: "old-2",
      previousKeyName: "Key2",
      rotationCount: 2,
      rotatedAt: now,
      requestId: "request-1",
      publishedAt: new Date(azure.time).toISOString(),
    });
    assert.deepEqual(azure.regenerated, ["Key1"]);
    azure.assertDone();
  });

  it("goes by the live keys when somebody else has changed them since", async () => {
    const { handler, azure } = start([list()]);
    azure.keys = { Key1: "outside-1", Key2: "outside-2" };
    const unfinished = stored({
      previousKey: "new-1",
      unfinished: { rotatedAt: "2025-12-31T00:00:00.000Z", requestId: "request-1" },
    });
    const { outs } = await handler.update("id", unfinished, news);
    assert.deepEqual(azure.tried, ["outside-1@0"]);
    assert.deepEqual([outs.key, outs.previousKey, outs.rotatedAt], ["outside-1", "outside-2", undefined]);
  });

  it("asks a made-up key first, and stays unfinished where the endpoint cannot tell it from a good one", async () => {
    const { handler, azure } = start();
    azure.madeUp = { status: 404 };
    const unfinished = stored({ previousKey: "new-1", unfinished: { rotatedAt: now } });
    for (const olds of [stored(), unfinished]) {
      await assert.rejects(handler.update("id", olds, news), (error: Error) => {
        assert.match(error.message, /answered 404 to a made-up key/);
        assert.ok(!("properties" in error), "a plain error keeps the old state");
        return true;
      });
    }
    assert.deepEqual([azure.calls, azure.tried], [[], []]);
  });

  it("is tried again with the same key when the engine updates the resource again at once", async () => {
    const { handler, azure } = start([regenerate()]);
    azure.dataPlane = () => ({ status: 401 });
    const keepsNewKey = (error: { properties?: KeyPairOutputs }) => {
      assert.deepEqual([error.properties?.key, error.properties?.previousKey], ["old-2", "new-1"]);
      return true;
    };
    await assert.rejects(handler.update("id", stored(), news), keepsNewKey);
    azure.madeUp = { code: "ECONNREFUSED" };
    await assert.rejects(handler.update("id", stored(), news), keepsNewKey);
    azure.dataPlane = () => ({ status: 200 });
    const { outs } = await handler.update("id", stored(), news);
    assert.deepEqual([outs.key, outs.rotatedAt, outs.rotationCount], ["new-1", now, 2]);
    azure.assertDone();
  });

  it("is over when the program does not ask for it any more", async () => {
    const { handler, azure } = start([list()]);
    const unfinished = stored({ unfinished: { rotatedAt: now } });
    const { outs } = await handler.update("id", unfinished, { ...where, rotationTrigger: "b" });
    assert.deepEqual([outs.key, outs.rotationTrigger, outs.unfinished, azure.tried], ["old-1", "b", undefined, []]);
  });
});

describe("refreshing a pair", () => {
  it("changes nothing when the live keys are those in state", async () => {
    const { handler } = start([list()]);
    assert.deepEqual(await handler.read("id", stored()), { id: "id", props: stored() });
  });

  it("follows a key in use that was changed outside, and no longer says who issued it", async () => {
    const { handler, azure } = start([list({ effect: (azure) => azure.issue("Key2") })]);
    const { rotatedAt: _r, requestId: _i, ...kept } = stored();
    assert.deepEqual(await handler.read("id", stored()), {
      id: "id",
      props: { ...kept, ...withFingerprint("new-1"), changedOutsideAt: now },
    });
    assert.match(
      azure.lines.join(),
      /^warning: Key2 was changed outside Pulumi, or this state is from a backup\. .* Deploy every consumer after it: Key2 .*\[changed-outside-found\]$/,
    );
  });

  it("follows a previous key that was changed outside, and still says when the one in use was issued", async () => {
    const { handler, azure } = start([list({ effect: (azure) => azure.issue("Key1") })]);
    const props = { ...stored(), previousKey: "new-1", changedOutsideAt: now };
    assert.deepEqual(await handler.read("id", stored()), { id: "id", props });
    assert.match(
      azure.lines.join(),
      /^warning: Key1 was changed outside Pulumi, or this state is from a backup\. .* Key2 is in use, and did not change\. \[changed-outside-found\]$/,
    );
  });

  it("says where state had lost the keys, and of no change", async () => {
    const { handler, azure } = start([list()]);
    const lost = null as unknown as string;
    await handler.read("id", stored({ key: lost, previousKey: lost }));
    assert.match(azure.lines.join(), /^warning: State had lost a key, .*account "acct" .*\[key-lost\]$/);
  });

  it("is told again once by the comparison that publishes what it found, and not by its own", async () => {
    const { handler, azure } = start([list({ effect: (azure) => azure.issue("Key2") })]);
    const { props } = await handler.read("id", stored());
    azure.lines.splice(0);
    for (let comparison = 0; comparison < 3; comparison++) {
      await handler.diff("id", props as KeyPairOutputs, { ...where, rotationTrigger: "a" });
      assert.equal(azure.lines.length, comparison === 0 ? 0 : 1);
    }
    assert.match(azure.lines[0], /^A refresh found other keys: .*account "acct" .*\[changed-outside-found\]$/);
  });

  it("drops the pair with its account, and keeps state when listKeys is forbidden", async () => {
    const missing = list({ answer: http(404, "ResourceNotFound") });
    const { handler, azure } = start([missing, missing, list({ answer: http(403, "AuthorizationFailed") })]);
    assert.deepEqual(await handler.read("id", stored()), {});
    assert.deepEqual(azure.calls, ["listKeys@0", "listKeys@10"]);
    assert.match(
      azure.lines.splice(0).at(-1) ?? "",
      /^warning: Dropped from state: .*account "acct" .* Key1 in use\. .* hold Key2, set initialKeyName to "Key2".*\[dropped\]$/,
    );
    assert.deepEqual(await handler.read("id", stored()), { id: "id", props: stored() });
    assert.match(
      azure.lines.join(),
      /^Not refreshed: state is kept as it was\. .*listKeys of account "acct" .*\[forbidden\]$/,
    );
  });
});

describe("a rotation that will wait until its key is accepted", () => {
  it("says once for all resources, before it begins, that an interruption loses the key", async () => {
    const { context, azure, handler } = start();
    const news = { ...where, rotationTrigger: "b", waitUntilAccepted: wait };
    await handler.diff("id", stored(), { ...news, rotationTrigger: "a" });
    await handler.diff("id", stored(), { ...news, waitUntilAccepted: null });
    assert.deepEqual(azure.lines, [], "nothing rotates, or nothing waits");
    await handler.diff("id", stored(), news);
    await handler.diff("id", stored({ accountName: "b2" }), { ...news, accountName: "b2" });
    assert.match(azure.lines.join(), /^Do not interrupt the rotation: .* loses the new key\. \[waiting\]$/);
    const key = { ...where, subscriptionId, ...withFingerprint("old-1"), keyName: "Key1" } as const;
    await new KeyHandler(context).diff("id", key, news);
    assert.equal(azure.lines.length, 1);
    const other = start();
    await new KeyHandler(other.context).diff("id", key, news);
    assert.equal(other.azure.lines.map(codeOf).join(), "waiting");
  });
});

describe("deleting a pair", () => {
  it("makes no call", async () => {
    const { handler, azure } = start();
    await handler.delete("id", stored());
    assert.deepEqual([azure.calls, azure.lines], [[], []]);
  });

  it("says so when the pair that has replaced it publishes the other slot", async () => {
    const { handler, azure } = start([list(), list()]);
    await handler.create({ ...where, initialKeyName: "Key2" });
    await handler.delete("id", stored());
    assert.deepEqual(azure.lines, []);
    await handler.create(where);
    await handler.delete("id", stored());
    assert.match(
      azure.lines.join(),
      /^warning: Pair created again: now Key1, not Key2\. .*account "acct" .*renews Key2.*\[created-again\]$/,
    );
  });
});

describe("the key that a rotation of a pair ends", () => {
  const bumped = { ...where, rotationTrigger: "b" };
  const renewed = (azure: FakeAzure) => azure.issue("Key1");

  it("is not ended when somebody else has issued it", async () => {
    const { handler, azure } = start([list({ effect: renewed })]);
    await assert.rejects(handler.update("id", stored(), bumped), (error: Error) => {
      assert.match(
        error.message,
        /^Not rotated: .*Key1 of account .*"pulumi refresh".*"PT0S".*No key was changed\. \[changed-outside\]$/,
      );
      assert.ok(!("properties" in error), "state stays as it was");
      return true;
    });
    assert.deepEqual(azure.regenerated, []);
    azure.assertDone();
  });

  it("is not looked at where the program says that nobody holds it", async () => {
    const { handler, azure } = start([regenerate()]);
    renewed(azure);
    await handler.update("id", stored(), { ...bumped, minimumOverlap: "PT0S" });
    azure.assertDone();
  });

  it("is ended with a line where it may not be read", async () => {
    for (const answer of [http(403, "AuthorizationFailed"), http(409, "ScopeLocked")]) {
      const { handler, azure } = start([list({ answer }), regenerate()]);
      await handler.update("id", stored(), bumped);
      assert.match(
        azure.lines.join(),
        /^warning: Rotating unchecked: somebody may have changed Key1\. .*\[(forbidden|locked)\]$/,
      );
      assert.doesNotMatch(azure.lines.join(), /again/);
      azure.assertDone();
    }
  });

  /** A rotation that is answered with a doubt and then refused, and the state that it leaves. */
  async function inDoubt(landed: boolean) {
    const effect = landed ? renewed : undefined;
    const refused = http(403, "AuthorizationFailed");
    const { handler, azure } = start([
      list(),
      regenerate({ answer: 503, effect }),
      list({ answer: refused }),
      regenerate({ answer: refused }),
      list({ answer: refused }),
    ]);
    const error = await handler.update("id", stored(), bumped).catch((thrown) => thrown);
    assert.match(error.message, /It is not known whether the key was changed/);
    const { keys, time, issued } = azure;
    return { error, left: error.properties as KeyPairOutputs, keys, time, issued };
  }

  /** Another provider process, some minutes later. */
  function later(
    { keys, time, issued }: Pick<FakeAzure, "keys" | "time" | "issued">,
    turns: Parameters<typeof start>[0],
    minutes = 5,
  ) {
    const next = start(turns);
    Object.assign(next.azure, { keys, issued, time: time + minutes * 60_000 });
    return next;
  }

  for (const landed of [true, false]) {
    const what = landed ? "changed" : "left alone";
    it(`stays marked after a rotation in doubt, so that the next one goes through, the key ${what}`, async () => {
      const { error, left, ...after } = await inDoubt(landed);
      assert.equal(error.id, "id");
      const { rotationInDoubt, ...kept } = left;
      assert.ok(Date.parse(rotationInDoubt ?? "") > 0);
      assert.deepEqual(kept, stored(), "the trigger was not acted on");
      for (const rotationTrigger of ["b", "c"]) {
        const { handler, azure } = later(after, [list(), regenerate()]);
        assert.deepEqual(await handler.diff("id", left, { ...where, rotationTrigger }), { changes: true });
        const { outs } = await handler.update("id", left, { ...where, rotationTrigger });
        assert.deepEqual([outs.key, outs.rotationInDoubt], [azure.keys.Key1, undefined]);
        azure.assertDone();
      }
    });

    it(`is followed by a refresh after such a rotation, as nobody else holds it, the key ${what}`, async () => {
      const { left, ...after } = await inDoubt(landed);
      const { handler, azure } = later(after, [list(), list(), regenerate()]);
      const { props = left } = await handler.read("id", left);
      assert.deepEqual([props.previousKey, props.changedOutsideAt], [azure.keys.Key1, undefined]);
      await handler.update("id", props, bumped);
      azure.assertDone();
    });

    it(`is followed by an update with the reverted trigger, the key ${what}`, async () => {
      const { left, ...after } = await inDoubt(landed);
      const { handler, azure } = later(after, [list(), list(), regenerate()]);
      assert.deepEqual(await handler.diff("id", left, { ...where, rotationTrigger: "a" }), { changes: true });
      const { outs } = await handler.update("id", left, { ...where, rotationTrigger: "a" });
      assert.deepEqual(outs, { ...stored(), previousKey: azure.keys.Key1 });
      assert.deepEqual(await handler.diff("id", outs, { ...where, rotationTrigger: "a" }), { changes: false });
      await handler.update("id", outs, bumped);
      azure.assertDone();
    });
  }

  it("is not trusted to such a rotation after a day: the mark may be that of a restored state", async () => {
    const { left, ...after } = await inDoubt(true);
    for (const [minutes, trusted] of [
      [23 * 60, true],
      [24 * 60, false],
    ] as const) {
      const rotating = later(after, trusted ? [list(), regenerate()] : [list()], minutes);
      const rotation = rotating.handler.update("id", left, bumped);
      await (trusted ? rotation : assert.rejects(rotation, { message: /\[changed-outside\]$/ }));
      const refreshing = later(after, [list()], minutes);
      const { props } = await refreshing.handler.read("id", left);
      assert.equal(props?.changedOutsideAt !== undefined, !trusted);
      const looking = later(after, [list()], minutes);
      const { outs } = await looking.handler.update("id", left, { ...where, rotationTrigger: "a" });
      assert.deepEqual([outs.publishedAt !== undefined, outs.rotationInDoubt], [!trusted, undefined]);
      for (const { azure } of [rotating, refreshing, looking]) azure.assertDone();
    }
  });

  it("gives way with the key in use where both were changed meanwhile", async () => {
    const { left, ...after } = await inDoubt(true);
    const { handler, azure } = later(after, [list({ effect: (one) => one.issue("Key2") })]);
    const { outs } = await handler.update("id", left, { ...where, rotationTrigger: "a" });
    assert.deepEqual([outs.key, outs.previousKey, outs.rotatedAt], [azure.keys.Key2, azure.keys.Key1, undefined]);
    assert.ok(outs.publishedAt);
  });
});

describe("a pair whose keys are lost from state", () => {
  for (const lost of [null, ""] as unknown as string[]) {
    const olds = stored({ key: lost, previousKey: lost });
    it(`is read again and never published as it is (${JSON.stringify(lost)})`, async () => {
      const { handler, azure } = start([list()]);
      assert.deepEqual(await handler.diff("id", olds, { ...where, rotationTrigger: "a" }), { changes: true });
      const { outs } = await handler.update("id", olds, { ...where, rotationTrigger: "a" });
      assert.deepEqual(
        [outs.key, outs.previousKey, outs.keyName, outs.rotatedAt],
        ["old-2", "old-1", "Key2", undefined],
      );
      azure.assertDone();
    });

    it(`fails rather than publish nothing where they may not be read (${JSON.stringify(lost)})`, async () => {
      for (const unfinished of [undefined, {}]) {
        const { handler } = start([list({ answer: http(403, "AuthorizationFailed") })]);
        await assert.rejects(handler.update("id", { ...olds, unfinished }, { ...where, rotationTrigger: "a" }), {
          message: /^Keys not read: .*listKeys of account .* 403 .*\[forbidden\]$/,
        });
      }
    });

    it(`is not rotated before a refresh, unless nobody holds the other key (${JSON.stringify(lost)})`, async () => {
      const bumped = { ...where, rotationTrigger: "b" };
      const { handler, azure } = start([regenerate()]);
      const refused = { message: /^Not rotated: .*Key1 of .*"pulumi refresh".*\[key-lost\]$/ };
      await assert.rejects(handler.diff("id", olds, bumped), refused);
      await assert.rejects(handler.update("id", olds, bumped), refused);
      const { outs } = await handler.update("id", olds, { ...bumped, minimumOverlap: "PT0S" });
      assert.deepEqual([outs.key, outs.previousKey], ["new-1", "old-2"]);
      azure.assertDone();
    });

    it(`is not rotated for a secret trigger that was lost with them (${JSON.stringify(lost)})`, async () => {
      const { handler, azure } = start([list()]);
      const both = { ...olds, rotationTrigger: null };
      assert.deepEqual(await handler.diff("id", both, { ...where, rotationTrigger: "a" }), { changes: true });
      const { outs } = await handler.update("id", both, { ...where, rotationTrigger: "a" });
      assert.deepEqual([outs.key, outs.rotationTrigger], ["old-2", "a"]);
      azure.assertDone();
    });
  }
});

describe("a pair that is created again in the middle of a deployment", () => {
  const same = { ...where, rotationTrigger: "a" };

  it("goes on with the slot in use where its account turns out to be the same", async () => {
    const { handler, context, azure } = start([list()]);
    assert.deepEqual(await handler.diff("id", stored(), { accountId: unknown, rotationTrigger: "a" }), {
      changes: true,
      replaces: ["accountId"],
    });
    await handler.delete("id", stored());
    assert.deepEqual((await handler.create(same)).outs, stored());
    const single = { ...where, rotationTrigger: 1 };
    await assert.rejects(new KeyHandler(context).create(single), { message: /\[two-resources\]$/ });
    azure.assertDone();
  });

  it("rotates and finishes as an update would, where replaceOnChanges makes a replacement of it", async () => {
    const rotating = start([list(), list(), regenerate()]);
    await rotating.handler.diff("id", stored(), { ...where, rotationTrigger: "b" });
    const { outs } = await rotating.handler.create({ ...where, rotationTrigger: "b" });
    assert.deepEqual([outs.key, outs.previousKey, outs.rotationCount], ["new-1", "old-2", 2]);
    rotating.azure.assertDone();
    const finishing = start([list(), list()]);
    const waiting = { ...same, waitUntilAccepted: wait };
    finishing.azure.dataPlane = (key) => ({ status: key === "old-1" ? 401 : 200 });
    await finishing.handler.diff("id", stored({ unfinished: {} }), waiting);
    await assert.rejects(finishing.handler.create(waiting), {
      message: /^Not published: .*Key1 of account .* kept in state/,
    });
  });

  it("adopts as ever where the keys are others than those that were compared", async () => {
    const { handler, azure } = start([list({ effect: (one) => one.issue("Key2") })]);
    await handler.diff("id", stored(), { accountId: unknown, rotationTrigger: "a" });
    const { outs } = await handler.create(same);
    assert.deepEqual([outs.keyName, outs.key, outs.rotationCount], ["Key1", "old-1", 0]);
    azure.assertDone();
  });

  it("leaves the account free when it fails", async () => {
    const { handler, azure } = start([list(), list({ answer: http(400, "BadRequest") }), list(), list(), regenerate()]);
    const bumped = { ...where, rotationTrigger: "b" };
    await handler.diff("id", stored(), bumped);
    await assert.rejects(handler.create(bumped), { message: /400 BadRequest/ });
    assert.equal((await handler.create(bumped)).outs.key, "new-1");
    azure.assertDone();
  });
});

describe("a pair that is remembered from a comparison", () => {
  const bumped = { ...where, rotationTrigger: "b" };

  it("is none of another kind, and none that is known to leave the account", async () => {
    const single = start([list()]);
    const key = {
      ...where,
      subscriptionId,
      keyName: "Key1" as const,
      ...withFingerprint("old-1"),
      rotationTrigger: "a",
    };
    await new KeyHandler(single.context).diff("id", key, { ...where, keyName: "Key2" });
    await new KeyHandler(single.context).diff("id", { ...key, changedOutsideAt: now }, where);
    assert.deepEqual((await single.handler.create({ ...where, rotationTrigger: "b" })).outs.rotationCount, 0);
    const moving = start([list()]);
    await moving.handler.diff("id", stored(), { ...where, accountName: "b2", rotationTrigger: "a" });
    assert.equal((await moving.handler.create(bumped)).outs.rotationCount, 0, "another pair takes the account");
    for (const { azure } of [single, moving]) azure.assertDone();
  });

  it("is none that a refresh has compared for its display", async () => {
    const { handler, azure } = start([list({ effect: (one) => one.issue("Key1") }), list()]);
    const { props = stored() } = await handler.read("id", stored());
    await handler.diff("id", props, where);
    const { outs } = await handler.create(where);
    assert.equal(outs.rotationCount, 0, "--replace adopts");
    azure.assertDone();
  });

  it("is read again where a reading that lags differs from what was issued a moment ago", async () => {
    const lagging = list({ answer: { kind: "keys", keys: { Key1: "old-1", Key2: "older" } } });
    const { handler, azure } = start([lagging, list()]);
    const young = stored({ rotatedAt: now });
    await handler.diff("id", young, { accountId: unknown, rotationTrigger: "a" });
    assert.deepEqual((await handler.create({ ...where, rotationTrigger: "a" })).outs, young);
    azure.assertDone();
  });
});

describe("an effect of a rotation in doubt that is still to come", () => {
  const bumped = { ...where, rotationTrigger: "b" };
  const refused = http(403, "AuthorizationFailed");

  it("does not end the key that the next rotation publishes", async () => {
    const late = (azure: FakeAzure) => azure.issue("Key1");
    for (const minimumOverlap of ["PT1H", "PT0S"]) {
      const { handler, azure } = start([
        list(),
        regenerate(),
        list(),
        list({ effect: late }),
        ...Array(2).fill(list()),
      ]);
      const olds = stored({ rotationInDoubt: now });
      const { outs } = await handler.update("id", olds, { ...bumped, minimumOverlap });
      assert.equal(outs.key, azure.keys.Key1);
      azure.assertDone();
    }
  });

  it("is remembered where the engine tries again at once, and kept in state when that fails as well", async () => {
    const { handler } = start([
      list(),
      regenerate({ answer: 503, effect: (azure) => azure.issue("Key1") }),
      list({ answer: refused }),
      regenerate({ answer: refused }),
      list({ answer: refused }),
      list(),
      regenerate({ answer: refused }),
      list(),
    ]);
    for (const _attempt of [1, 2]) {
      await assert.rejects(handler.update("id", stored(), bumped), (error: { properties?: KeyPairOutputs }) => {
        assert.ok(error.properties?.rotationInDoubt);
        return true;
      });
    }
  });

  /** What a rotation takes that is answered with a doubt, and may not be looked into. */
  const doubtful = () => [
    list(),
    regenerate({ answer: 503 }),
    list({ answer: refused }),
    regenerate({ answer: refused }),
    list({ answer: refused }),
  ];

  it("leaves no mark behind a refusal: somebody else may have issued what is there by then", async () => {
    const { handler, context, azure } = start([...doubtful(), regenerate()]);
    await assert.rejects(handler.update("id", stored(), bumped), { message: /\[in-doubt\]$/ });
    await new KeyHandler(context).create({ ...where, keyName: "Key1", rotationTrigger: 1 });
    await assert.rejects(handler.update("id", stored(), bumped), (error: Error) => {
      assert.equal(codeOf(error.message), "two-resources");
      assert.ok(!("properties" in error), "a mark would let the next rotation end that key");
      return true;
    });
    azure.assertDone();
  });

  it("is known to a rotation that was about to begin when the one in doubt ended", async () => {
    const { handler, context, azure } = start([...doubtful(), list(), regenerate(), list(), list()]);
    let ended: Promise<unknown> = Promise.resolve();
    const request = azure.request.bind(azure);
    azure.request = async (...asked) => {
      await ended;
      return request(...asked);
    };
    ended = assert.rejects(handler.update("id", stored(), bumped), { message: /\[in-doubt\]$/ });
    const waiting = { ...bumped, minimumOverlap: "PT0S", waitUntilAccepted: wait };
    const { outs } = await new KeyPairHandler(context).update("id", stored(), waiting);
    assert.equal(outs.key, azure.keys.Key1);
    azure.assertDone();
  });

  it("keeps the mark where nothing may be read", async () => {
    const { handler } = start([list({ answer: refused })]);
    const olds = stored({ rotationInDoubt: "2025-12-31T23:50:00.000Z" });
    const { outs } = await handler.update("id", olds, { ...where, rotationTrigger: "a" });
    assert.equal(outs.rotationInDoubt, olds.rotationInDoubt);
  });

  it("is over for a refresh some minutes later, so that a renewal by others is seen again", async () => {
    const { handler, azure } = start([list(), list({ effect: (one) => one.issue("Key1") })]);
    const { props = stored() } = await handler.read("id", stored({ rotationInDoubt: "2025-12-31T23:50:00.000Z" }));
    assert.deepEqual(props, stored());
    await assert.rejects(handler.update("id", props, bumped), { message: /\[changed-outside\]$/ });
    assert.deepEqual(azure.regenerated, []);
  });
});
