import assert from "node:assert/strict";
import { cloudFromName, knownCloud } from "../../../provider/azure/clouds";
import { dynamicWay } from "../../support/waysIn";

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
      const cloud = cloudFromName(name, dynamicWay);
      assert.equal(cloud.resourceManager, resourceManager);
      assert.equal(cloud.scope, `${resourceManager}/.default`);
      assert.equal(knownCloud(name), name === "" ? undefined : cloud);
    });
  }

  it("of an unknown name is refused, not taken for the public one", () => {
    assert.throws(() => cloudFromName("mars", dynamicWay), {
      message: /must be one of .*got "mars".*\[environment\]$/,
    });
    assert.equal(knownCloud("mars"), undefined);
  });
});
