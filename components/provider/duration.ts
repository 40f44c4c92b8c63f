import type { Temporal } from "temporal-polyfill";

/** Why the text is no ISO 8601 duration from nothing to `longest`; `undefined` when it is one. */
export function durationRule(text: string, longest = "P10Y"): string | undefined {
  try {
    if (parse(text).sign >= 0 && addDuration(0, text) <= addDuration(0, longest)) return undefined;
  } catch {
    // Said below, like a negative one.
  }
  return `must be an ISO 8601 duration from PT0S to ${longest}, such as "PT1H", got "${text}"`;
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
