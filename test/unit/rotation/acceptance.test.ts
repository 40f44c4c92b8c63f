import assert from "node:assert/strict";
import { type Cloud, cloudFromName } from "../../../provider/azure/clouds";
import {
  Acceptance,
  acceptanceUrlRule,
  type DataPlaneAnswer,
  type WaitUntilAccepted,
} from "../../../provider/rotation/acceptance";
import { codeOf, type Trial } from "../../../provider/words";
import { dynamicWay } from "../../support/waysIn";

/**
 * An endpoint that gives these answers in turn, the last one for ever, and a clock that only sleeping moves.
 *
 * @param waits how many there are before one is interrupted
 */
function start(
  answers: DataPlaneAnswer[],
  cloud: Cloud = cloudFromName("public", dynamicWay),
  waits: number = Number.POSITIVE_INFINITY,
) {
  const tried: string[] = [];
  let time = 0;
  const acceptance = new Acceptance({
    dataPlane: {
      request: async (url, key) => {
        tried.push(`${key} to ${new URL(url).host} after ${time / 1000} s`);
        return answers[Math.min(tried.length, answers.length) - 1];
      },
    },
    cloud: async () => cloud,
    now: () => time,
    sleep: async (ms) => {
      if (waits-- <= 0) throw new Error("interrupted");
      time += ms;
    },
  });
  const trials: Trial[] = [];
  const refusal = (wait: WaitUntilAccepted | null | undefined) =>
    acceptance.refusal(wait, "new", (trial) => void trials.push(trial));
  return { acceptance, refusal, tried, trials, seconds: () => time / 1000 };
}

const url = "https://acct.openai.azure.com/openai/models";

describe("a new key", () => {
  for (const status of [200, 204, 400, 403, 404, 405]) {
    it(`is accepted by ${status}`, async () => {
      const { refusal, tried, trials } = start([{ status }]);
      assert.equal(await refusal({ url }), undefined);
      assert.equal(tried.length, 1);
      assert.deepEqual(trials, []);
    });
  }

  const refusals: [what: string, answer: DataPlaneAnswer, said: string][] = [
    ["401", { status: 401 }, "refused it (401)"],
    ["429", { status: 429 }, "answered 429, which does not say whether it accepts the key"],
    ["503", { status: 503 }, "answered 503, which does not say whether it accepts the key"],
    ["a redirect", { status: 302 }, "answered 302, which does not say whether it accepts the key"],
    ["a connection that is reset", { code: "ECONNRESET" }, "did not answer (ECONNRESET)"],
  ];
  for (const [what, answer, said] of refusals) {
    it(`is not accepted by ${what}, which is tried again`, async () => {
      const later = start([answer, answer, { status: 200 }]);
      assert.equal(await later.refusal({ url }), undefined);
      assert.deepEqual(
        later.tried,
        [0, 1, 3].map((s) => `new to acct.openai.azure.com after ${s} s`),
      );
      const never = start([answer]);
      assert.equal(await never.refusal({ url }), `acct.openai.azure.com ${said}, for PT5M`);
      assert.ok(never.seconds() > 290 && never.seconds() <= 300);
    });
  }

  it("is tried for as long as it is said, and once when that is no time at all", async () => {
    const { refusal, tried, seconds, trials } = start([{ status: 401 }]);
    await refusal({ url, timeout: "PT10S" });
    assert.equal(seconds(), 7);
    const told = [{ host: "acct.openai.azure.com", answer: { status: 401 }, timeout: "PT10S" }];
    assert.deepEqual(trials, told);
    tried.length = 0;
    await refusal({ url, timeout: "PT0S" });
    assert.equal(tried.length, 1);
    assert.deepEqual(trials, told, "nobody waits for no time at all");
  });

  it("is not sent anywhere when there is nothing to wait for", async () => {
    const { acceptance, refusal, tried } = start([]);
    for (const wait of [undefined, null]) {
      await acceptance.prepare(wait);
      assert.equal(await refusal(wait), undefined);
    }
    assert.deepEqual(tried, []);
  });
});

