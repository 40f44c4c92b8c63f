import * as pulumi from "@pulumi/pulumi";
import { keyProperties } from "../provider/propertyRoles";
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

/** Which account, which of its keys, and when to rotate. */
export interface RotatingCognitiveAccountKeyArgs extends AccountArgs, AcceptanceArgs, AgeArgs {
  /**
   * Which of the two keys this resource stands for. Another one: replaces.
   *
   * @default "Key1"
   */
  keyName?: pulumi.Input<CognitiveAccountKeyName>;
  /**
   * Rotates the key when it changes to another value: any JSON value, compared deeply and without regard to the order of
   * properties. Removing it, `null`, or putting the last value back does nothing. A resource that is *added with* a trigger
   * rotates at once; one without adopts the present key. A value that is not known in the preview is shown as a rotation.
   * Give a date as text.
   *
   * @dynamic Anything but JSON, such as a `Date` or NaN, is refused.
   * @example "2026-11"
   */
  rotationTrigger?: pulumi.Input<Json>;
  /**
   * Whether deleting the resource issues one more key, so that the published one dies. It happens only to a key that
   * this resource issued, that is still the live one, and whose slot no other resource of the deployment uses; what `--target` or `--exclude` leaves out does not count. It does not happen either when the key is deleted
   * to be created again, because something that its inputs come from is replaced delete-first. Changing it rotates nothing.
   *
   * @default false
   */
  revokeOnDelete?: pulumi.Input<boolean>;
}

/**
 * One access key of an Azure Cognitive Services (Azure AI) account, rotated by changing `rotationTrigger`.
 *
 * Rotating one key ends the value that consumers hold: they are refused until their own next `pulumi up`.
 *
 * Source: [Accounts - Regenerate Key](https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/regenerate-key),
 * api-version 2023-05-01. Needs `Microsoft.CognitiveServices/accounts/regenerateKey/action` to rotate and
 * `…/listKeys/action` to adopt, to refresh and to clear up a doubtful answer.
 */
export class RotatingCognitiveAccountKey extends pulumi.CustomResource {
  /** The value at the last creation or update. Absent where group and name were given. */
  declare readonly accountId: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent where `accountId` was given. */
  declare readonly resourceGroupName: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent where `accountId` was given. */
  declare readonly accountName: pulumi.Output<string | undefined>;
  /** The subscription the account was found in: a GUID. */
  declare readonly subscriptionId: pulumi.Output<string>;
  /** The slot of `key`. */
  declare readonly keyName: pulumi.Output<CognitiveAccountKeyName>;
  /** The last trigger that was acted on. */
  declare readonly rotationTrigger: pulumi.Output<unknown>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly revokeOnDelete: pulumi.Output<boolean | undefined>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly waitUntilAccepted: pulumi.Output<pulumi.Unwrap<WaitUntilAcceptedArgs> | undefined>;
  /** The value at the last creation or update. Absent where none was given. */
  declare readonly maxAge: pulumi.Output<string | undefined>;
  /** The live key: a secret. */
  declare readonly key: pulumi.Output<string>;
  /** The first 12 hex digits of the key's SHA-256. Not secret; changes when the key does, so it can trigger restarts. */
  declare readonly keyFingerprint: pulumi.Output<string>;
  /**
   * When this resource issued the key: ISO 8601. Absent while the key is only adopted, and then a stack output made of
   * it does not exist: read it with `getOutput`, as `requireOutput` fails.
   */
  declare readonly rotatedAt: pulumi.Output<string | undefined>;
  /** `x-ms-request-id` of the rotation: finds it in the Activity Log. Absent while the key is only adopted. */
  declare readonly requestId: pulumi.Output<string | undefined>;
  /** When a refresh found a key that somebody else had issued: ISO 8601. Absent otherwise. */
  declare readonly changedOutsideAt: pulumi.Output<string | undefined>;
  /**
   * Present after a rotation whose new key is not confirmed, or was not accepted in time, until a `pulumi up` finishes it.
   * Absent otherwise.
   */
  declare readonly unfinished: pulumi.Output<
    | {
        /** Fingerprints of the values before a key that is not confirmed: a reading that lags may still give them. */
        superseded?: string[];
        /** Whether an earlier request of the rotation may still end the new key. */
        unconfirmed?: boolean;
      }
    | undefined
  >;

  /**
   * @param name The unique name of the resource in the stack.
   * @param args Which account and key, and the trigger.
   * @param opts Pulumi's options. As `provider` only one of the package "pulumi-nodejs" is taken; `id`, `import`, `version`
   * and `pluginDownloadURL` are refused.
   */
  constructor(name: string, args: RotatingCognitiveAccountKeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration("RotatingCognitiveAccountKey", name, args, opts));
    registered("RotatingCognitiveAccountKey", this);
    warnOfAge(this, args);
  }
}

keyProperties satisfies PropertiesOf<RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyArgs>;

refuseTransformedOptions("RotatingCognitiveAccountKey", RotatingCognitiveAccountKey.prototype);
