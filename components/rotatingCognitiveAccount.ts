import * as cognitiveservices from "@pulumi/azure-native/cognitiveservices";
import * as pulumi from "@pulumi/pulumi";
import { localAuthNeeded } from "../provider/words";
import type { CognitiveAccountKeyName } from "./accountArgs";
import { jsonTrigger } from "./jsonTrigger";
import type { RotatingCognitiveAccountKeyPairArgs } from "./rotatingCognitiveAccountKeyPair";
import { RotatingCognitiveAccountKeyPair } from "./rotatingCognitiveAccountKeyPair";

type AccountArgs = cognitiveservices.AccountArgs;

/** The account to create, and when to rotate its keys. azure-native decides what the account's own arguments change. */
export interface RotatingCognitiveAccountArgs
  extends Pick<RotatingCognitiveAccountKeyPairArgs, "rotationTrigger" | "minimumOverlap" | "maxAge"> {
  /** An existing resource group. Another group replaces the account and both keys. */
  resourceGroupName: pulumi.Input<string>;
  /**
   * The name of the account, 2 to 64 characters. Another name replaces the account and both keys.
   *
   * @default the name of this resource and a random suffix, which stays the same as long as the account exists
   */
  accountName?: AccountArgs["accountName"];
  /**
   * The kind of account. Changing it never rotates a key.
   *
   * @example "OpenAI"
   */
  kind: NonNullable<AccountArgs["kind"]>;
  /**
   * The pricing tier. Changing it updates the account and never rotates a key.
   *
   * @example { name: "S0" }
   */
  sku: NonNullable<AccountArgs["sku"]>;
  /**
   * The region. Another region replaces the account and both keys.
   *
   * @default `azure-native:location` in the stack's configuration, or else the region of the resource group
   */
  location?: AccountArgs["location"];
  /**
   * The managed identity of the account. Changing it updates the account and never rotates a key.
   *
   * @default none
   */
  identity?: AccountArgs["identity"];
  /**
   * The tags of the account. Changing them updates the account and never rotates a key.
   *
   * @default none
   */
  tags?: AccountArgs["tags"];
  /**
   * All other properties of azure-native's `cognitiveservices.Account`. Changing them updates the account and never
   * rotates a key. `disableLocalAuth` is always written as `false`. If somebody has switched keys off, a refresh and a
   * deployment switch them on again. `true` is refused, because such an account has no keys. If `true` is
   * inside an Output, only the preview or the deployment can refuse it.
   *
   * @example { customSubDomainName: "my-account", publicNetworkAccess: "Disabled" }
   */
  properties?: AccountArgs["properties"];
}

/**
 * An Azure Cognitive Services (Azure AI) account, azure-native's `cognitiveservices.Account`, together with a
 * {@link RotatingCognitiveAccountKeyPair} of its two keys. The first deployment creates the account and adopts its
 * keys. Changing `rotationTrigger` issues a new key in the slot that is not in use, and does not touch the account.
 *
 * An explicit azure-native provider, in `providers` or `provider`, creates the account but does not reach the keys.
 * Their login and cloud come from the stack's configuration (`azure-native:*`) or from the `ARM_*` variables. A warning
 * says so. The keys are always looked for in the account's own subscription.
 *
 * Import it from `pulumi-cognitive-key-rotation/account`. It needs `@pulumi/azure-native`.
 */
