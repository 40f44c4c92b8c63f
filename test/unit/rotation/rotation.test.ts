import assert from "node:assert/strict";
import type { AccountIdentity, AccountKeys, Answer } from "../../../provider/rotation/accountKeys";
import { Rotation } from "../../../provider/rotation/rotation";
import { type Code, codeOf } from "../../../provider/words";
import { account, FakeAzure, http, list, network, regenerate } from "../../support/fakeAzure";
import { VirtualClock } from "../../support/virtualClock";

const lands = (azure: FakeAzure): void => azure.issue();

describe("a rotation", () => {
  it("is one write and nothing else when the answer is clear", async () => {
    const azure = new FakeAzure([regenerate()]);
    const { keys, requestId } = await azure.rotation.rotate(account, "Key1");
    assert.deepEqual(keys, { Key1: "new-1", Key2: "old-2" });
    assert.equal(requestId, "request-1");
    azure.assertDone();
  });

  const refused: [what: string, answer: Answer, code: Code][] = [
    ["403", http(403, "AuthorizationFailed"), "forbidden"],
    ["a login that failed", { kind: "login", message: "Login failed: no. [unknown-tenant]" }, "unknown-tenant"],
  ];
  for (const [what, answer, code] of refused) {
    it(`ends at once, the key unchanged, at ${what}`, async () => {
      const azure = new FakeAzure([regenerate({ answer })]);
      await assert.rejects(azure.rotation.rotate(account, "Key1"), (error: Error) => {
        assert.match(error.message, /^Not rotated: .*The key was not changed\..*regenerateKey Key1 of account "acct" /);
        assert.equal(codeOf(error.message), code);
        assert.equal(`${error}: ${error.stack}`, `CognitiveAccountKeyError: ${error.message}`, "no stack is shown");
        return true;
      });
      azure.assertDone();
    });
  }

  const passing: [what: string, answer: Answer, seconds: number][] = [
    ["429 with Retry-After", http(429, "SubscriptionRequestsThrottled", { retryAfterMs: 7_000 }), 7],
    ["429 with an hour of Retry-After, capped", http(429, "TooManyRequests", { retryAfterMs: 3_600_000 }), 60],
    ["429 with a Retry-After of 0", http(429, "TooManyRequests", { retryAfterMs: 0 }), 1],
    ["429 without Retry-After", http(429, "TooManyRequests"), 1],
    ["409 RequestConflict", http(409, "RequestConflict"), 1],
    ["a name that does not resolve", network("ENOTFOUND"), 1],
  ];
  for (const [what, answer, seconds] of passing) {
    it(`waits ${seconds} s and sends again at ${what}`, async () => {
      const azure = new FakeAzure([regenerate({ answer }), regenerate()]);
      const { keys } = await azure.rotation.rotate(account, "Key1");
      assert.equal(keys.Key1, "new-1");
      assert.deepEqual(azure.calls, ["regenerateKey@0", `regenerateKey@${seconds}`]);
      assert.match(
        azure.lines[0],
        new RegExp(`, trying again in ${seconds} s\\. .*\\[(throttled|busy|unreachable)\\]$`),
      );
    });
  }

  it("backs off exponentially up to 30 s, and gives up within five minutes with the key unchanged", async () => {
    const azure = new FakeAzure(() => regenerate({ answer: http(409, "RequestConflict", { requestId: "r-1" }) }));
    await assert.rejects(azure.rotation.rotate(account, "Key1"), (error: Error) => {
      assert.match(
        error.message,
        /The key was not changed\. .*409 RequestConflict\. .*again later\. \[busy\], request id r-1$/,
      );
      return true;
    });
    const seconds = azure.calls.map((call) => Number(call.split("@")[1]));
    assert.deepEqual(seconds.slice(0, 7), [0, 1, 3, 7, 15, 31, 61]);
    assert.ok(Number(seconds.at(-1)) <= 300);
  });

  it("tells of the first wait, and of one that is much longer; only the error has Azure's words", async () => {
    const answer = http(409, "RequestConflict", { message: "Another operation is in progress." });
    const azure = new FakeAzure(() => regenerate({ answer }));
    await assert.rejects(azure.rotation.rotate(account, "Key1"), { message: /Another operation is in progress\./ });
    const told = azure.lines.map((line) => line.replace(/ of account .*\)/, ""));
    assert.deepEqual(
      told,
      [1, 8].map(
        (delay) => `Account busy, trying again in ${delay} s. regenerateKey Key1: 409 RequestConflict. [busy]`,
      ),
    );
  });

  it("tells of every reason for which it waits", async () => {
    const reasons = [http(409, "RequestConflict"), network("ENOTFOUND"), http(409, "RequestConflict")];
    const azure = new FakeAzure([...reasons.map((answer) => regenerate({ answer })), regenerate()]);
    await azure.rotation.rotate(account, "Key1");
    assert.deepEqual(azure.lines.map(codeOf), ["busy", "unreachable"]);
  });

  const ambiguous: [what: string, answer: Answer | number][] = [
    ["503", 503],
    ["a reset connection", network("ECONNRESET")],
    ["a 200 without keys", 200],
  ];
  for (const [what, answer] of ambiguous) {
    it(`after ${what} reads a baseline, sends again and confirms with two equal readings 10 s apart`, async () => {
      const azure = new FakeAzure([regenerate({ answer }), list(), regenerate(), list(), list()]);
      const { keys, requestId } = await azure.rotation.rotate(account, "Key1");
      assert.deepEqual([keys.Key1, requestId], [azure.keys.Key1, "request-3"]);
      assert.deepEqual(azure.calls.slice(-3), ["regenerateKey@1", "listKeys@1", "listKeys@11"]);
      azure.assertDone();
    });

    it(`after ${what} twice adopts the key that its second request left behind`, async () => {
      const azure = new FakeAzure([
        regenerate({ answer }),
        list(),
        regenerate({ answer, effect: lands }),
        list(),
        ...Array(4).fill(list()),
      ]);
      const { keys, requestId } = await azure.rotation.rotate(account, "Key1");
      assert.equal(keys.Key1, "new-1");
      assert.equal(requestId, undefined, "which request issued it is not known");
      assert.equal(
        azure.calls.at(-1),
        "listKeys@31",
        "what no answer brought may be a reading that lags by half a minute",
      );
      azure.assertDone();
    });
  }

  it("says that a new key is in doubt, and does not lose it, when it cannot be confirmed in time", async () => {
    const unreadable = new FakeAzure([
      regenerate({ answer: 500 }),
      list(),
      regenerate(),
      ...Array(20).fill(list({ answer: 500 })),
    ]);
    const { keys, doubt } = await unreadable.rotation.rotate(account, "Key1");
    assert.deepEqual([keys.Key1, doubt], ["new-1", "listKeys gave 500"]);
    let renewals = 0;
    const changing = new FakeAzure((operation) =>
      operation === "listKeys" ? list({ effect: lands }) : regenerate({ answer: ++renewals === 1 ? 500 : undefined }),
    );
    const last = await changing.rotation.rotate(account, "Key1");
    assert.equal(last.keys.Key1, "new-2", "what was answered, as no reading has settled");
    assert.match(last.doubt ?? "", /no two readings in a row agreed/);
  });

  it("sends nothing more when there is no time left for an answer and its confirmation", async () => {
    const azure = new FakeAzure((operation) => ({ operation, answer: http(503, "ServerBusy") }));
    await assert.rejects(azure.rotation.rotate(account, "Key1"), { message: /not known whether the key was changed/ });
    const seconds = azure.calls
      .filter((call) => call.startsWith("regenerateKey"))
      .map((call) => Number(call.split("@")[1]));
    assert.ok(Math.max(...seconds) <= 285, `the last one was sent after ${Math.max(...seconds)} s`);
  });

  for (const [status, code] of [
    [403, "AuthorizationFailed"],
    [409, "ScopeLocked"],
  ] as const) {
    it(`goes on unconfirmed without the right to read, and never advises another rotation (${code})`, async () => {
      const answer = http(status, code);
      const azure = new FakeAzure([regenerate({ answer: 500 }), list({ answer }), regenerate(), list({ answer })]);
      const { keys, doubt } = await azure.rotation.rotate(account, "Key1");
      assert.deepEqual([keys.Key1, doubt], ["new-1", undefined]);
      assert.match(
        azure.lines.at(-1) ?? "",
        /^warning: .*listKeys gave 4.*"pulumi refresh", then "pulumi up".*\[unconfirmed\]$/,
      );
      assert.doesNotMatch(azure.lines.join(), /rotate once more/);
    });
  }

  it("stays in doubt while readings lag, and hands over the values from before", async () => {
    const old = { Key1: "old-1", Key2: "old-2" };
    let renewals = 0;
    const azure = new FakeAzure((operation) => {
      if (operation === "listKeys") return list({ answer: { kind: "keys", keys: old } });
      return regenerate({ answer: ++renewals === 1 ? 503 : undefined });
    });
    const issued = await azure.rotation.rotate(account, "Key1", { stored: "older" });
    assert.deepEqual(
      [issued.keys.Key1, issued.doubt, issued.former],
      ["new-1", "listKeys still gives the old key", ["older", "old-1"]],
    );
  });

  it("does not publish the key of an earlier request that a lagging reading still gives twice", async () => {
    const lagging = list({ answer: { kind: "keys", keys: { Key1: "between", Key2: "old-2" } } });
    const azure = new FakeAzure([regenerate({ answer: 503 }), list(), regenerate(), lagging, lagging, list(), list()]);
    assert.equal((await azure.rotation.rotate(account, "Key1")).keys.Key1, "new-1");
    azure.assertDone();
  });

  it("never waits longer than its budget, whatever happens", async () => {
    for (const answer of [500, 429, network("ECONNRESET"), network("ENOTFOUND"), 200] as (number | Answer)[]) {
      const azure = new FakeAzure((operation) => ({ operation, answer }));
      const start = azure.time;
      await assert.rejects(azure.rotation.rotate(account, "Key1"));
      assert.ok(azure.time - start <= 300_000, `${JSON.stringify(answer)}: ${azure.time - start} ms`);
    }
  });

  it("works on the two slots of an account one after the other, and on two accounts at once", async () => {
    let running = 0;
    const most: number[] = [];
    const azure = new FakeAzure(() => regenerate());
    azure.regenerateKey = async () => {
      most.push(++running);
      await new Promise(setImmediate);
      running--;
      return { kind: "keys", keys: { Key1: "a", Key2: "b" } };
    };
    await Promise.all([azure.rotation.rotate(account, "Key1"), azure.rotation.rotate(account, "Key2")]);
    assert.deepEqual(most.splice(0), [1, 1]);
    await Promise.all([
      azure.rotation.rotate(account, "Key1"),
      azure.rotation.rotate({ ...account, accountName: "b" }, "Key1"),
    ]);
    assert.deepEqual(most, [1, 2]);
  });

  it("holds back every key of a subscription after one 429, and none of another", async () => {
    const clock = new VirtualClock();
    const begin = clock.now();
    const sent: string[] = [];
    const answer = async ({ accountName }: AccountIdentity): Promise<Answer> => {
      const first = sent.push(`${accountName}@${(clock.now() - begin) / 1000}`) === 1;
      return first
        ? http(429, "TooManyRequests", { retryAfterMs: 20_000 })
        : { kind: "keys", keys: { Key1: "1", Key2: "2" } };
    };
    const { now, sleep } = clock;
    const keys: AccountKeys = { listKeys: answer, regenerateKey: answer };
    const rotation = new Rotation({ now, sleep, keys, random: () => 1, log: () => undefined });
    const first = rotation.rotate(account, "Key1");
    await clock.sleep(5_000);
    const elsewhere = "22222222-2222-4222-8222-222222222222";
    await Promise.all([
      first,
      rotation.rotate({ ...account, accountName: "neighbour" }, "Key1"),
      rotation.rotate({ ...account, accountName: "stranger", subscriptionId: elsewhere }, "Key1"),
    ]);
    assert.deepEqual(sent, ["acct@0", "stranger@5", "acct@20", "neighbour@20"]);
  });
});

