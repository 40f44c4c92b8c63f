import assert from "node:assert/strict";
import { chooseMethod } from "../../../provider/login/loginMethods";
import { type LoginSettingName, loginSettings } from "../../../provider/login/loginSettings";
import { settingReader } from "../../../provider/login/settings";
import { dynamicWay } from "../../support/waysIn";

function reader(config: Record<string, string>, environment: Record<string, string> = {}) {
  return settingReader(dynamicWay, (name) => config[name], environment);
}

describe("a setting", () => {
  it("comes from the stack's configuration, then from the environment", () => {
    assert.equal(reader({ tenantId: "c" }, { ARM_TENANT_ID: "e" })("tenantId"), "c");
    assert.equal(reader({}, { ARM_TENANT_ID: "e" })("tenantId"), "e");
    assert.equal(reader({})("tenantId"), "");
  });

  it("that is present in the configuration masks the environment even when it is empty", () => {
    assert.equal(reader({ clientSecret: "" }, { ARM_CLIENT_SECRET: "e" })("clientSecret"), "");
  });

  it("falls back to the second variable when the first is missing or empty", () => {
    const setting = reader({}, { ARM_ENVIRONMENT: "", AZURE_ENVIRONMENT: "china" });
    assert.equal(setting("environment"), "china");
  });
});

describe("a setting with blanks around it", () => {
  const at = (name: LoginSettingName, value: string) => {
    const [variable] = loginSettings[name].variables;
    return reader({}, { [String(variable)]: value })(name);
  };

  it("counts without them, wherever it comes from", () => {
    assert.equal(at("subscriptionId", " value\n"), "value");
    assert.equal(reader({ tenantId: "\tvalue\r\n" })("tenantId"), "value");
  });

  it("loses only the line break behind it when it is a secret", () => {
    for (const key of ["clientSecret", "clientCertificatePassword"] as const) {
      assert.equal(at(key, " a secret \r\n"), " a secret ");
    }
  });

  it("stays as it is when it is a switch: azure-native takes it for off", () => {
    for (const key of ["useDefaultAzureCredential", "useOidc", "useMsi"] as const)
      assert.equal(at(key, "true\n"), "true\n");
    assert.equal(chooseMethod(reader({}, { ARM_USE_OIDC: "true\n", ARM_USE_MSI: "true" })), "managed identity");
  });

  it("stays something that is set when there is nothing else", () => {
    assert.equal(chooseMethod(reader({ clientCertificatePath: " " })), "client certificate");
  });
});
