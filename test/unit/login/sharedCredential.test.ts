import assert from "node:assert/strict";
import { loginFailure, SharedCredential } from "../../../provider/login/sharedCredential";
import { dynamicWay } from "../../support/waysIn";

describe("what Entra says", () => {
  const said =
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, " +
    "not the client secret ID, for a secret added to app '22222222-2222-4222-8222-222222222222'";
  const ids = "Trace ID: 0f8c Correlation ID: 9b1e Timestamp: 2026-01-01 00:00:00Z";
  const forms: [from: string, message: string][] = [
    [
      "the login library",
      `invalid_client: Error(s): 7000215 - Timestamp: now - Description: ${said}. ${ids} - Correlation ID: 9b1e - Trace ID: 0f8c`,
    ],
    ["an answer on several lines", `${said}.\r\nTrace ID: 0f8c\r\nCorrelation ID: 9b1e\r\nTimestamp: now`],
    ["the Azure CLI", `WARNING: synthetic\nERROR: ${said}. ${ids}\nInteractive authentication is needed.`],
    [
      "an answer without ids",
      `invalid_client: Error(s): 7000215 - Description: ${said} - Correlation ID: Not Available`,
    ],
  ];
  for (const [from, message] of forms) {
    it(`is quoted up to its trace ids: ${from}`, () => {
      const failure = loginFailure(dynamicWay, "client secret", new Error(message)).message;
      assert.ok(failure.startsWith(`Login failed: ${said}. The login was tried with client secret. `), failure);
      assert.doesNotMatch(failure, /Trace|Correlation|Timest|9b1e|0f8c/);
    });
  }
});

describe("a login that fails", () => {
  it("says the reason of each identity that was tried, and of each only what it says first", () => {
    const chain = Object.assign(new Error("all failed"), { errors: [new Error("one\ntrace"), new Error("another.")] });
    assert.match(
      loginFailure(dynamicWay, "DefaultAzureCredential", chain).message,
      /^Login failed: one; another\. .*\[login-failed\]$/,
    );
  });

  it("says so where no token was given", async () => {
    const nobody = new SharedCredential({ getToken: async () => null }, 1_000, (error) =>
      loginFailure(dynamicWay, "OIDC", error),
    );
    await assert.rejects(nobody.getToken("scope"), {
      message: /^Login failed: no token was given\. .*\[login-failed\]$/,
    });
  });
});
