import type * as pulumi from "@pulumi/pulumi";

/** What `Error.stackTraceLimit` was, while no traces are taken. */
let without: { limit: number } | undefined;

/**
 * Has the SDK take no stack trace for the promises of a resource's properties. It makes four for each, and their traces
 * take half of a program's time. Only `PULUMI_DEBUG_PROMISE_LEAKS` shows them.
 *
 * The SDK assigns `urn` just before them, and the provider text last. So the traces that a person sees stay: what a
 * transformation throws comes before, and the error of a registration that fails comes after.
 */
export function withoutPromiseTraces(prototype: pulumi.CustomResource): void {
  beforeAssignment(prototype, "urn", () => {
    if (without !== undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
    without = { limit: Error.stackTraceLimit };
    Error.stackTraceLimit = 0;
  });
  beforeAssignment(prototype, "__provider", tracesAgain);
}

/** The traces of everything that comes next. */
export function tracesAgain(): void {
  if (without !== undefined) Error.stackTraceLimit = without.limit;
  without = undefined;
}

function beforeAssignment(prototype: object, property: string, act: () => void): void {
  Object.defineProperty(prototype, property, {
    set(this: object, value: unknown) {
      act();
      Object.defineProperty(this, property, { value, writable: true, enumerable: true, configurable: true });
    },
  });
}
