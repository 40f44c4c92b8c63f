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
import { withoutPromiseTraces } from "./promiseTraces";
import { refuseTransformedOptions } from "./resourceOptions";
import { warnOfAge } from "./warnOfAge";

/** The account, the slot, and when to rotate. */
export interface RotatingCognitiveAccountKeyArgs extends AccountArgs, AcceptanceArgs, AgeArgs {
  /**
   * The slot of this resource. Another slot replaces the resource.
   *
   * @default "Key1"
   */
  keyName?: pulumi.Input<CognitiveAccountKeyName>;
  /**
   * Rotates the key when it changes to another value. It is any JSON value, compared deeply; the order of properties
   * does not count. Give a date as text. Removing it, `null`, or putting the last value back does nothing. A resource
   * that is *added with* a trigger rotates at once. A resource without one adopts the present key. If a preview
   * does not know the value yet, it shows a rotation.
   *
   * @dynamic Anything but JSON, such as a `Date` or NaN, is refused.
   * @example "2026-11"
   */
  rotationTrigger?: pulumi.Input<Json>;
  /**
   * Whether deleting the resource renews the slot, so that the published key no longer works. Only a key that this
   * resource issued and that is still live is revoked. It is not revoked if another resource of the deployment uses the
   * slot. Resources that `--target` or `--exclude` leaves out do not count. The key is not revoked either if Pulumi
   * deletes the resource only to create it again, because it replaces a resource that gives an input (delete-first).
   * Changing this setting does not rotate.
   *
   * @default false
   */
  revokeOnDelete?: pulumi.Input<boolean>;
}

/**
 * One access key of an Azure Cognitive Services (Azure AI) account, rotated by changing `rotationTrigger`.
 *
 * A rotation ends the key that consumers hold: it no longer works. They are refused until their own next `pulumi up`. A
 * `RotatingCognitiveAccountKeyPair` rotates without this outage.
 *
 * Source:
 * [Accounts - Regenerate Key](https://learn.microsoft.com/rest/api/aiservices/accountmanagement/accounts/regenerate-key),
 * api-version 2023-05-01. Needs `Microsoft.CognitiveServices/accounts/regenerateKey/action` to rotate, and
 * `…/listKeys/action` to adopt, to refresh and to look at the keys after an unclear answer.
 */
export class RotatingCognitiveAccountKey extends pulumi.CustomResource {
  /** The value at the last creation or update. Absent if group and name were given. */
  declare readonly accountId: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent if `accountId` was given. */
  declare readonly resourceGroupName: pulumi.Output<string | undefined>;
  /** The value at the last creation or update. Absent if `accountId` was given. */
  declare readonly accountName: pulumi.Output<string | undefined>;
  /** The account's subscription: a GUID. */
  declare readonly subscriptionId: pulumi.Output<string>;
  /** The slot of `key`. */
  declare readonly keyName: pulumi.Output<CognitiveAccountKeyName>;
  /** The trigger of the last rotation or creation. */
  declare readonly rotationTrigger: pulumi.Output<unknown>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly revokeOnDelete: pulumi.Output<boolean | undefined>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly waitUntilAccepted: pulumi.Output<pulumi.Unwrap<WaitUntilAcceptedArgs> | undefined>;
  /** The value at the last creation or update. Absent if none was given. */
  declare readonly maxAge: pulumi.Output<string | undefined>;
  /** The live key: a secret. */
  declare readonly key: pulumi.Output<string>;
  /**
   * The first 12 hex digits of the key's SHA-256. Not secret. It changes when the key does: use it to trigger restarts.
   */
  declare readonly keyFingerprint: pulumi.Output<string>;
  /**
   * When this resource issued the key: ISO 8601. Absent while the key is only adopted. A stack output made of it does
   * not exist then: read it with `getOutput`, because `requireOutput` fails.
   */
  declare readonly rotatedAt: pulumi.Output<string | undefined>;
  /** The `x-ms-request-id` of the rotation, for the Activity Log. Absent while the key is only adopted. */
  declare readonly requestId: pulumi.Output<string | undefined>;
  /** When a refresh found a key that was changed outside Pulumi: ISO 8601. Absent otherwise. */
  declare readonly changedOutsideAt: pulumi.Output<string | undefined>;
  /**
   * Present while a rotation is unfinished: its new key is not confirmed, or was not accepted in time. The next
   * `pulumi up` finishes it.
   */
  declare readonly unfinished: pulumi.Output<
    | {
        /** Fingerprints of the old values of a key that is not confirmed. Azure may still give them for a while. */
        superseded?: string[];
        /** Whether an earlier request of the rotation may still end the new key. */
        unconfirmed?: boolean;
      }
    | undefined
  >;

  /**
   * @param name The unique name of the resource in the stack.
   * @param args The account, the slot, and the trigger.
   * @param opts Pulumi's options. `provider` must be of the package "pulumi-nodejs". `id`, `import`, `version` and
   * `pluginDownloadURL` are refused.
   */
  constructor(name: string, args: RotatingCognitiveAccountKeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration("RotatingCognitiveAccountKey", name, args, opts));
    registered("RotatingCognitiveAccountKey", this);
    warnOfAge(this, args);
  }
}

keyProperties satisfies PropertiesOf<RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyArgs>;

refuseTransformedOptions("RotatingCognitiveAccountKey", RotatingCognitiveAccountKey.prototype);
withoutPromiseTraces(RotatingCognitiveAccountKey.prototype);
