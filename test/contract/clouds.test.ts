import assert from "node:assert/strict";
import type { Outcome } from "../../emulator/emulator";
import { cloudFromMetadata } from "../../provider/azure/clouds";
import { toKeyError } from "../../provider/keyError";
import { azureLogin } from "../../provider/login/azureLogin";
import { settingReader } from "../../provider/login/settings";
import { startEmulator } from "../support/emulator";
import { dynamicWay } from "../support/waysIn";

const well = {
  name: "Private",
  resourceManager: "https://arm.example/",
  authentication: { loginEndpoint: "https://login.example/", audiences: ["https://audience.example/"] },
};

/** What is made of metadata that a host answers, as it reaches the person who deploys. */
async function described(...answers: (Outcome | "truncated")[]) {
  const emulator = await startEmulator();
  let asked = 0;
  emulator.fault = ({ operation, attempt }) => {
    if (operation !== "metadata") return undefined;
    asked = attempt;
    const outcome = answers[Math.min(attempt, answers.length) - 1];
    return outcome === "truncated" ? { strikes: "afterEffect", outcome } : { strikes: "beforeEffect", outcome };
  };
  const { host } = new URL(emulator.url);
  const cloud = await cloudFromMetadata(host, dynamicWay).catch((error) => toKeyError(error).message);
  return { cloud, host, asked };
}

describe("the metadata of a cloud", () => {
  it("gives its endpoints without a slash at their end", async () => {
    const { cloud, host } = await described({ status: 200, body: well });
    assert.deepEqual(cloud, {
      name: "Private",
      resourceManager: "https://arm.example",
      authorityHost: "https://login.example",
      scope: "https://audience.example/.default",
      dataPlaneHosts: [],
      metadataHost: host,
    });
  });

  it("gives the cloud the name of its host where it has none", async () => {
    const { cloud, host } = await described({ status: 200, body: { ...well, name: undefined } });
    assert.equal(typeof cloud === "object" && cloud.name, host);
  });

  const { authentication } = well;
  const lacks = /: the answer lacks resourceManager, authentication\.loginEndpoint or authentication\.audiences\. /;
  const wrong: [what: string, body: unknown, says: RegExp][] = [
    ["nothing", null, lacks],
    ["text", '"synthetic"', lacks],
    ["a list", [well], lacks],
    ["a name that is a number", { ...well, name: 5 }, /: its name is not text\. /],
    ["a name that is null", { ...well, name: null }, /: its name is not text\. /],
    [
      "a resourceManager that is an object",
      { ...well, resourceManager: {} },
      /its resourceManager is not an https URL\. /,
    ],
    [
      "a resourceManager without a scheme",
      { ...well, resourceManager: "arm.example" },
      /resourceManager is not an https URL/,
    ],
    [
      "a resourceManager over http",
      { ...well, resourceManager: "http://arm.example" },
      /resourceManager is not an https URL/,
    ],
    ["an empty resourceManager", { ...well, resourceManager: "" }, lacks],
    ["authentication that is text", { ...well, authentication: "synthetic" }, lacks],
    ["authentication that is null", { ...well, authentication: null }, lacks],
    [
      "a loginEndpoint that is a number",
      { ...well, authentication: { ...authentication, loginEndpoint: 5 } },
      /its authentication\.loginEndpoint is not an https URL\. /,
    ],
    [
      "a loginEndpoint over http",
      { ...well, authentication: { ...authentication, loginEndpoint: "http://login.example" } },
      /its authentication\.loginEndpoint is not an https URL\. /,
    ],
    [
      "a loginEndpoint with a password",
      { ...well, authentication: { ...authentication, loginEndpoint: "https://user:password@login.example" } },
      /its authentication\.loginEndpoint is not an https URL\. /,
    ],
    ["audiences that are text", { ...well, authentication: { ...authentication, audiences: "https://a" } }, lacks],
    ["audiences that are numbers", { ...well, authentication: { ...authentication, audiences: [5] } }, lacks],
    ["no audiences at all", { ...well, authentication: { ...authentication, audiences: [] } }, lacks],
  ];
  for (const [what, body, says] of wrong) {
    it(`is refused in words when it is or has ${what}`, async () => {
      const { cloud } = await described({ status: 200, body });
      assert.match(String(cloud), /^Cloud not read: .* at https:\/\/localhost:.*\[cloud-metadata\]$/);
      assert.match(String(cloud), says);
      assert.doesNotMatch(String(cloud), /password|Unexpected failure/);
    });
  }

  const passing: [what: string, ...answers: (Outcome | "truncated")[]][] = [
    ["is busy", { status: 503 }, { status: 429, headers: { "Retry-After": "0" } }],
    ["is late", { status: 408 }],
    ["cuts the connection", "reset"],
    ["cuts its answer off in the middle", "truncated"],
  ];
  for (const [what, ...answers] of passing) {
    it(`is asked for again when the host ${what}`, async () => {
      const { cloud, asked } = await described(...answers, { status: 200, body: well });
      assert.equal(typeof cloud === "object" && cloud.name, "Private");
      assert.equal(asked, answers.length + 1);
    });
  }

  const useless: [what: string, answer: Outcome, says: RegExp, asked: number][] = [
    ["that stays busy", { status: 503 }, /^Cloud not read: answered 503\. /, 3],
    ["that cuts every connection", "reset", /^Cloud not read: the connection failed /, 3],
    ["that answers HTML", { status: 200, body: "<html>" }, /^Cloud not read: the answer is not JSON\. /, 1],
    ["that redirects", { status: 307, headers: { Location: "/metadata/endpoints" } }, /: answered 307\. /, 1],
  ];
  for (const [what, answer, says, times] of useless) {
    it(`is not had from a host ${what}, which is said`, async () => {
      const { cloud, asked } = await described(answer);
      assert.match(String(cloud), says);
      assert.match(String(cloud), /\[cloud-metadata\]$/);
      assert.equal(asked, times);
    });
  }

  it("is waited for no longer than its time limit, also where the host asks for more", async () => {
    const emulator = await startEmulator();
    emulator.fault = () => ({ strikes: "beforeEffect", outcome: { status: 429, headers: { "Retry-After": "3600" } } });
    const started = Date.now();
    await assert.rejects(cloudFromMetadata(new URL(emulator.url).host, dynamicWay, 500), {
      message: /^Cloud not read: answered 429\. /,
    });
    assert.ok(Date.now() - started < 5_000);
  });

  const refused = [
    "https://user:hunter2@host.example",
    "user:hunter2@host.example",
    "https://hunter2@host.example",
    "https://user:hun/ter2@host.example",
    "host.example/?sig=hunter2",
    "host.example/#hunter2",
    "hunter2~8Q~secret",
    "hun ter2",
    "https://",
  ];
  for (const metadataHost of refused) {
    it(`is asked of a host and of nothing else: ${metadataHost}`, async () => {
      const setting = settingReader(dynamicWay, (name) => (name === "metadataHost" ? metadataHost : undefined), {
        ARM_CLIENT_SECRET: "synthetic",
      });
      await assert.rejects(azureLogin(setting).cloud(), (error: Error) => {
        assert.match(error.message, /\[metadata-host\]$/);
        assert.doesNotMatch(error.message, /hun|ter2|user:|secret/);
        return true;
      });
    });
  }
});
