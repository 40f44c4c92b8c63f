import { addDuration } from "./duration";

/** How long an effect of a rotation that ended in doubt may be still to come. */
const doubtLasts = "PT5M";
/** How long a rotation in doubt explains a key that state does not know: enough for a deployment that runs every day. */
const doubtCounts = "P1D";

/** Marks outputs whose last rotation ended without anybody knowing whether it changed the slot. */
interface Doubtful {
  /** ISO 8601. */
  rotationInDoubt?: string;
}

/** Whether an effect of a rotation that ended in doubt may be still to come. @param now milliseconds since the epoch */
export function isDoubtOpen({ rotationInDoubt }: Doubtful, now: number): boolean {
  return rotationInDoubt !== undefined && now < addDuration(Date.parse(rotationInDoubt), doubtLasts);
}

/**
 * Whether a rotation of this resource ended in doubt, and nobody else can hold what is in the slot now. A mark that is old
 * may be that of a restored state, whose later rotations are published.
 *
 * @param now milliseconds since the epoch
 */
export function isInDoubt({ rotationInDoubt }: Doubtful, now: number): boolean {
  return rotationInDoubt !== undefined && now < addDuration(Date.parse(rotationInDoubt), doubtCounts);
}
