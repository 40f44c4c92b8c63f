import { createHash } from "node:crypto";

/** What may be shown of a key: the first 12 hex digits of its SHA-256. */
export function fingerprint(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 12);
}

export function withFingerprint(key: string): { key: string; keyFingerprint: string } {
  return { key, keyFingerprint: fingerprint(key) };
}
