import type * as pulumi from "@pulumi/pulumi";

/** One of the two access keys that every Cognitive Services account has. */
export type CognitiveAccountKeyName = "Key1" | "Key2";

/**
 * Any JSON value, also inside Outputs and Promises. Write a `Date` as text before you give it to `pulumi.output` or
 * `pulumi.secret`: they make `{}` of it.
 */
export type Json = string | number | boolean | null | pulumi.Input<Json>[] | { [property: string]: pulumi.Input<Json> };

/** The account of the keys: either `accountId`, or `resourceGroupName` and `accountName`. */
export interface AccountArgs {
  /**
   * The ARM id of the account, such as `account.id` of azure-native's `cognitiveservices.Account`. Give either this, or
   * `resourceGroupName` and `accountName`. Another account replaces the resource. Upper and lower case do not count.
   */
  accountId?: pulumi.Input<string>;
  /** The resource group of the account, 1 to 90 characters. Another group replaces the resource. */
  resourceGroupName?: pulumi.Input<string>;
  /** The name of the account, 2 to 64 characters. Another account replaces the resource. */
  accountName?: pulumi.Input<string>;
  /**
   * The GUID of the account's subscription. Give it only with `resourceGroupName` and `accountName`. Another one
   * replaces the resource.
   *
   * @default the subscription of the login's settings, or else the Azure CLI's, at the time of creation. If the default
   * changes later, the resource does not move.
   */
  subscriptionId?: pulumi.Input<string>;
}

/** Whether to warn of an old key. */
export interface AgeArgs {
  /**
   * How old the key may get before each preview and each `pulumi up` warns: an ISO 8601 duration from a second to ten
   * years. It only warns: to rotate, change `rotationTrigger`. The age counts from `rotatedAt`, with days, months and
   * years of the UTC calendar. The age of a key that was adopted or changed outside Pulumi is not known, and the
   * warning says so. Changing `maxAge` does nothing.
   *
   * @dynamic A transformation that sets `maxAge` has no effect.
   * @default no warning
   * @example "P90D"
   */
  maxAge?: pulumi.Input<string>;
}

/** Whether a key is tried before it is published. */
export interface AcceptanceArgs {
  /**
   * Tries a new or adopted key until the account's own endpoint accepts it, and publishes it only then. Changing this
   * setting does nothing. If a rotation is unfinished, the next `pulumi up` uses the new value.
   *
   * @default a key is published at once
   */
  waitUntilAccepted?: pulumi.Input<WaitUntilAcceptedArgs>;
}

/** How to try a key before it is published. */
export interface WaitUntilAcceptedArgs {
  /**
   * An https URL on the account's own endpoint, with a path that checks keys. Before a rotation a made-up key is sent
   * there: the answer must be 401. Then the new key is sent, as `api-key` and as `Ocp-Apim-Subscription-Key`. After
   * 401, 408, 429, a redirect, a server error or no answer it is sent again. Any other answer means that the key is
   * accepted. Hosts outside the account's cloud are refused.
   *
   * @example "https://my-account.openai.azure.com/openai/models?api-version=2024-10-21"
   */
  url: pulumi.Input<string>;
  /**
   * How long to try: an ISO 8601 duration up to an hour. After that `pulumi up` fails, and state keeps the new key. The
   * next `pulumi up` tries again and does not rotate. Until then a pair publishes the old key.
   *
   * @default "PT5M"
   */
  timeout?: pulumi.Input<string>;
}
