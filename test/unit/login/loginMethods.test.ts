import assert from "node:assert/strict";
import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import { chooseMethod, createCredential, type Method } from "../../../provider/login/loginMethods";
import { settingReader } from "../../../provider/login/settings";
import { dynamicWay } from "../../support/waysIn";

/** The settings that choose a method, in azure-native's order. */
const order: [setting: string, method: Method][] = [
  ["useDefaultAzureCredential", "DefaultAzureCredential"],
  ["clientCertificatePath", "client certificate"],
  ["clientSecret", "client secret"],
  ["useOidc", "OIDC"],
  ["useMsi", "managed identity"],
  ["clientCertificate", "client certificate"],
];
const variables: Record<string, string> = {
  useDefaultAzureCredential: "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
  clientCertificatePath: "ARM_CLIENT_CERTIFICATE_PATH",
  clientSecret: "ARM_CLIENT_SECRET",
  useOidc: "ARM_USE_OIDC",
  useMsi: "ARM_USE_MSI",
  clientCertificate: "ARM_CLIENT_CERTIFICATE",
};

const configured = (settings: Record<string, string>) => settingReader(dynamicWay, (name) => settings[name], {});
const policy: PipelinePolicy = { name: "none", sendRequest: (request, next) => next(request) };
const options = { authorityHost: "https://login.example", timeoutMs: 1_000, policy };

describe("the method of a login", () => {
  for (const [index, [setting, method]] of order.entries()) {
    it(`is ${method} by ${setting}, whatever comes after it`, () => {
      const names = order.slice(index).map(([name]) => name);
      assert.equal(chooseMethod(configured(Object.fromEntries(names.map((name) => [name, "true"])))), method);
      const environment = Object.fromEntries(names.map((name) => [variables[name], "true"]));
      // The variable of a certificate in base64 is one of other tools.
      const inEnvironment = setting === "clientCertificate" ? "Azure CLI" : method;
      assert.equal(chooseMethod(settingReader(dynamicWay, () => undefined, environment)), inEnvironment);
    });
  }

  it("is the Azure CLI where nothing is set, and for a switch that is not the text true", () => {
    assert.equal(chooseMethod(configured({})), "Azure CLI");
    const off = { useDefaultAzureCredential: "True", useOidc: "1", useMsi: "yes", clientSecret: "" };
    assert.equal(chooseMethod(configured(off)), "Azure CLI");
  });

  const needed: [method: Method, ...settings: string[]][] = [
    ["DefaultAzureCredential", "subscriptionId"],
    ["client certificate", "subscriptionId", "tenantId", "clientId"],
    ["client secret", "subscriptionId", "tenantId", "clientId"],
    ["OIDC", "subscriptionId", "tenantId", "clientId"],
    ["managed identity", "subscriptionId"],
  ];
  for (const [method, ...settings] of needed) {
    it(`${method} is refused without ${settings.join(", ")}, each by name`, async () => {
      const all = { subscriptionId: "s", tenantId: "t", clientId: "c", clientSecret: "s", oidcToken: "o" };
      for (const absent of settings) {
        const message = new RegExp(`azure-native:${absent} \\(or ARM_\\w+\\).* with ${method}.*\\[missing-setting\\]$`);
        await assert.rejects(createCredential(method, configured({ ...all, [absent]: "" }), options), { message });
      }
    });
  }

  for (const [what, settings] of [
    ["a token", {}],
    ["the token of its request", { oidcRequestUrl: "https://host.example" }],
    ["the URL of its request", { oidcRequestToken: "synthetic" }],
  ] as const) {
    it(`OIDC is refused without ${what}`, async () => {
      const setting = configured({ subscriptionId: "s", tenantId: "t", clientId: "c", ...settings });
      await assert.rejects(createCredential("OIDC", setting, options), {
        message: /"id-token: write".*oidcToken .*\[oidc-token\]$/,
      });
    });
  }

  it("takes auxiliary tenants only as a JSON array of strings", async () => {
    const principal = { subscriptionId: "s", tenantId: "t", clientId: "c", clientSecret: "s" };
    for (const auxiliaryTenantIds of ["a, b", "[1]", '"a"', "{}"]) {
      await assert.rejects(
        createCredential("client secret", configured({ ...principal, auxiliaryTenantIds }), options),
        {
          message: /auxiliaryTenantIds .*must be a JSON array of tenant ids.*\[auxiliary-tenants\]$/,
        },
      );
    }
    await createCredential("client secret", configured({ ...principal, auxiliaryTenantIds: '["a"]' }), options);
  });
});
