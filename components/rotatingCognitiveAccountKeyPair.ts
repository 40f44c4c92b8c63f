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
import { refuseTransformedOptions } from "./resourceOptions";
import { warnOfAge } from "./warnOfAge";

/** Which account, when to rotate, and how long consumers have between two rotations. */
export interface RotatingCognitiveAccountKeyPairArgs extends AccountArgs, AcceptanceArgs, AgeArgs {
  /**
   * Rotates when it changes to another value: any JSON value, compared deeply and without regard to the order of
   * properties. Removing it, `null`, or putting the last value back does nothing, and neither does the value that the pair
   * is created with: it adopts both keys as they are. A value that is not known in the preview is shown as a change. Give a
   * date as text.
   *
   * @dynamic Anything but JSON, such as a `Date` or NaN, is refused.
   * @example "2026-11"
   */
  rotationTrigger?: pulumi.Input<Json>;
  /**
   * The slot of the key that consumers use today. Read only when the pair is created; changing it does nothing.
   *
   * @default "Key1"
   */
  initialKeyName?: pulumi.Input<CognitiveAccountKeyName>;
  /**
   * How long a rotation is refused after the last one, in the preview and in `pulumi up`: an ISO 8601 duration up to ten
   * years. A rotation ends the key before the present one, and consumers hold that until they deploy; also, a `pulumi up`
   * that failed in another resource may have rotated without publishing. It counts from the creation of a pair that has a
   * trigger then, too: it may be one made anew, which publishes `initialKeyName` while consumers hold the other key.
   *
   * Before a rotation the keys are read once. If the key that it would end is not the one in state, somebody else has
   * issued it, and the rotation is refused.
   *
   * `"PT0S"` says that nobody holds that key. It turns both off: a rotation is one write then. Changing it does nothing else.
   *
   * @default "PT1H"
   */
  minimumOverlap?: pulumi.Input<string>;
}

/**
 * Both access keys of an Azure Cognitive Services (Azure AI) account, rotated without an outage by changing
 * `rotationTrigger`: a rotation issues a new key in the slot that is not in use, so the key that consumers hold stays
 * valid until the rotation after that.
 *
 * Declare one pair for an account across all stacks, and no `RotatingCognitiveAccountKey` beside it: two resources end
 * each other's keys.
 *
 * Source: [Accounts - Regenerate Key](https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/regenerate-key),
 * api-version 2023-05-01. Needs `Microsoft.CognitiveServices/accounts/listKeys/action` to adopt and to refresh, and
 * `…/regenerateKey/action` to rotate.
 */
export class RotatingCognitiveAccountKeyPair extends pulumi.CustomResource {
  /** The value at the last creation or update. Absent where group and name were given. */
  declare readonly accountId: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent where `accountId` was given. */
  declare readonly resourceGroupName: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent where `accountId` was given. */
  declare readonly accountName: pulumi.Output<string | undefined>;
  /** The subscription the account was found in: a GUID. */
  declare readonly subscriptionId: pulumi.Output<string>;
  /** The last trigger that was acted on. */
  declare readonly rotationTrigger: pulumi.Output<unknown>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly initialKeyName: pulumi.Output<CognitiveAccountKeyName | undefined>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly minimumOverlap: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly waitUntilAccepted: pulumi.Output<pulumi.Unwrap<WaitUntilAcceptedArgs> | undefined>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly maxAge: pulumi.Output<string | undefined>;
  /** The key to use: a secret. The next rotation keeps it valid, as `previousKey`; the one after that ends it. */
  declare readonly key: pulumi.Output<string>;
  /** The slot of `key`. */
  declare readonly keyName: pulumi.Output<CognitiveAccountKeyName>;
  /** The first 12 hex digits of the key's SHA-256. Not secret; changes when the key does, so it can trigger restarts. */
  declare readonly keyFingerprint: pulumi.Output<string>;
  /** The key that was in use before `key`: a secret. Valid until the next rotation. */
  declare readonly previousKey: pulumi.Output<string>;
  /** The slot of `previousKey`, and of the next new key. */
  declare readonly previousKeyName: pulumi.Output<CognitiveAccountKeyName>;
  /**
   * When this resource issued `key`: ISO 8601. Absent until the first rotation and after a change outside, and then a
   * stack output made of it does not exist: read it with `getOutput`, as `requireOutput` fails.
   */
  declare readonly rotatedAt: pulumi.Output<string | undefined>;
  /** How often this resource has rotated: 0 when it is created. */
  declare readonly rotationCount: pulumi.Output<number>;
  /** `x-ms-request-id` of the last rotation: finds it in the Activity Log. Absent until the first one. */
  declare readonly requestId: pulumi.Output<string | undefined>;
  /** When a refresh found a key that somebody else had issued: ISO 8601, until the next `pulumi up`. Absent otherwise. */
  declare readonly changedOutsideAt: pulumi.Output<string | undefined>;
  /**
   * When `key` became the one to use, where that was not at `rotatedAt`: when the pair was created with a trigger, after a
   * change outside, or after waiting until a new key was accepted. ISO 8601; `minimumOverlap` counts from here too.
   */
  declare readonly publishedAt: pulumi.Output<string | undefined>;
  /**
   * When a rotation ended without anybody knowing whether it changed the slot of `previousKey`: ISO 8601. Within a
   * day the next rotation renews the slot without asking whose key is in it. A later `up` or refresh clears it.
   */
  declare readonly rotationInDoubt: pulumi.Output<string | undefined>;
  /**
   * Present after a rotation whose new key is not confirmed, or was not accepted in time, until a `pulumi up` finishes it.
   * Until then `key` is the one before, which stays valid, and `previousKey` is the new one.
   */
  declare readonly unfinished: pulumi.Output<
    | {
        /** When the new key was issued: ISO 8601. */
        rotatedAt?: string;
        /** `x-ms-request-id` of its rotation. */
        requestId?: string;
        /** Fingerprints of the values before a key that is not confirmed: a reading that lags may still give them. */
        superseded?: string[];
        /** Whether an earlier request of the rotation may still end the new key. */
        unconfirmed?: boolean;
      }
    | undefined
  >;

  /**
   * @param name The unique name of the resource in the stack.
   * @param args Which account, and the trigger.
   * @param opts Pulumi's options. As `provider` only one of the package "pulumi-nodejs" is taken; `id`, `import`, `version`
   * and `pluginDownloadURL` are refused.
   */
  constructor(name: string, args: RotatingCognitiveAccountKeyPairArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration("RotatingCognitiveAccountKeyPair", name, args, opts));
    registered("RotatingCognitiveAccountKeyPair", this);
    warnOfAge(this, args);
  }
}

keyPairProperties satisfies PropertiesOf<RotatingCognitiveAccountKeyPair, RotatingCognitiveAccountKeyPairArgs>;

refuseTransformedOptions("RotatingCognitiveAccountKeyPair", RotatingCognitiveAccountKeyPair.prototype);
