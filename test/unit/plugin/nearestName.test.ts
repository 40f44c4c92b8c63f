import assert from "node:assert/strict";
import { nearestName } from "../../../plugin/nearestName";
import { loginSettings } from "../../../provider/login/loginSettings";

const names = Object.keys(loginSettings);

describe("the nearest name", () => {
  for (const [name, meant] of [
    ["clientID", "clientId"],
    ["client_id", "clientId"],
    ["tenant", "tenantId"],
    ["subscription-id", "subscriptionId"],
    ["metadataHostname", "metadataHost"],
    ["clientSecrets", "clientSecret"],
    ["clinetSecret", "clientSecret"],
    ["ARM_TENANT_ID", "tenantId"],
  ]) {
    it(`of ${name} is ${meant}`, () => assert.equal(nearestName(name, names), meant));
  }

  for (const name of ["location", "secret", "x", "", "_"]) {
    it(`of "${name}" is none: too many letters differ`, () => assert.equal(nearestName(name, names), undefined));
  }

  it("of no names is none", () => assert.equal(nearestName("clientId", []), undefined));
});