describe("a wait of many keys for one reason", () => {
  const cases = [
    [http(429, "TooManyRequests", { retryAfterMs: 20_000 }), /^Throttled, trying again in 20 s\. .*\[throttled\]$/],
    [network("ENOTFOUND"), /^Server not reached, trying again in 1 s\. .*\[unreachable\]$/],
  ] as const;
  for (const [trouble, says] of cases) {
    it(`is one line: ${says}`, async () => {
      const { now, sleep } = new VirtualClock();
      const begin = now();
      const answer = async (): Promise<Answer> => {
        return now() === begin ? trouble : { kind: "keys", keys: { Key1: "1", Key2: "2" } };
      };
      const lines: string[] = [];
      const rotation = new Rotation({
        now,
        sleep,
        keys: { listKeys: answer, regenerateKey: answer },
        random: () => 1,
        log: (line) => lines.push(line),
      });
      const accounts = ["a", "b", "c", "d"].map((accountName) => ({ ...account, accountName }));
      await Promise.all(accounts.map((one) => rotation.rotate(one, "Key1")));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0], says);
    });
  }
});

it("a reading ends with the refusal where its turn would come too late, and does not ask for it without end", async () => {
  const { now, sleep } = new VirtualClock();
  let asked = 0;
  let throttles = true;
  const listKeys = async (): Promise<Answer> => {
    asked = 0;
    await sleep(100);
    const refused = throttles;
    throttles = false;
    return refused
      ? http(429, "TooManyRequests", { retryAfterMs: 60_000 })
      : { kind: "keys", keys: { Key1: "1", Key2: "2" } };
  };
  const rotation = new Rotation({
    now: () => {
      assert.ok(++asked < 100, "asked for the time again and again");
      return now();
    },
    sleep,
    keys: { listKeys, regenerateKey: listKeys },
    random: () => 1,
    log: () => {},
  });
  await rotation.read(account);
  await sleep(100);
  const readings = await Promise.all(["b", "c"].map((accountName) => rotation.read({ ...account, accountName })));
  assert.deepEqual(
    readings.map((reading) => ("keys" in reading ? "keys" : (reading.answer as { status?: number }).status)),
    ["keys", 429],
  );
});

