import { isDeepStrictEqual } from "node:util";
import type { CheckFailure } from "./checkFailure";
import { isLost } from "./issuance";
import { isUnknown } from "./unknown";
import { notJsonTrigger } from "./words";

/** In place of a part that is no JSON a way in puts an object that has the reason under this name. */
const refusedMark = "pulumi-cognitive-key-rotation:refused";

/** Stands for a part that `check` is to refuse. @param what it is, as of `noJson` */
export function refusedPart(what: string): object {
  return { [refusedMark]: notJsonTrigger(what) };
}

/** A rotation trigger: any JSON value. */
export type Trigger = unknown;

/** Whether `wanted` asks for a rotation, `last` being the trigger that was acted on last. Absent and `null` never ask. */
export function triggerAsksForRotation(last: Trigger, wanted: Trigger): boolean {
  if (wanted === undefined || wanted === null) return false;
  return isUnknown(wanted) || !equalTriggers(last, wanted);
}

/** One entry for each part of a trigger in whose place a way in has put why it is no JSON. */
export function checkTrigger(trigger: Trigger, property = "rotationTrigger"): CheckFailure[] {
  if (typeof trigger !== "object" || trigger === null) return [];
  const reason: unknown = (trigger as Record<string, unknown>)[refusedMark];
  if (typeof reason === "string") return [{ property, reason }];
  const pathOf = (key: string): string => (Array.isArray(trigger) ? `${property}[${key}]` : `${property}.${key}`);
  return Object.entries(trigger).flatMap(([key, part]) => checkTrigger(part, pathOf(key)));
}

/** Whether two triggers are the same JSON value. `-0` is `0` there, and no trigger is `null`. */
export function equalTriggers(a: Trigger, b: Trigger): boolean {
  return isDeepStrictEqual(withoutNegativeZero(a ?? null), withoutNegativeZero(b ?? null));
}

function withoutNegativeZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null) return value === 0 ? 0 : value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutNegativeZero(part)]));
}

/**
 * Whether the program asks for a new key in place of one that is in state. A trigger that was a secret is lost with the
 * key, and says nothing.
 */
export function asksForRotation(
  stored: { key: string; rotationTrigger?: Trigger; triggerLost?: true } | undefined,
  wanted: { rotationTrigger?: Trigger },
): boolean {
  const isTriggerLost = stored !== undefined && (isLost(stored.key) || stored.triggerLost === true);
  if (isTriggerLost && equalButForLost(stored.rotationTrigger, wanted.rotationTrigger)) return false;
  return triggerAsksForRotation(stored?.rotationTrigger, wanted.rotationTrigger);
}

/** Whether the triggers are equal where the stored one is not null, as a secret in it that is lost. */
function equalButForLost(stored: Trigger, wanted: Trigger): boolean {
  if (stored === null) return true;
  if (typeof stored !== "object" || typeof wanted !== "object" || wanted === null) return equalTriggers(stored, wanted);
  const names = Object.keys(stored);
  const part = (whole: object, name: string) => (whole as Record<string, unknown>)[name];
  return (
    names.length === Object.keys(wanted).length &&
    names.every((name) => name in wanted && equalButForLost(part(stored, name), part(wanted, name)))
  );
}

/** The last trigger that was acted on: one that is taken out of the program is remembered. */
export function lastTrigger(
  stored: { rotationTrigger?: Trigger },
  wanted: { rotationTrigger?: Trigger },
): { rotationTrigger?: Trigger } {
  const rotationTrigger = wanted.rotationTrigger ?? stored.rotationTrigger;
  return rotationTrigger === undefined ? {} : { rotationTrigger };
}
