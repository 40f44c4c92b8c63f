import type * as pulumi from "@pulumi/pulumi";

/** One of the two access keys that every Cognitive Services account has. */
export type CognitiveAccountKeyName = "Key1" | "Key2";

/**
 * Any JSON value, in Outputs and Promises too. Keep a `Date` out of `pulumi.output` and `pulumi.secret`: they make `{}` of
 * it before anybody can look.
 */
export type Json = string | number | boolean | null | pulumi.Input<Json>[] | { [property: string]: pulumi.Input<Json> };

/** Which account the keys are of: either `accountId`, or `resourceGroupName` and `accountName`. */
export interface AccountArgs {
  /**
   * The ARM id of the account, such as `account.id` of azure-native's `cognitiveservices.Account`. Give either this or
   * `resourceGroupName` and `accountName`. Another account, compared without regard to case: replaces.
   */
  accountId?: pulumi.Input<string>;
  /** The resource group of the account, 1 to 90 characters. Another group: replaces. */
  resourceGroupName?: pulumi.Input<string>;
  /** The name of the account, 2 to 64 characters. Another account: replaces. */
  accountName?: pulumi.Input<string>;
  /**
   * The GUID of the account's subscription; only beside `resourceGroupName` and `accountName`. Another one: replaces.
   *
   * @default the subscription that is configured for the login, or else the Azure CLI's, when the resource is created; a
   * default that changes later does not move the resource
   */
  subscriptionId?: pulumi.Input<string>;
}

/** Whether to warn of an old key. */
export interface AgeArgs {
  /**
   * How old the key may be before each preview and each `pulumi up` warns of it: an ISO 8601 duration from a second to
   * ten years, since `rotatedAt`; days, months and years are those of the calendar in UTC. It warns and does nothing
   * else: a new key is issued when `rotationTrigger` changes. Of a key that was adopted or changed outside Pulumi the age
   * is not known, and the warning says so. Changing it does nothing.
   *
   * @dynamic A transformation that sets it has no effect.
   * @default no key is too old
   * @example "P90D"
   */
  maxAge?: pulumi.Input<string>;
}

/** Whether a key is tried before it is published. */
export interface AcceptanceArgs {
  /**
   * Tries a key that was issued or adopted until the account's own endpoint accepts it, before it is published. Changing it
   * does nothing, unless a rotation is unfinished: then the next `pulumi up` goes by the new value.
   *
   * @default a key is published at once
   */
  waitUntilAccepted?: pulumi.Input<WaitUntilAcceptedArgs>;
}

/** How to find out that a new key works before it is published. */
export interface WaitUntilAcceptedArgs {
  /**
   * An https URL on the account's own endpoint, with a path that checks keys: before anything is rotated a made-up key
   * must be answered with 401 there. Then the new key is sent, as `api-key` and as `Ocp-Apim-Subscription-Key`. 401,
   * 408, 429, a redirect, a server error or no answer: tried again. Any other answer means that the key passed. Hosts
   * outside the account's cloud are refused.
   *
   * @example "https://my-account.openai.azure.com/openai/models?api-version=2024-10-21"
   */
  url: pulumi.Input<string>;
  /**
   * How long to try: an ISO 8601 duration up to an hour. After that `pulumi up` fails, state keeps the new key, and the
   * next `pulumi up` tries again without another rotation. A pair publishes the key before it until then.
   *
   * @default "PT5M"
   */
  timeout?: pulumi.Input<string>;
}
