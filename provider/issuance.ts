import { fingerprint } from "./fingerprint";
import type { Rotated } from "./rotation/rotation";

/** Who has issued a key and when, as far as that is known. Both are absent of a key that somebody else has issued. */
export interface Issuance {
  /** ISO 8601. */
  rotatedAt?: string;
  /** `x-ms-request-id` of the call. */
  requestId?: string;
}

/** A key that was issued and is not published yet. */
export type Issued = Rotated & Required<Pick<Issuance, "rotatedAt">>;

/** What is known of a new key whose rotation is unfinished. */
export interface Left {
  /** Fingerprints of the values before it. */
  superseded?: readonly string[];
  /** Set while an earlier request may still end it. */
  unconfirmed?: true;
}

/** The issuance of a key, without what is absent: outputs are pure JSON. */
export function issuance({ rotatedAt, requestId }: Issuance): Issuance {
  return { ...(rotatedAt !== undefined && { rotatedAt }), ...(requestId !== undefined && { requestId }) };
}

/** The outputs without what is known of who has issued the key. */
export function withoutIssuance<Outputs extends Issuance>(outputs: Outputs): Omit<Outputs, keyof Issuance> {
  const { rotatedAt: _rotatedAt, requestId: _requestId, ...others } = outputs;
  return others;
}

export function leftBehind({ former = [], doubt }: Pick<Rotated, "former" | "doubt">): Left {
  return {
    ...(former.length > 0 && { superseded: former.map(fingerprint) }),
    ...(doubt !== undefined && { unconfirmed: true }),
  };
}

/** What is left of an unfinished rotation whose key is confirmed. */
export function confirmed<L extends Left>({ unconfirmed: _unconfirmed, ...left }: L): Omit<L, "unconfirmed"> {
  return left;
}

/** Whether a reading gave what was there before a key that is not finished: it lags, and confirms nothing. */
export function isSuperseded(key: string, { superseded = [] }: Left = {}): boolean {
  return superseded.includes(fingerprint(key));
}

/** Whether a key in state is none: an export that was made with a wrong passphrase has null for every secret. */
export function isLost(key: string | null | undefined): boolean {
  return typeof key !== "string" || key === "";
}
