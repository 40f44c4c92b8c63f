/** One of the two access keys ("slots") that every Cognitive Services account has. */
export type KeyName = "Key1" | "Key2";

/** An account as a person names it. */
export interface AccountName {
  resourceGroupName: string;
  accountName: string;
}

/** An account and the subscription it is in, the latter resolved. */
export interface AccountIdentity extends AccountName {
  /** GUID. */
  subscriptionId: string;
}

/** Both live keys of an account. */
export type Keys = Record<KeyName, string>;

/** What came back of one call, or that nothing did. Text is quoted from ARM's own error envelope or not at all. */
export type Answer =
  | { kind: "keys"; keys: Keys; requestId?: string }
  | {
      kind: "http";
      status: number;
      code?: string;
      message?: string;
      requestId?: string;
      retryAfterMs?: number;
      /** A 200 to regenerateKey that brought the value which the slot had before. */
      notRenewed?: true;
    }
  | { kind: "network"; code: string }
  | { kind: "login"; message: string }
  /** Nothing was sent: the wait before it was interrupted. */
  | { kind: "interrupted" };

/** An answer that brought no keys. */
export type NoKeys = Exclude<Answer, { kind: "keys" }>;

/**
 * The port between the rotation and Azure: each method sends one request once, and tells what came back without
 * judging it. `login` means that no request could be made at all.
 */
export interface AccountKeys {
  /** `POST …/listKeys` */
  listKeys(account: AccountIdentity, timeoutMs: number): Promise<Answer>;
  /** `POST …/regenerateKey` */
  regenerateKey(account: AccountIdentity, keyName: KeyName, timeoutMs: number): Promise<Answer>;
}
