import {
  type PolicyResource,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  unknownCheckingProxy,
} from "@pulumi/policy";

/** A resource as the engine describes it to policies: inputs for a resource policy, outputs for a stack policy. */
export interface Described {
  type: string;
  urn: string;
  props: Record<string, unknown>;
}

/** What stands for a value that a preview does not know, as `@pulumi/policy` recognises it. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The violations that a stack policy reports, each under the name of its resource. */
export async function stackViolations(
  policy: StackValidationPolicy,
  resources: Described[],
  config: object = {},
): Promise<string[]> {
  const violations: string[] = [];
  await policy.validateStack({ ...common(config), resources: resources.map(policyResource) }, (message, urn) => {
    violations.push(`${nameOf(urn ?? "")}: ${message}`);
  });
  return violations;
}

/** The violations that a resource policy reports of one resource. */
export async function resourceViolations(
  policy: ResourceValidationPolicy,
  resource: Described,
  config: object = {},
): Promise<string[]> {
  const violations: string[] = [];
  const args: ResourceValidationArgs = { ...common(config), ...policyResource(resource), asType: () => undefined };
  for (const validate of [policy.validateResource].flat()) {
    await validate?.(args, (message) => {
      violations.push(message);
    });
  }
  return violations;
}

function policyResource({ type, urn, props }: Described): PolicyResource {
  return {
    type,
    urn,
    name: nameOf(urn),
    // As the engine leaves out what starts with two underscores.
    props: unknownCheckingProxy(Object.fromEntries(Object.entries(props).filter(([name]) => !name.startsWith("__")))),
    opts: {
      protect: false,
      ignoreChanges: [],
      aliases: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
      additionalSecretOutputs: [],
    },
    dependencies: [],
    propertyDependencies: {},
    isType: () => false,
    asType: () => undefined,
  };
}

function common(config: object) {
  return {
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => config as T,
    notApplicable: (reason?: string): never => {
      throw new Error(`a policy says that it does not apply: ${reason}`);
    },
  };
}

function nameOf(urn: string): string {
  return urn.split("::").pop() as string;
}
