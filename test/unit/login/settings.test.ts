import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { chooseMethod } from "../../../provider/login/loginMethods";
import { type LoginSettingName, loginSettings } from "../../../provider/login/loginSettings";
import { settingReader } from "../../../provider/login/settings";
import { runChild } from "../../../scripts/childProcess";
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

describe("the table of settings", () => {
  const file = join(__dirname, "../../../provider/login/loginSettings.ts");

  it("marks what nobody may see, as azure-native does", () => {
    const secrets = Object.entries(loginSettings).flatMap(([name, setting]) => ("secret" in setting ? [name] : []));
    assert.deepEqual(secrets.sort(), [
      "clientCertificate",
      "clientCertificatePassword",
      "clientId",
      "clientSecret",
      "oidcRequestToken",
      "oidcToken",
    ]);
  });

  it("describes each in one sentence", () => {
    const described = new Map<string, string>();
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && node.name.getText() in loginSettings) {
        const text = ts.getJSDocCommentsAndTags(node).map(({ comment }) => ts.getTextOfJSDocComment(comment));
        described.set(node.name.getText(), text.join());
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true));
    assert.deepEqual([...described.keys()], Object.keys(loginSettings));
    for (const text of described.values()) assert.match(text, /^[A-Z][^.]+\.$/);
  });

  it("has nothing that the login does not read", () => {
    const folder = dirname(file);
    const others = readdirSync(folder).filter((name) => !file.endsWith(name));
    const source = others.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
    for (const name of Object.keys(loginSettings))
      assert.match(source, new RegExp(`(?:setting|required)\\("${name}"\\)`));
  });
});

describe("the settings of dynamic resources", () => {
  it("are azure-native's in the stack's configuration, then the variables", async () => {
    const entry = join(__dirname, "../../../components/dynamicProvider");
    const settings = { "azure-native:clientSecret": "s", "azure-native:environment": "mars" };
    const program = `
      const { key } = require(${JSON.stringify(entry)});
      const settings = ${JSON.stringify(settings)};
      key.configure({ config: { get: (name) => settings[name] } });
      key.create({ subscriptionId: "${"1".repeat(8)}-1111-4111-8111-${"1".repeat(12)}", resourceGroupName: "rg", accountName: "ai" })
        .catch(({ message }) => process.stdout.write(message, () => process.exit()));`;
    const args = ["--require", require.resolve("tsx/cjs"), "--eval", program];
    // Without those of the shell, in which the emulator may run.
    const others = Object.entries(process.env).filter(([variable]) => !variable.startsWith("ARM_"));
    const env = { ...Object.fromEntries(others), ARM_ENVIRONMENT: "public" };
    const { stdout } = await runChild(process.execPath, args, { env });
    assert.match(stdout, /Setting wrong: azure-native:environment must be one of .*, got "mars"\./);
  });
});
