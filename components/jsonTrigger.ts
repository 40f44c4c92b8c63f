import * as pulumi from "@pulumi/pulumi";
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
    throw new pulumi.RunError(`${resource}: ${path} ${refusedAs(what)}`);
  });
  return stored as typeof trigger;
}

/** Stands for a part that `check` is to refuse, with the reason. The provider knows the mark too (inputs.ts). */
function refusedPart(what: string): object {
  return { "pulumi-cognitive-key-rotation:refused": refusedAs(what) };
}

/** The value itself is left out: it may be a secret. */
function refusedAs(what: string): string {
  return (
    `must be a JSON value, and is ${what}. Pulumi would store something else in its place, and changes of it would not ` +
    "rotate. Give text, a number, true, false, or arrays and objects of these"
  );
}

type Refuse = (path: string, what: string) => unknown;

/** @param around the objects that the value is in */
function storable(value: unknown, path: string, around: readonly unknown[], refuse: Refuse): unknown {
  const later = (known: unknown): unknown => storable(known, path, around, (_path, what) => refusedPart(what));
  if (pulumi.Output.isInstance(value)) return value.apply(later);
  if (value instanceof Promise) return value.then(later);
  const what = unstorable(value, around);
  if (what !== undefined) return refuse(path, what);
  if (typeof value !== "object" || value === null) return value;
  const within = [...around, value];
  // `Array.from` and not `map`, which skips what was never set.
  if (Array.isArray(value)) {
    return Array.from(value, (part: unknown, index) =>
      part === undefined
        ? refuse(`${path}[${index}]`, "a gap in an array")
        : storable(part, `${path}[${index}]`, within, refuse),
    );
  }
  const parts = Object.entries(value).map(([key, part]) => [key, storable(part, `${path}.${key}`, within, refuse)]);
  return Object.fromEntries(parts);
}

/** What a value is that JSON cannot say; `undefined` when it can, its parts left aside. */
function unstorable(value: unknown, around: readonly unknown[]): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : String(value);
  if (["bigint", "symbol", "function"].includes(typeof value)) return `a ${typeof value}`;
  if (typeof value !== "object" || value === null) return undefined;
  if (around.includes(value)) return "an object that holds itself";
  if (pulumi.Resource.isInstance(value)) return "a resource, of which an output such as its id can be given";
  if (Object.getOwnPropertySymbols(value).length > 0) return "an object with symbols as keys";
  if (Array.isArray(value)) return undefined;
  const prototype = Object.getPrototypeOf(value);
  // Plain objects of another realm too, whose prototype is another `Object.prototype`.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  const name: unknown = prototype.constructor?.name;
  return typeof name === "string" && name !== "" ? `an object of class ${name}` : "an object of a class";
}
