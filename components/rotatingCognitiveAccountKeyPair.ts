import * as pulumi from "@pulumi/pulumi";
import { keyPairProperties } from "../provider/propertyRoles";
import type {
  AcceptanceArgs,
  AccountArgs,
  AgeArgs,
  CognitiveAccountKeyName,
  Json,
  WaitUntilAcceptedArgs,
} from "./accountArgs";
import { type PropertiesOf, registered, registration } from "./dynamicResource";
import { withoutPromiseTraces } from "./promiseTraces";
import { refuseTransformedOptions } from "./resourceOptions";
import { warnOfAge } from "./warnOfAge";

/** The account, when to rotate, and how much time consumers have between two rotations. */
export interface RotatingCognitiveAccountKeyPairArgs extends AccountArgs, AcceptanceArgs, AgeArgs {
  /**
   * Rotates when it changes to another value. It is any JSON value, compared deeply; the order of properties does not
   * count. Give a date as text. Removing it, `null`, or putting the last value back does nothing. The value that a pair
   * is created with does not rotate either: the pair adopts both keys. If a preview does not know the value yet, it
   * shows a change.
   *
   * @dynamic Anything but JSON, such as a `Date` or NaN, is refused.
   * @example "2026-11"
   */
  rotationTrigger?: pulumi.Input<Json>;
  /**
   * The slot of the key that consumers use today. It counts only when the pair is created. Changing it does nothing.
   *
   * @default "Key1"
   */
  initialKeyName?: pulumi.Input<CognitiveAccountKeyName>;
  /**
   * The time that must pass between two rotations, so that consumers can deploy: an ISO 8601 duration up to ten years.
   * A rotation ends the old key, `previousKey`. Consumers may hold it until they deploy. The preview and
   * `pulumi up` refuse a rotation that comes sooner. The time also counts from the creation of a pair with a trigger,
   * and from a `pulumi up` that published a key later than it was issued.
   *
   * A rotation also reads the keys once. If the key that it would end is not the one in state, it is refused: somebody
   * else has issued that key and may use it.
   *
   * `"PT0S"` says that nobody holds that key, and turns both checks off. Changing it does nothing else.
   *
   * @default "PT1H"
   */
  minimumOverlap?: pulumi.Input<string>;
}

/**
 * Both access keys of an Azure Cognitive Services (Azure AI) account, rotated without an outage by changing
 * `rotationTrigger`. A rotation issues a new key in the slot that is not in use. The key that consumers hold stays
 * valid until the rotation after that.
 *
 * Declare only one pair for an account across all stacks, and no `RotatingCognitiveAccountKey` beside it. Two resources
 * would end each other's keys.
 *
 * Source:
 * [Accounts - Regenerate Key](https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/regenerate-key),
 * api-version 2023-05-01. Needs `Microsoft.CognitiveServices/accounts/listKeys/action` to adopt and to refresh, and
 * `…/regenerateKey/action` to rotate.
 */
export class RotatingCognitiveAccountKeyPair extends pulumi.CustomResource {
  /** The value at the last creation or update. Absent if group and name were given. */
  declare readonly accountId: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent if `accountId` was given. */
  declare readonly resourceGroupName: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent if `accountId` was given. */
  declare readonly accountName: pulumi.Output<string | undefined>;
  /** The account's subscription: a GUID. */
  declare readonly subscriptionId: pulumi.Output<string>;
  /** The trigger of the last rotation or creation. */
  declare readonly rotationTrigger: pulumi.Output<unknown>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly initialKeyName: pulumi.Output<CognitiveAccountKeyName | undefined>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly minimumOverlap: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly waitUntilAccepted: pulumi.Output<pulumi.Unwrap<WaitUntilAcceptedArgs> | undefined>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly maxAge: pulumi.Output<string | undefined>;
  /** The key to use: a secret. The next rotation keeps it valid as `previousKey`. The rotation after that ends it. */
  declare readonly key: pulumi.Output<string>;
  /** The slot of `key`. */
  declare readonly keyName: pulumi.Output<CognitiveAccountKeyName>;
  /**
   * The first 12 hex digits of the key's SHA-256. Not secret. It changes when the key does: use it to trigger restarts.
   */
  declare readonly keyFingerprint: pulumi.Output<string>;
  /** The key that was in use before `key`: a secret. Valid until the next rotation. */
  declare readonly previousKey: pulumi.Output<string>;
  /** The slot of `previousKey`. The next rotation issues its new key there. */
  declare readonly previousKeyName: pulumi.Output<CognitiveAccountKeyName>;
  /**
   * When this resource issued `key`: ISO 8601. Absent before the first rotation, and after `key` was changed outside
   * Pulumi. A stack output made of it does not exist then: read it with `getOutput`, because `requireOutput` fails.
   */
  declare readonly rotatedAt: pulumi.Output<string | undefined>;
  /** The number of rotations by this resource: 0 after its creation. */
  declare readonly rotationCount: pulumi.Output<number>;
  /**
   * The `x-ms-request-id` of the last rotation, for the Activity Log. Absent before the first one, after `key` was changed
   * outside Pulumi, and if Azure's answer was lost.
   */
  declare readonly requestId: pulumi.Output<string | undefined>;
  /**
   * When a refresh found a key that was changed outside Pulumi: ISO 8601. Absent otherwise. The next `pulumi up` clears
   * it.
   */
  declare readonly changedOutsideAt: pulumi.Output<string | undefined>;
  /**
   * When `key` was published, if that was not at `rotatedAt`: ISO 8601. Present for a pair that was created with a
   * trigger, after a change outside Pulumi, and after a wait until a key was accepted. `minimumOverlap` counts from
   * here too.
   */
  declare readonly publishedAt: pulumi.Output<string | undefined>;
  /**
   * When a rotation ended and nobody knew whether it changed the slot of `previousKey`: ISO 8601. Within a day the next
   * rotation renews that slot, whatever key is in it. A later `up` or refresh clears it.
   */
  declare readonly rotationInDoubt: pulumi.Output<string | undefined>;
  /**
   * Present while a rotation is unfinished: its new key is not confirmed, or was not accepted in time. The next
   * `pulumi up` finishes it. Until then `key` is the old key, which stays valid, and `previousKey` is the new one.
   */
  declare readonly unfinished: pulumi.Output<
    | {
        /** When the new key was issued: ISO 8601. */
        rotatedAt?: string;
        /** The `x-ms-request-id` of its rotation. */
        requestId?: string;
        /** Fingerprints of the old values of a key that is not confirmed. Azure may still give them for a while. */
        superseded?: string[];
        /** Whether an earlier request of the rotation may still end the new key. */
        unconfirmed?: boolean;
      }
    | undefined
  >;

  /**
   * @param name The unique name of the resource in the stack.
   * @param args The account, and the trigger.
   * @param opts Pulumi's options. `provider` must be of the package "pulumi-nodejs". `id`, `import`, `version` and
   * `pluginDownloadURL` are refused.
   */
  constructor(name: string, args: RotatingCognitiveAccountKeyPairArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration("RotatingCognitiveAccountKeyPair", name, args, opts));
    registered("RotatingCognitiveAccountKeyPair", this);
    warnOfAge(this, args);
  }
}

keyPairProperties satisfies PropertiesOf<RotatingCognitiveAccountKeyPair, RotatingCognitiveAccountKeyPairArgs>;

refuseTransformedOptions("RotatingCognitiveAccountKeyPair", RotatingCognitiveAccountKeyPair.prototype);
withoutPromiseTraces(RotatingCognitiveAccountKeyPair.prototype);
