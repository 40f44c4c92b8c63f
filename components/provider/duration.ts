import type { Temporal } from "temporal-polyfill";

/** Why the text is no ISO 8601 duration from nothing to `longest`; `undefined` when it is one. */
export async function durationRule(text: string, longest = "P10Y"): Promise<string | undefined> {
  try {
    const duration = await parse(text);
    if (duration.sign >= 0 && (await addDuration(0, text)) <= (await addDuration(0, longest))) return undefined;
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
export async function addDuration(startMs: number, text: string): Promise<number> {
  const { Temporal } = await import("temporal-polyfill");
  const start = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO("UTC");
  return start.add(await parse(text)).epochMilliseconds;
}

/** Loaded at the first duration that is new or needed: an unchanged resource pays nothing. */
async function parse(text: string): Promise<Temporal.Duration> {
  const { Temporal } = await import("temporal-polyfill");
  return Temporal.Duration.from(text);
}