export class RotatingCognitiveAccount extends pulumi.ComponentResource {
  /** The account itself, for everything that is not an output here. */
  readonly account: cognitiveservices.Account;
  /** The URL of the account, with a slash at its end. */
  readonly endpoint: pulumi.Output<string>;
  /** The key to use: a secret. The next rotation keeps it valid as `previousKey`. The rotation after that ends it. */
  readonly key: pulumi.Output<string>;
  /** The slot of `key`. */
  readonly keyName: pulumi.Output<CognitiveAccountKeyName>;
  /**
   * The first 12 hex digits of the key's SHA-256. Not secret. It changes when the key does: use it to trigger restarts.
   */
  readonly keyFingerprint: pulumi.Output<string>;
  /** The key that was in use before `key`: a secret. Valid until the next rotation. */
  readonly previousKey: pulumi.Output<string>;
  /** The slot of `previousKey`. The next rotation issues its new key there. */
  readonly previousKeyName: pulumi.Output<CognitiveAccountKeyName>;
  /**
   * When this resource issued `key`: ISO 8601. Absent before the first rotation, and after `key` was changed outside
   * Pulumi. A stack output made of it does not exist then: read it with `getOutput`, because `requireOutput` fails.
   */
  readonly rotatedAt: pulumi.Output<string | undefined>;
  /** The number of rotations by this resource: 0 after its creation. */
  readonly rotationCount: pulumi.Output<number>;
  /**
   * The `x-ms-request-id` of the last rotation, for the Activity Log. Absent before the first one, after `key` was changed
   * outside Pulumi, and if Azure's answer was lost.
   */
  readonly requestId: pulumi.Output<string | undefined>;

  /**
   * @param name The unique name of the resource in the stack. The account has the same name, the key pair
   * `<name>-keys`.
   * @param args The account, and the trigger.
   * @param opts Pulumi's options for components.
   */
  constructor(name: string, args: RotatingCognitiveAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    const { rotationTrigger: trigger, minimumOverlap, maxAge, properties, ...accountArgs } = args;
    if (turnsLocalAuthOff(properties)) throw new pulumi.RunError(localAuthNeeded(name));
    // The pair refuses it too, but then the account is registered.
    const rotationTrigger = jsonTrigger(`RotatingCognitiveAccount "${name}"`, trigger);
    // Nothing is passed on as the component's own inputs: a changed trigger would show as a change of the component too.
    super("pulumi-cognitive-key-rotation:index:RotatingCognitiveAccount", name, {}, opts);
    this.account = new cognitiveservices.Account(
      name,
      { ...accountArgs, properties: withLocalAuth(this, name, properties) },
      { parent: this },
    );
    const keys = new RotatingCognitiveAccountKeyPair(
      `${name}-keys`,
      { accountId: this.account.id, rotationTrigger, minimumOverlap, maxAge },
      { parent: this },
    );
    this.endpoint = this.account.properties.endpoint;
    this.key = keys.key;
    this.keyName = keys.keyName;
    this.keyFingerprint = keys.keyFingerprint;
    this.previousKey = keys.previousKey;
    this.previousKeyName = keys.previousKeyName;
    this.rotatedAt = keys.rotatedAt;
    this.rotationCount = keys.rotationCount;
    this.requestId = keys.requestId;
    this.registerOutputs({
      account: this.account,
      endpoint: this.endpoint,
      key: this.key,
      keyName: this.keyName,
      keyFingerprint: this.keyFingerprint,
      previousKey: this.previousKey,
      previousKeyName: this.previousKeyName,
      rotatedAt: this.rotatedAt,
      rotationCount: this.rotationCount,
      requestId: this.requestId,
    });
  }
}

/** The account's properties, with local authentication on. */
function withLocalAuth(
  component: RotatingCognitiveAccount,
  name: string,
  properties: AccountArgs["properties"],
): AccountArgs["properties"] {
  return pulumi.output(properties).apply((given) => {
    // Not thrown: what depends on an Output that fails stays pending, and an inline program would wait for it for ever.
    if (turnsLocalAuthOff(given)) void pulumi.log.error(localAuthNeeded(name), component);
    return { ...given, disableLocalAuth: false };
  });
}

/** Whether the properties say so plainly, not in an Output. */
function turnsLocalAuthOff(properties: AccountArgs["properties"]): boolean {
  return (properties as { disableLocalAuth?: unknown } | undefined)?.disableLocalAuth === true;
}
