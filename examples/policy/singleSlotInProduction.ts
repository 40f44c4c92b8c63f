import type { ResourceValidationPolicy } from "@pulumi/policy";
import { describe, singleKeyType } from "./rotatingKeys";

const defaults = { productionStacks: ["prod", "production"] };

/** Refuses keys of one slot where nobody wants an outage, before anything is deployed. */
export const singleSlotInProduction: ResourceValidationPolicy = {
  name: "single-slot-in-production",
  displayName: "Single key in production",
  description: "A production stack has a single key: each rotation is an outage.",
  enforcementLevel: "mandatory",
  remediationSteps: "Use a RotatingCognitiveAccountKeyPair.",
  configSchema: {
    properties: {
      productionStacks: {
        type: "array",
        items: { type: "string", minLength: 1 },
        default: defaults.productionStacks,
        description: "The names of the stacks that are production, without organization and project.",
      },
    },
  },
  validateResource: (args, reportViolation) => {
    if (args.type !== singleKeyType) return;
    const { productionStacks } = { ...defaults, ...args.getConfig<Partial<typeof defaults>>() };
    // urn:pulumi:<stack>::<project>::…; unlike pulumi.getStack() it needs no environment.
    const stack = args.urn.split(":")[2];
    if (!productionStacks.includes(stack)) return;
    reportViolation(
      `${describe(args)}: every rotation of a single key is an outage, and stack ${stack} is production. ` +
        "Use a RotatingCognitiveAccountKeyPair.",
    );
  },
};
