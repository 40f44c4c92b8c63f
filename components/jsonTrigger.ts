import type * as pulumi from "@pulumi/pulumi";
import { Output, Resource, RunError } from "@pulumi/pulumi";
import { refusedPart } from "../provider/trigger";
import { noJson, triggerRefused } from "../provider/words";
import type { Json } from "./accountArgs";

/**
 * The trigger as Pulumi may store it. It stores what JSON cannot say as something else, a `Date` as `{}`, and would never
 * see it change.
 *
 * What is refused is thrown; behind an Output or a Promise it is marked for `check` to refuse. Thrown there, it would leave
 * the registration of the resource pending, and an inline program would wait for that for ever.
 *
 * @param resource the class and name of the resource, for the error
 */
export function jsonTrigger(resource: string, trigger: pulumi.Input<Json> | undefined): pulumi.Input<Json> | undefined {
  const stored = storable(trigger, "rotationTrigger", [], (path, what) => {
    throw new RunError(triggerRefused(resource, path, what));
  });
  return stored as typeof trigger;
}

type Refuse = (path: string, what: string) => unknown;

/** @param around the objects that the value is in */
function storable(value: unknown, path: string, around: readonly unknown[], refuse: Refuse): unknown {
  const later = (known: unknown): unknown => storable(known, path, around, (_path, what) => refusedPart(what));
  if (Output.isInstance(value)) return value.apply(later);
  if (value instanceof Promise) return value.then(later);
  const what = unstorable(value, around);
  if (what !== undefined) return refuse(path, what);
  if (typeof value !== "object" || value === null) return value;
  const within = [...around, value];
  // `Array.from` and not `map`, which skips what was never set.
  if (Array.isArray(value)) {
    return Array.from(value, (part: unknown, index) =>
      part === undefined
        ? refuse(`${path}[${index}]`, noJson.gap)
        : storable(part, `${path}[${index}]`, within, refuse),
    );
  }
  const parts = Object.entries(value).map(([key, part]) => [key, storable(part, `${path}.${key}`, within, refuse)]);
  return Object.fromEntries(parts);
}

/** What a value is that JSON cannot say; `undefined` when it can, its parts left aside. */
function unstorable(value: unknown, around: readonly unknown[]): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : String(value);
  if (["bigint", "symbol", "function"].includes(typeof value)) return noJson.ofType(typeof value);
  if (typeof value !== "object" || value === null) return undefined;
  if (around.includes(value)) return noJson.circular;
  if (Resource.isInstance(value)) return noJson.resource;
  if (Object.getOwnPropertySymbols(value).length > 0) return noJson.withSymbols;
  if (Array.isArray(value)) return undefined;
  const prototype = Object.getPrototypeOf(value);
  // Plain objects of another realm too, whose prototype is another `Object.prototype`.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  const name: unknown = prototype.constructor?.name;
  return noJson.ofClass(typeof name === "string" ? name : "");
}
