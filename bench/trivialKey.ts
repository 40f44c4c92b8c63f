import * as pulumi from "@pulumi/pulumi";
import { trivialText } from "./trivialProvider";

export interface TrivialKeyArgs {
  /** Updates when it changes. */
  rotationTrigger?: string;
  /** Replaces when it changes. */
  replacementTrigger?: string;
}

/**
 * The least that a dynamic resource can be: registered as the resources of this package are, with the text that they
 * store but for a name in it, and without a network, a key or an account. It stores nothing but its inputs.
 */
export class TrivialKey extends pulumi.CustomResource {
  constructor(name: string, args: TrivialKeyArgs) {
    const __provider = trivialText("RotatingCognitiveAccountKeyPair");
    super("pulumi-nodejs:dynamic/trivialKey:TrivialKey", name, { ...args, __provider });
  }
}

export interface ShapedKeyArgs {
  resourceGroupName: string;
  accountName: string;
  rotationTrigger?: string;
}

const absent = undefined;
/** What a `RotatingCognitiveAccountKeyPair` declares beside its arguments in this benchmark. */
const shape = {
  ...{ accountId: absent, subscriptionId: absent, initialKeyName: absent, minimumOverlap: absent },
  ...{ waitUntilAccepted: absent, key: absent, keyName: absent, keyFingerprint: absent, previousKey: absent },
  ...{ previousKeyName: absent, rotatedAt: absent, rotationCount: absent, requestId: absent },
  ...{ changedOutsideAt: absent, publishedAt: absent, unfinished: absent },
};

/**
 * A trivial resource with as many properties, secrets and bytes as a `RotatingCognitiveAccountKeyPair`: what the engine and
 * the SDK take for a resource of that shape, whatever its provider does. The name makes up for that of the class.
 */
export class ShapedKey extends pulumi.CustomResource {
  constructor(name: string, args: ShapedKeyArgs) {
    const __provider = trivialText("RotatingCognitiveAccountKeyPair", "pulumi-cognitive-key-of-a-pairs-shape");
    super(
      "pulumi-nodejs:dynamic/shapedKeyOfTheVerySameLength:ShapedKeyOfTheVerySameLength",
      name,
      { ...shape, ...args, __provider },
      { additionalSecretOutputs: ["key", "previousKey"] },
    );
  }
}

/** The same as a resource of a plugin. */
export class ShapedPluginKey extends pulumi.CustomResource {
  constructor(name: string, args: ShapedKeyArgs) {
    super("trivial-key:index:ShapedPluginKeyOfSameLength", name, { ...shape, ...args });
  }
}