describe("a wait that is interrupted", () => {
  const interrupted = (known: RegExp, code: Code) => (error: Error) => {
    assert.match(error.message, known);
    assert.equal(codeOf(error.message), code);
    return true;
  };

  it("ends calls that wait for what another one was told, and sends none of them", async () => {
    const azure = new FakeAzure([regenerate({ answer: http(429, "TooManyRequests") })]);
    azure.interruptedAt = 0;
    for (const accountName of ["acct", "other"]) {
      const rotation = azure.rotation.rotate({ ...account, accountName }, "Key1");
      await assert.rejects(rotation, { message: /\[interrupted\]$/ });
    }
    azure.assertDone();
  });

  it("does not lose a new key that is being confirmed: it stays in doubt", async () => {
    const lost = regenerate({ answer: network("ECONNRESET"), effect: lands });
    const live = { Key1: "old-1", Key2: "old-2" };
    for (const [turns, known] of [
      [[regenerate({ answer: 503 }), list(), regenerate(), list()], {}],
      [[lost, list(), list()], { live }],
      [[lost, list(), list({ answer: 503 })], { live }],
    ] as const) {
      const azure = new FakeAzure([...turns]);
      azure.interruptedAt = turns.length - 3;
      const { keys, doubt } = await azure.rotation.rotate(account, "Key1", known);
      assert.deepEqual([keys.Key1, doubt], ["new-1", "it was interrupted while it waited"]);
      azure.assertDone();
    }
  });

  it("ends a rotation that follows one in doubt before anything is sent", async () => {
    const azure = new FakeAzure([list({ answer: http(409, "RequestConflict") })]);
    azure.interruptedAt = 0;
    await assert.rejects(
      azure.rotation.rotate(account, "Key1", { doubtedAt: azure.time }),
      interrupted(/^Maybe rotated: interrupted\. It is not known/, "in-doubt"),
    );
    azure.assertDone();
  });
});

describe("adopting a key", () => {
  it("waits a little for an account that was created a moment ago, and says so", async () => {
    for (const code of ["ResourceNotFound", "ResourceGroupNotFound"]) {
      const missing = list({ answer: http(404, code) });
      const azure = new FakeAzure([missing, missing, list()]);
      assert.equal((await azure.rotation.adopt(account)).Key1, "old-1");
      assert.deepEqual(azure.calls, ["listKeys@0", "listKeys@10", "listKeys@20"]);
      assert.match(
        azure.lines.join(),
        /trying again in 10 s\. listKeys of account .*: 404 Resource\w+\. \[not-found\]/,
      );
      const gone = new FakeAzure([missing, missing, missing]);
      await assert.rejects(gone.rotation.adopt(account), { message: /404 Resource/ });
      gone.assertDone();
    }
  });

  it("asks twice before it finds an account gone, whatever was answered before", async () => {
    const missing = list({ answer: http(404, "ResourceNotFound") });
    const azure = new FakeAzure([list({ answer: 503 }), missing, list()]);
    assert.ok("keys" in (await azure.rotation.read(account)));
    assert.deepEqual(azure.calls, ["listKeys@0", "listKeys@1", "listKeys@11"]);
  });
});
