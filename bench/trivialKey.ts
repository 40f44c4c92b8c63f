import * as pulumi from "@pulumi/pulumi";
import { keyPairProperties, keyProperties, propertiesOf } from "../provider/propertyRoles";
import { trivialPlugin, trivialText } from "./trivialText";

interface TrivialKeyArgs {
  rotationTrigger?: string;
}

/**
 * The least that a dynamic resource can be: registered as the resources of this package are, with the text that they
 * store but for a name in it, and without a network, a key or an account. It stores nothing but its trigger.
 */
export class TrivialUpdatedKey extends pulumi.CustomResource {
  constructor(name: string, { rotationTrigger }: TrivialKeyArgs) {
    const __provider = trivialText("RotatingCognitiveAccountKeyPair");
    super("pulumi-nodejs:dynamic:TrivialUpdatedKey", name, { rotationTrigger, __provider });
  }
}

/** The same, replaced when its trigger changes. */
export class TrivialReplacedKey extends pulumi.CustomResource {
  constructor(name: string, { rotationTrigger }: TrivialKeyArgs) {
    const __provider = trivialText("RotatingCognitiveAccountKey");
    const props = { replacementTrigger: rotationTrigger, __provider };
    super("pulumi-nodejs:dynamic:TrivialReplacedKey", name, props);
  }
}

export interface ShapedKeyArgs {
  resourceGroupName: string;
  accountName: string;
  rotationTrigger?: string;
  minimumOverlap?: string;
}

/** What a class declares beside its arguments. */
function outputsOf(table: typeof keyProperties | typeof keyPairProperties): Record<string, undefined> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, undefined]));
}

/**
 * A trivial resource with as many properties, secrets and bytes as a `RotatingCognitiveAccountKeyPair`: what the engine and
 * the SDK take for a resource of that shape, whatever its provider does. All names are as long as those of the class.
 */
export class ShapedPair extends pulumi.CustomResource {
  constructor(name: string, args: ShapedKeyArgs) {
    const __provider = trivialText("RotatingCognitiveAccountKeyPair", "pulumi-cognitive-key-of-shape");
    super(
      "pulumi-nodejs:dynamic:TrivialAccountKeyPairSameLength",
      name,
      { ...outputsOf(keyPairProperties), ...args, __provider },
      { additionalSecretOutputs: propertiesOf(keyPairProperties, "secret output") },
    );
  }
}

/** The same for a `RotatingCognitiveAccountKey`. */
export class ShapedSingle extends pulumi.CustomResource {
  constructor(name: string, args: ShapedKeyArgs) {
    const __provider = trivialText("RotatingCognitiveAccountKey", "pulumi-cognitive-key-of-shape");
    super(
      "pulumi-nodejs:dynamic:TrivialAccountKeySameLength",
      name,
      { ...outputsOf(keyProperties), ...args, __provider },
      { additionalSecretOutputs: propertiesOf(keyProperties, "secret output") },
    );
  }
}

/** The pair as a resource of a plugin. */
export class ShapedPluginPair extends pulumi.CustomResource {
  constructor(name: string, args: ShapedKeyArgs) {
    super(`${trivialPlugin}:index:TrivialAccountKeyPairSameLength`, name, { ...outputsOf(keyPairProperties), ...args });
  }
}

/** The single key as a resource of a plugin. */
export class ShapedPluginSingle extends pulumi.CustomResource {
  constructor(name: string, args: ShapedKeyArgs) {
    super(`${trivialPlugin}:index:TrivialAccountKeySameLength`, name, { ...outputsOf(keyProperties), ...args });
  }
}
