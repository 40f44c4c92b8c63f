import type { Temporal } from "temporal-polyfill";
import { outOfBounds } from "./words";

/** What a duration may be, both as ISO 8601 durations. */
export interface DurationBounds {
  /** @default "PT0S" */
  shortest?: string;
  /** @default "P10Y" */
  longest?: string;
}

/** Why the text is no ISO 8601 duration within the bounds; `undefined` when it is one. */
export function durationRule(
  text: string,
  { shortest = "PT0S", longest = "P10Y" }: DurationBounds = {},
): string | undefined {
  try {
    const end = addDuration(0, text);
    if (addDuration(0, shortest) <= end && end <= addDuration(0, longest)) return undefined;
  } catch {
    // Said below, like a negative one.
  }
  return outOfBounds(shortest, longest);
}

/**
 * The moment that lies a duration after another, both in milliseconds since the epoch. Days, months and years are those
 * of the calendar in UTC.
 *
 * @throws RangeError when the text is no ISO 8601 duration, or the moment is beyond what a date can say
 */
export function addDuration(startMs: number, text: string): number {
  const start = temporal().Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO("UTC");
  return start.add(parse(text)).epochMilliseconds;
}

function parse(text: string): Temporal.Duration {
  return temporal().Duration.from(text);
}

/** Loaded at the first duration that is new or needed: an unchanged resource pays nothing. */
function temporal(): typeof Temporal {
  const { Temporal: loaded }: typeof import("temporal-polyfill") = require("temporal-polyfill");
  return loaded;
}
