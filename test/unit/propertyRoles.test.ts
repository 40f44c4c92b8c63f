import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import type { PropertiesOf } from "../../components/dynamicResource";
import { keyPairProperties, keyProperties, propertiesOf } from "../../provider/propertyRoles";

interface Declared extends pulumi.CustomResource {
  readonly key: pulumi.Output<string>;
  readonly trigger: pulumi.Output<string>;
}
interface Args {
  trigger?: pulumi.Input<string>;
}
type Listed = PropertiesOf<Declared, Args>;

// What the compiler takes, and what it refuses: it fails where one of the latter is taken.
({ key: "secret output", trigger: "input" }) satisfies Listed;
// @ts-expect-error a property that is declared and not listed
({ trigger: "input" }) satisfies Listed;
// @ts-expect-error one that is listed and not declared
({ key: "secret output", trigger: "input", other: "output" }) satisfies Listed;
// @ts-expect-error an argument that is listed as an output
({ key: "secret output", trigger: "output" }) satisfies Listed;
// @ts-expect-error an output that is listed as an input
({ key: "input", trigger: "input" }) satisfies Listed;

describe("the table of a class's properties", () => {
  it("names what is secret, and what the program gives", () => {
    assert.deepEqual(propertiesOf(keyProperties, "secret output"), ["key"]);
    assert.deepEqual(propertiesOf(keyPairProperties, "secret output"), ["key", "previousKey"]);
    assert.deepEqual(propertiesOf({ a: "input", b: "output", c: "secret output", d: "input" }, "input", "output"), [
      "a",
      "b",
      "d",
    ]);
  });
});
