import { createHash } from "node:crypto";

/** A key, and what may be shown of it: the first 12 hex digits of its SHA-256. */
export function withFingerprint(key: string): { key: string; keyFingerprint: string } {
  return { key, keyFingerprint: createHash("sha256").update(key).digest("hex").slice(0, 12) };
}
