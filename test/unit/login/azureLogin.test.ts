import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cloudFromName } from "../../provider/azure/clouds";
import { type AzureLogin, azureLogin } from "../../provider/login/azureLogin";
import { LoginAnswers } from "../../provider/login/loginAnswers";
import { chooseMethod } from "../../provider/login/loginMethods";
import { settingReader } from "../../provider/login/settings";
import { loginFailure, SharedCredential } from "../../provider/login/sharedCredential";

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

describe("a setting with blanks around it", () => {
  const at = (key: string, value: string) => reader({}, { VARIABLE: value })(key, "VARIABLE");

  it("counts without them, wherever it comes from", () => {
    assert.equal(at("subscriptionId", ` ${subscription}\n`), subscription);
    assert.equal(reader({ "azure-native:tenantId": `\t${tenant}\r\n` })("tenantId"), tenant);
  });

  it("loses only the line break behind it when it is a secret", () => {
    for (const key of ["clientSecret", "clientCertificatePassword"]) {
      assert.equal(at(key, " a secret \r\n"), " a secret ");
    }
  });

  it("stays as it is when it is a switch: azure-native takes it for off", () => {
    for (const key of ["useDefaultAzureCredential", "useOidc", "useMsi"]) assert.equal(at(key, "true\n"), "true\n");
    assert.equal(chooseMethod(reader({}, { ARM_USE_OIDC: "true\n", ARM_USE_MSI: "true" })), "managed identity");
  });

  it("stays something that is set when there is nothing else", () => {
    assert.equal(chooseMethod(reader({ "azure-native:clientCertificatePath": " " })), "client certificate");
  });
});

describe("a setting that may be a secret in the wrong place", () => {
  const secret = "abc8Q~hunter2-hunter2-hunter2_hunter2";
  const login = { "azure-native:clientSecret": "s", "azure-native:subscriptionId": subscription };
  const settings: [key: string, refused: (login: AzureLogin) => Promise<unknown>][] = [
    ["subscriptionId", (one) => one.defaultSubscription()],
    ["environment", (one) => one.cloud()],
    ["metadataHost", (one) => one.cloud()],
    ["auxiliaryTenantIds", (one) => one.credential()],
    ["clientId", (one) => one.credential()],
  ];
  for (const [key, refused] of settings) {
    it(`is refused without it: ${key}`, async () => {
      const config = { ...login, "azure-native:tenantId": tenant, [`azure-native:${key}`]: secret };
      await assert.rejects(refused(azureLogin(reader(config))), (error: Error) => {
        assert.match(error.message, new RegExp(`^Setting wrong: azure-native:${key} .*must be`));
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }
});

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
      const failure = loginFailure("client secret", new Error(message)).message;
      assert.ok(failure.startsWith(`Login failed: ${said}. It was tried with client secret. `), failure);
      assert.doesNotMatch(failure, /Trace|Correlation|Timest|9b1e|0f8c/);
    });
  }
});

describe("a login that fails", () => {
  it("says the reason of each identity that was tried, and of each only what it says first", () => {
    const chain = Object.assign(new Error("all failed"), { errors: [new Error("one\ntrace"), new Error("another.")] });
    assert.match(
      loginFailure("DefaultAzureCredential", chain).message,
      /^Login failed: one; another\. .*\[login-failed\]$/,
    );
  });

  it("says so where no token was given", async () => {
    const nobody = new SharedCredential({ getToken: async () => null }, "OIDC", 1_000, new LoginAnswers());
    await assert.rejects(nobody.getToken("scope"), {
      message: /^Login failed: no token was given\. .*\[login-failed\]$/,
    });
  });
});

