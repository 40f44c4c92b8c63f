import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cloudFromName } from "../../components/provider/clouds";
import { azureLogin } from "../../components/provider/credentials";
import { settingReader } from "../../components/provider/settings";

const subscription = "11111111-1111-4111-8111-111111111111";
const tenant = "abcdef00-3333-4333-8333-333333333333";

function reader(config: Record<string, string>, environment: Record<string, string> = {}) {
  return settingReader((name) => config[name], environment);
}

describe("a setting", () => {
  it("comes from the stack's configuration, then from the environment", () => {
    assert.equal(reader({ "azure-native:tenantId": "c" }, { ARM_TENANT_ID: "e" })("tenantId", "ARM_TENANT_ID"), "c");
    assert.equal(reader({}, { ARM_TENANT_ID: "e" })("tenantId", "ARM_TENANT_ID"), "e");
    assert.equal(reader({})("tenantId", "ARM_TENANT_ID"), "");
  });

  it("that is present in the configuration masks the environment even when it is empty", () => {
    assert.equal(
      reader({ "azure-native:clientSecret": "" }, { ARM_CLIENT_SECRET: "e" })("clientSecret", "ARM_CLIENT_SECRET"),
      "",
    );
  });

  it("falls back to the second variable when the first is missing or empty", () => {
    const setting = reader({}, { ARM_ENVIRONMENT: "", AZURE_ENVIRONMENT: "china" });
    assert.equal(setting("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"), "china");
  });
});

describe("the default subscription", () => {
  it("is the configured one; only the Azure CLI knows one of its own", async () => {
    for (const method of ["useDefaultAzureCredential", "useOidc", "useMsi", "clientSecret", "clientCertificatePath"]) {
      const config = { [`azure-native:${method}`]: "true" };
      const configured = { ...config, "azure-native:subscriptionId": subscription };
      assert.equal(await azureLogin(reader(configured)).defaultSubscription(), subscription);
      await assert.rejects(azureLogin(reader(config)).defaultSubscription(), {
        message: /^azure-native:subscriptionId \(or ARM_SUBSCRIPTION_ID\) must be set to log in with/,
      });
    }
  });
});

describe("a cloud", () => {
  const names: [name: string, resourceManager: string][] = [
    ["", "https://management.azure.com"],
    ["public", "https://management.azure.com"],
    ["AzureCloud", "https://management.azure.com"],
    ["usgovernment", "https://management.usgovcloudapi.net"],
    ["USGov", "https://management.usgovcloudapi.net"],
    ["AzureUSGovernment", "https://management.usgovcloudapi.net"],
    ["azureusgovernmentcloud", "https://management.usgovcloudapi.net"],
    ["usgovernmentl4", "https://management.usgovcloudapi.net"],
    ["china", "https://management.chinacloudapi.cn"],
    ["AzureChinaCloud", "https://management.chinacloudapi.cn"],
  ];
  for (const [name, resourceManager] of names) {
    it(`"${name}" is at ${resourceManager}`, () => {
      const cloud = cloudFromName(name);
      assert.equal(cloud.resourceManager, resourceManager);
      assert.equal(cloud.scope, `${resourceManager}/.default`);
    });
  }

  it("of an unknown name is refused, not taken for the public one", () => {
    assert.throws(() => cloudFromName("mars"), { message: /must be one of .*got "mars"/ });
  });
});

describe("login with the Azure CLI", () => {
  let folder: string;
  const path = process.env.PATH;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "az-"));
    process.env.PATH = `${folder}${delimiter}${path}`;
  });

  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  /** A stand-in for `az`: prints what the test says, and writes down how it was called. */
  function az(environmentName: string, exit = 0): void {
    const account = JSON.stringify({ id: subscription, tenantId: tenant, environmentName });
    const endpoints = {
      resourceManager: "https://arm.example/",
      activeDirectory: "https://login.example",
      activeDirectoryResourceId: "https://audience.example/",
    };
    const token = JSON.stringify({ accessToken: "synthetic", expires_on: Math.floor(Date.now() / 1000) + 3600 });
    const script = `#!/bin/sh
if [ ${exit} != 0 ]; then echo "WARNING: synthetic" >&2; echo "ERROR: Please run 'az login' to setup account." >&2; exit ${exit}; fi
case "$1 $2" in
  "account show") echo '${account}';;
  "account get-access-token") echo '${token}';;
  "cloud show") echo '${JSON.stringify({ endpoints })}';;
esac
echo "$@" >> ${folder}/calls
`;
    writeFileSync(join(folder, "az"), script);
    chmodSync(join(folder, "az"), 0o755);
  }

  it("takes subscription, cloud and token from it, each asked for once", async () => {
    az("AzureUSGovernment");
    const login = azureLogin(reader({}));
    assert.equal(await login.defaultSubscription(), subscription);
    assert.equal((await login.cloud()).name, "AzureUSGovernment");
    const credential = await login.credential();
    const scope = (await login.cloud()).scope;
    const tokens = await Promise.all([credential.getToken(scope), credential.getToken(scope)]);
    assert.deepEqual(
      tokens.map((token) => token?.token),
      ["synthetic", "synthetic"],
    );
    const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    assert.equal(calls.filter((call) => call.startsWith("account show")).length, 1);
    assert.equal(calls.filter((call) => call.startsWith("account get-access-token")).length, 1);
  });

  it("is refused in another cloud than the configured one", async () => {
    az("AzureChinaCloud");
    const login = azureLogin(reader({ "azure-native:environment": "public" }));
    await assert.rejects(login.cloud(), {
      message: /"AzureCloud" is not the one .*"AzureChinaCloud".*az cloud set --name AzureCloud/,
    });
  });

  it("takes the endpoints of a cloud that only it knows from it", async () => {
    az("Private");
    assert.deepEqual(await azureLogin(reader({})).cloud(), {
      name: "Private",
      resourceManager: "https://arm.example",
      authorityHost: "https://login.example",
      scope: "https://audience.example/.default",
      dataPlaneHosts: [],
    });
  });

  it("asks for the token of the subscription, whose tenant must be the configured one", async () => {
    az("AzureCloud");
    const config = { "azure-native:subscriptionId": subscription, "azure-native:tenantId": tenant.toUpperCase() };
    await (await azureLogin(reader(config)).credential()).getToken("https://management.azure.com/.default");
    const calls = readFileSync(join(folder, "calls"), "utf8");
    const [, asked] = /^account get-access-token (.*)$/m.exec(calls) ?? [];
    assert.match(asked, new RegExp(`--subscription "?${subscription}`));
    assert.doesNotMatch(asked, /--tenant/);

    const other = { ...config, "azure-native:tenantId": "44444444-4444-4444-8444-444444444444" };
    await assert.rejects(azureLogin(reader(other)).credential(), {
      message:
        /configured tenant 4444.* is not the one in which the Azure CLI has subscription 1111.*az login --tenant 4444/,
    });
  });

  it("says what to do when nobody is logged in, and when it is not installed", async () => {
    az("AzureCloud", 1);
    await assert.rejects(azureLogin(reader({})).defaultSubscription(), {
      message: /"az account show"\): Please run 'az login'.*clientSecret/,
    });
    process.env.PATH = "/nonexistent";
    await assert.rejects(azureLogin(reader({})).defaultSubscription(), { message: /not installed or not on PATH/ });
  });
});
