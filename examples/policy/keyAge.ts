import type { StackValidationPolicy } from "@pulumi/policy";
import { describe, isRotatingKey, known, type Resource } from "./rotatingKeys";

const defaults = { maxAgeDays: 90, reportUnknownAge: true };
type Config = typeof defaults;

const day = 24 * 60 * 60 * 1000;

/**
 * Reports keys in use that were issued too long ago. It is a stack policy because only outputs tell when that was.
 *
 * @param now the present time in milliseconds; a test sets it
 */
export function keyAge(now: () => number = Date.now): StackValidationPolicy {
  return {
    name: "key-age",
    displayName: "Key too old",
    description: "The key in use is older than maxAgeDays, or nobody knows its age.",
    enforcementLevel: "advisory",
    remediationSteps: "Change the rotationTrigger of the resource.",
    configSchema: {
      properties: {
        maxAgeDays: {
          type: "integer",
          minimum: 1,
          default: defaults.maxAgeDays,
          description: "For how many days a key may be in use after it was issued.",
        },
        reportUnknownAge: {
          type: "boolean",
          default: defaults.reportUnknownAge,
          description: "Whether to report keys that were only adopted, or changed outside Pulumi.",
        },
      },
    },
    validateStack: (args, reportViolation) => {
      const config = { ...defaults, ...args.getConfig<Partial<Config>>() };
      for (const resource of args.resources.filter(isRotatingKey)) {
        const complaint = complaintOf(resource, config, now());
        if (complaint) reportViolation(`${describe(resource)}: ${complaint}`, resource.urn);
      }
    },
  };
}

function complaintOf(resource: Resource, { maxAgeDays, reportUnknownAge }: Config, now: number): string | undefined {
  // A preview has no fingerprint of a key that is about to be created, replaced or updated.
  if (known(resource, "keyFingerprint") === undefined) return undefined;
  const issued = timeOf(resource, "rotatedAt");
  // Without it, the key is at least as old as the last thing that is known of it.
  const seen = issued ?? latest(timeOf(resource, "publishedAt"), timeOf(resource, "changedOutsideAt"));
  const days = seen === undefined ? 0 : (now - seen) / day;
  if (seen !== undefined && days > maxAgeDays) {
    const since = `${issued === undefined ? "before " : ""}${new Date(seen).toISOString()}`;
    return `the key in use was issued ${since}, more than ${maxAgeDays} days ago. Change rotationTrigger to rotate it.`;
  }
  if (issued !== undefined || !reportUnknownAge) return undefined;
  return "the age of the key in use is not known, as it was not issued by this resource. Set or change rotationTrigger to rotate it.";
}

function timeOf(resource: Resource, property: string): number | undefined {
  const time = Date.parse(String(known(resource, property)));
  return Number.isNaN(time) ? undefined : time;
}

function latest(...times: (number | undefined)[]): number | undefined {
  const seen = times.filter((time) => time !== undefined);
  return seen.length > 0 ? Math.max(...seen) : undefined;
}