describe("the default subscription", () => {
  it("is no text that is no GUID, but the one that the Azure CLI knows by that name", async () => {
    const setting = reader({ "azure-native:clientSecret": "s" }, { ARM_SUBSCRIPTION_ID: `${subscription}\nx` });
    await assert.rejects(azureLogin(setting).defaultSubscription(), {
      message: /azure-native:subscriptionId \(or ARM_SUBSCRIPTION_ID\).*\[subscription-id\]$/,
    });
  });

  it("is the configured one; only the Azure CLI knows one of its own", async () => {
    for (const method of ["useDefaultAzureCredential", "useOidc", "useMsi", "clientSecret", "clientCertificatePath"]) {
      const config = { [`azure-native:${method}`]: "true" };
      const configured = { ...config, "azure-native:subscriptionId": subscription };
      assert.equal(await azureLogin(reader(configured)).defaultSubscription(), subscription);
      await assert.rejects(azureLogin(reader(config)).defaultSubscription(), {
        message: /azure-native:subscriptionId \(or ARM_SUBSCRIPTION_ID\).*\[missing-setting\]$/,
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
      message: /"AzureCloud" .*"AzureChinaCloud".*az cloud set --name AzureCloud.*\[two-clouds\]$/,
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
      message: /4444.* is configured.* subscription 1111.*az login --tenant 4444.*\[two-tenants\]$/,
    });
  });

  it("resolves a subscription that is set by its name", async () => {
    az("AzureCloud");
    const login = azureLogin(reader({}, { ARM_SUBSCRIPTION_ID: "My subscription" }));
    assert.equal(await login.defaultSubscription(), subscription);
    assert.match(readFileSync(join(folder, "calls"), "utf8"), /^account show --subscription My subscription /);
  });

  describe("that is slow", () => {
    const limit = 300;
    const slow = (command: string) => {
      az("Private");
      const script = readFileSync(join(folder, "az"), "utf8");
      writeFileSync(join(folder, "az"), script.replace("case", `[ "$1 $2" = "${command}" ] && exec sleep 5\ncase`));
    };
    const commands: [command: string, ask: (login: AzureLogin) => Promise<unknown>, says: RegExp][] = [
      [
        "account show",
        (login) => login.defaultSubscription(),
        /^Azure CLI failed: no answer within 0\.3 s\..* Run "az account show" by hand .*\[azure-cli\]$/,
      ],
      [
        "cloud show",
        (login) => login.cloud(),
        /^Azure CLI failed: no answer within 0\.3 s\..* Set azure-native:metadataHost .*\[azure-cli-cloud\]$/,
      ],
      [
        "account get-access-token",
        async (login) => (await login.credential()).getToken("https://management.azure.com/.default"),
        /^Login failed: no answer within 0\.3 s\. It was tried with Azure CLI\. .*\[login-failed\]$/,
      ],
    ];
    for (const [command, ask, says] of commands) {
      it(`gives no answer in time: ${command}`, async () => {
        slow(command);
        await assert.rejects(ask(azureLogin(reader({}), limit)), (error: Error) => {
          assert.match(error.message, says);
          assert.doesNotMatch(error.message, /Command failed|az login/);
          return true;
        });
      });
    }
  });

  it("says so when what it prints is not what it should be", async () => {
    const printing = (printed: string) => {
      writeFileSync(join(folder, "az"), `#!/bin/sh\necho '${printed}'\n`);
      chmodSync(join(folder, "az"), 0o755);
      return azureLogin(reader({}));
    };
    await assert.rejects(printing("null").cloud(), {
      message: /^Azure CLI failed: no subscription in the answer\. .*"az account show".*\[azure-cli\]$/,
    });
    await assert.rejects(printing('{"id":5,"environmentName":{}}').cloud(), {
      message: /no subscription in the answer/,
    });
    await assert.rejects(printing("synthetic").cloud(), {
      message: /^Azure CLI failed: the answer is not JSON\. .*"az account show"/,
    });
    const endpoints = { resourceManager: "arm.example", activeDirectory: "a", activeDirectoryResourceId: "b" };
    const both = JSON.stringify({ id: subscription, environmentName: "Private", endpoints });
    await assert.rejects(printing(both).cloud(), {
      message: /^Azure CLI failed: its resourceManager is no https URL\. .*"az cloud show".*\[azure-cli-cloud\]$/,
    });
  });

  it("is told nothing that may be a secret in the wrong place, and no message shows it", async () => {
    az("AzureCloud");
    const secret = "abc8Q~hunter2";
    const message = (error: Error) => !/hunter2/.test(error.message);
    await assert.rejects(azureLogin(reader({}, { ARM_SUBSCRIPTION_ID: secret })).defaultSubscription(), message);
    const environment = { ARM_SUBSCRIPTION_ID: subscription, ARM_TENANT_ID: secret };
    await assert.rejects(azureLogin(reader({}, environment)).credential(), message);
    assert.doesNotMatch(readFileSync(join(folder, "calls"), "utf8"), /hunter2/);
  });

  it("says what to do when nobody is logged in, and when it is not installed", async () => {
    az("AzureCloud", 1);
    await assert.rejects(azureLogin(reader({})).defaultSubscription(), {
      message: /^Azure CLI failed: Please run 'az login'.*"az account show".*clientSecret.*\[azure-cli\]$/,
    });
    process.env.PATH = "/nonexistent";
    await assert.rejects(azureLogin(reader({})).defaultSubscription(), { message: /not installed or not on PATH/ });
  });
});
