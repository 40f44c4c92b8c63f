import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type AzureLogin, azureLogin } from "../../../provider/login/azureLogin";
import { settingReader } from "../../../provider/login/settings";
import { type Code, codeOf, type WayIn } from "../../../provider/words";
import { assertNamesItsOwn, dynamicWay, nameOf, pluginWays, waysIn } from "../../support/waysIn";

const subscription = "11111111-1111-4111-8111-111111111111";
const tenant = "abcdef00-3333-4333-8333-333333333333";

function reader(config: Record<string, string>, environment: Record<string, string> = {}, wayIn: WayIn = dynamicWay) {
  return settingReader(wayIn, (name) => config[name], environment);
}

describe("a setting that may be a secret in the wrong place", () => {
  const secret = "abc8Q~hunter2-hunter2-hunter2_hunter2";
  const login = { clientSecret: "s", subscriptionId: subscription };
  const settings: [key: string, refused: (login: AzureLogin) => Promise<unknown>][] = [
    ["subscriptionId", (one) => one.defaultSubscription()],
    ["environment", (one) => one.cloud()],
    ["metadataHost", (one) => one.cloud()],
    ["auxiliaryTenantIds", (one) => one.credential()],
    ["clientId", (one) => one.credential()],
  ];
  for (const [key, refused] of settings) {
    it(`is refused without it: ${key}`, async () => {
      const config = { ...login, tenantId: tenant, [key]: secret };
      await assert.rejects(refused(azureLogin(reader(config))), (error: Error) => {
        assert.match(error.message, new RegExp(`^Setting wrong: azure-native:${key} .*must be`));
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }
});

/** One row for each way in to be refused: with which code, by which settings, and asked for what. */
type Refusal = [code: Code, config: Record<string, string>, ask: (login: AzureLogin) => Promise<unknown>];

async function refusalOf(setting: ReturnType<typeof reader>, ask: Refusal[2]): Promise<string> {
  return ask(azureLogin(setting)).then(
    () => assert.fail("nobody has refused it"),
    (error: Error) => error.message,
  );
}

/** Says each refusal as each way in does. */
function areNamedByEachWay(refusals: Refusal[]): void {
  for (const [code, config, ask] of refusals) {
    for (const wayIn of waysIn) {
      it(`in the names of ${nameOf(wayIn)}: ${code}`, async () => {
        const message = await refusalOf(reader(config, {}, wayIn), ask);
        assert.equal(codeOf(message), code, message);
        assertNamesItsOwn(wayIn, message);
      });
    }
  }
}

describe("a refusal of settings", () => {
  const principal = { clientSecret: "s", subscriptionId: subscription, tenantId: tenant, clientId: "c" };
  const credential = (login: AzureLogin) => login.credential();
  const cloud = (login: AzureLogin) => login.cloud();
  areNamedByEachWay([
    ["missing-setting", { ...principal, tenantId: "" }, credential],
    ["missing-setting", { useMsi: "true" }, (login) => login.defaultSubscription()],
    ["subscription-id", { ...principal, subscriptionId: "a name" }, (login) => login.defaultSubscription()],
    ["client-id", { ...principal, clientId: "a~b" }, credential],
    ["environment", { ...principal, environment: "mars" }, cloud],
    ["metadata-host", { ...principal, metadataHost: "a b" }, cloud],
    ["cloud-metadata", { ...principal, metadataHost: "http://localhost" }, cloud],
    ["auxiliary-tenants", { ...principal, auxiliaryTenantIds: "a" }, credential],
    ["oidc-token", { ...principal, clientSecret: "", useOidc: "true" }, credential],
    ["client-certificate", { ...principal, clientCertificatePath: "/nonexistent" }, credential],
  ]);

  for (const wayIn of waysIn) {
    it(`says what ${nameOf(wayIn)} does not read where none of its own settings is set, and only there`, async () => {
      const environment = { ARM_CLIENT_SECRET: "s", ARM_SUBSCRIPTION_ID: subscription };
      const notRead = /\. (?:The plugin|An explicit provider) does not read .*:\*\. /;
      const lacking: Record<string, string>[] = [
        environment,
        { ...environment, ARM_CLIENT_CERTIFICATE_PATH: "/nonexistent", ARM_TENANT_ID: tenant, ARM_CLIENT_ID: "c" },
        { ...environment, ARM_CLIENT_SECRET: "", ARM_USE_OIDC: "true", ARM_TENANT_ID: tenant, ARM_CLIENT_ID: "c" },
      ];
      const codes = ["missing-setting", "client-certificate", "oidc-token"];
      for (const [index, variables] of lacking.entries()) {
        const message = await refusalOf(reader({}, variables, wayIn), credential);
        assert.equal(codeOf(message), codes[index]);
        assert.equal(notRead.test(`${message} `.replace(/ \[[a-z-]+\]/, "")), wayIn !== dynamicWay, message);
        const configured = await refusalOf(reader({ environment: "public" }, variables, wayIn), credential);
        assert.doesNotMatch(configured, /does not read/);
      }
    });
  }

  it("says which settings are stored, and where an explicit provider has them", async () => {
    const wrong = { ...principal, clientCertificatePath: "/nonexistent" };
    const [byDefault, explicit] = await Promise.all(
      pluginWays.map((wayIn) => refusalOf(reader(wrong, {}, wayIn), credential)),
    );
    assert.match(
      byDefault,
      /Check cognitive-key-rotation:\* in the stack's configuration, .* use the settings of the last /,
    );
    assert.match(explicit, /Check the arguments of provider "usgov", or .* use the arguments of the last /);
  });
});

describe("the default subscription", () => {
  it("is no text that is no GUID, but the one that the Azure CLI knows by that name", async () => {
    const setting = reader({ clientSecret: "s" }, { ARM_SUBSCRIPTION_ID: `${subscription}\nx` });
    await assert.rejects(azureLogin(setting).defaultSubscription(), {
      message: /azure-native:subscriptionId \(or ARM_SUBSCRIPTION_ID\).*\[subscription-id\]$/,
    });
  });

  it("is the configured one; only the Azure CLI knows one of its own", async () => {
    for (const method of ["useDefaultAzureCredential", "useOidc", "useMsi", "clientSecret", "clientCertificatePath"]) {
      const config = { [method]: "true" };
      const configured = { ...config, subscriptionId: subscription };
      assert.equal(await azureLogin(reader(configured)).defaultSubscription(), subscription);
      await assert.rejects(azureLogin(reader(config)).defaultSubscription(), {
        message: /azure-native:subscriptionId \(or ARM_SUBSCRIPTION_ID\).*\[missing-setting\]$/,
      });
    }
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
    const login = azureLogin(reader({ environment: "public" }));
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
    const config = { subscriptionId: subscription, tenantId: tenant.toUpperCase() };
    await (await azureLogin(reader(config)).credential()).getToken("https://management.azure.com/.default");
    const calls = readFileSync(join(folder, "calls"), "utf8");
    const [, asked] = /^account get-access-token (.*)$/m.exec(calls) ?? [];
    assert.match(asked, new RegExp(`--subscription "?${subscription}`));
    assert.doesNotMatch(asked, /--tenant/);

    const other = { ...config, tenantId: "44444444-4444-4444-8444-444444444444" };
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
        /^Not logged in: .*\(no answer within 0\.3 s\)\..* Run "az account show" .*\[azure-cli\]$/,
      ],
      [
        "cloud show",
        (login) => login.cloud(),
        /^Azure CLI failed: no answer within 0\.3 s\..* Set azure-native:metadataHost .*\[azure-cli-cloud\]$/,
      ],
      [
        "account get-access-token",
        async (login) => (await login.credential()).getToken("https://management.azure.com/.default"),
        /^Login failed: no answer within 0\.3 s\. The login was tried with Azure CLI\. .*\[login-failed\]$/,
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
      message: /^Not logged in: .*\(its answer has no subscription\)\. .*\[azure-cli\]$/,
    });
    await assert.rejects(printing('{"id":5,"environmentName":{}}').cloud(), {
      message: /\(its answer has no subscription\)/,
    });
    await assert.rejects(printing("synthetic").cloud(), {
      message: /^Not logged in: .*\(the answer is not JSON\)\. .*\[azure-cli\]$/,
    });
    const endpoints = { resourceManager: "arm.example", activeDirectory: "a", activeDirectoryResourceId: "b" };
    const both = JSON.stringify({ id: subscription, environmentName: "Private", endpoints });
    await assert.rejects(printing(both).cloud(), {
      message: /^Azure CLI failed: its resourceManager is not an https URL\. .*"az cloud show".*\[azure-cli-cloud\]$/,
    });
  });

  describe("that is refused", () => {
    beforeEach(() => az("AzureCloud"));
    const otherTenant = "44444444-4444-4444-8444-444444444444";
    areNamedByEachWay([
      ["two-clouds", { environment: "china" }, (login) => login.cloud()],
      ["two-tenants", { subscriptionId: subscription, tenantId: otherTenant }, (login) => login.credential()],
    ]);
  });

  describe("that nobody has made", () => {
    beforeEach(() => az("AzureCloud", 1));
    areNamedByEachWay([
      ["azure-cli", {}, (login) => login.defaultSubscription()],
      ["azure-cli", { subscriptionId: "a name" }, (login) => login.defaultSubscription()],
    ]);

    it("is no wonder where all settings are azure-native's, which is said", async () => {
      const said = await Promise.all(
        waysIn.map((wayIn) => refusalOf(reader({}, {}, wayIn), (login) => login.defaultSubscription())),
      );
      assert.deepEqual(
        said.map((message) => /(?:The plugin|An explicit provider) does not read .*(?= \[)/.exec(message)?.[0]),
        [
          undefined,
          "The plugin does not read azure-native:*.",
          "An explicit provider does not read azure-native:* or cognitive-key-rotation:*.",
        ],
      );
    });
  });

  describe("to a cloud without endpoints", () => {
    beforeEach(() => {
      az("Private");
      const script = readFileSync(join(folder, "az"), "utf8");
      writeFileSync(join(folder, "az"), script.replace(/"cloud show"\) echo '.*'/, `"cloud show") echo '{}'`));
    });
    areNamedByEachWay([["azure-cli-cloud", {}, (login) => login.cloud()]]);
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
      message: /^Not logged in: .*\(Please run 'az login'.*clientSecret.*\[azure-cli\]$/,
    });
    process.env.PATH = "/nonexistent";
    await assert.rejects(azureLogin(reader({})).defaultSubscription(), {
      message: /\(it is not installed, or not on PATH\)/,
    });
  });
});