describe("before anything is rotated", () => {
  it("a made-up key must be refused", async () => {
    const { acceptance, tried } = start([{ code: "ECONNRESET" }, { status: 503 }, { status: 401 }]);
    await acceptance.prepare({ url });
    assert.equal(tried.length, 3);
    assert.match(tried[0], /^0{32} to acct\.openai\.azure\.com/);
  });

  const useless: [what: string, answer: DataPlaneAnswer, said: RegExp][] = [
    [
      "takes any key",
      { status: 200 },
      /No new key was sent or issued.*answered 200 to a made-up key\. It must answer 401/,
    ],
    ["is no path of the account", { status: 404 }, /answered 404 to a made-up key/],
    ["is behind a firewall", { status: 403 }, /answered 403 to a made-up key/],
    ["cannot be reached", { code: "ENOTFOUND" }, /gave no answer to a made-up key \(ENOTFOUND\)/],
    ["redirects", { status: 302 }, /answered 302 to a made-up key/],
  ];
  for (const [what, answer, said] of useless) {
    it(`a URL is refused that ${what}, within half a minute`, async () => {
      const { acceptance, seconds } = start([answer]);
      await assert.rejects(acceptance.prepare({ url }), (error: Error) => {
        assert.match(error.message, said);
        assert.equal(codeOf(error.message), "path-checks-no-key");
        return true;
      });
      assert.ok(seconds() <= 30);
    });
  }
});

describe("a key is told", () => {
  const clouds = {
    public: ["cognitiveservices.azure.com", "openai.azure.com", "services.ai.azure.com", "api.cognitive.microsoft.com"],
    usgovernment: [
      "cognitiveservices.azure.us",
      "openai.azure.us",
      "services.ai.azure.us",
      "api.cognitive.microsoft.us",
    ],
    china: ["cognitiveservices.azure.cn", "openai.azure.cn", "services.ai.azure.cn", "api.cognitive.azure.cn"],
  };
  for (const [name, hosts] of Object.entries(clouds)) {
    it(`to the hosts of ${name} and to those of no other cloud`, async () => {
      const { acceptance, tried } = start([{ status: 401 }], cloudFromName(name, dynamicWay));
      for (const host of Object.values(clouds).flat()) {
        tried.length = 0;
        const asked = acceptance.prepare({ url: `https://ACCT.${host}/` });
        if (hosts.includes(host)) await asked;
        else await assert.rejects(asked, { message: /No new key was sent or issued.*\[foreign-host\]$/ });
        assert.equal(tried.length, hosts.includes(host) ? 1 : 0);
      }
    });
  }

  for (const host of ["openai.azure.com", "evilopenai.azure.com", "acct.openai.azure.com.evil.example", "localhost"]) {
    it(`never to ${host}`, async () => {
      const { refusal, tried } = start([{ status: 200 }]);
      const said = await refusal({ url: `https://${host}/` });
      assert.equal(codeOf(String(said)), "foreign-host");
      assert.deepEqual(tried, []);
    });
  }

  it("to the configured metadata host, with that very port", async () => {
    const { acceptance } = start([{ status: 401 }], {
      ...cloudFromName("public", dynamicWay),
      metadataHost: "localhost:4711",
    });
    await acceptance.prepare({ url: "https://localhost:4711/accounts/rg/acct/" });
    await assert.rejects(acceptance.prepare({ url: "https://localhost:4712/" }));
  });

  for (const metadataHost of [undefined, "management.private.example"]) {
    it(`to nobody in a cloud that does not name its hosts, ${metadataHost ? "but has a metadata host" : "which is said"}`, async () => {
      const { acceptance, tried } = start([{ status: 401 }], {
        ...cloudFromName("public", dynamicWay),
        name: "Private",
        dataPlaneHosts: [],
        metadataHost,
      });
      await assert.rejects(acceptance.prepare({ url }), {
        message: /No new key was sent or issued.*acct\.openai\.azure\.com.*"Private".*\[unknown-hosts\]$/,
      });
      assert.deepEqual(tried, []);
    });
  }

  it("over https only, and never with a user name in the URL", () => {
    assert.equal(acceptanceUrlRule(url), undefined);
    assert.match(String(acceptanceUrlRule("http://acct.openai.azure.com")), /must begin with https/);
    assert.match(String(acceptanceUrlRule("acct.openai.azure.com")), /is not a URL/);
    assert.match(String(acceptanceUrlRule("https://a:b@acct.openai.azure.com")), /must not hold a user name/);
  });
});

describe("a wait until a key is accepted that is interrupted", () => {
  it("gives what was answered last, as whoever waits holds a new key", async () => {
    const { refusal, tried } = start([{ status: 401 }], cloudFromName("public", dynamicWay), 2);
    assert.equal(await refusal({ url }), "acct.openai.azure.com refused it (401), until it was interrupted");
    assert.equal(tried.length, 3);
  });

  it("ends everything before a key is issued", async () => {
    const { acceptance, tried } = start([{ status: 503 }], cloudFromName("public", dynamicWay), 0);
    await assert.rejects(acceptance.prepare({ url }), { message: /No new key was sent or issued.*\[interrupted\]$/ });
    assert.equal(tried.length, 1);
  });
});
