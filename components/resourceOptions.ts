import * as pulumi from "@pulumi/pulumi";

/** The package of the provider that runs dynamic resources. */
const ownPackage = "pulumi-nodejs";

/**
 * The options for a resource, without those that would lead it to another provider or start a second one, which are refused.
 * Pulumi takes `providers` for components only; here they stand for `provider`.
 */
export function acceptedOptions(
  resource: string,
  opts: pulumi.CustomResourceOptions & Pick<pulumi.ComponentResourceOptions, "providers">,
): pulumi.CustomResourceOptions {
  for (const option of secondProcessOptions) if (opts[option]) throw secondProcess(resource, option);
  for (const option of ["id", "import"] as const) if (opts[option]) throw readByOption(resource, option);
  const { providers, ...others } = opts;
  const [provider, ...more] = [opts.provider, ...Object.values(providers ?? {})].filter((one) => one !== undefined);
  for (const one of [provider, ...more]) {
    if (one !== undefined && packageOf(one) !== ownPackage) throw foreignProvider(resource, packageOf(one));
  }
  return { ...others, provider };
}

const secondProcessOptions = ["version", "pluginDownloadURL"] as const;

/**
 * Has the resources of a class refuse what a transformation adds to their options. Pulumi applies those in its own
 * constructor and then notes both options on the resource, before it registers it; afterwards it would be too late.
 */
export function refuseTransformedOptions(className: string, prototype: pulumi.CustomResource): void {
  for (const option of secondProcessOptions) {
    Object.defineProperty(prototype, `__${option}`, {
      set(this: { __name?: string }, value: unknown) {
        if (value) throw secondProcess(`${className} "${this.__name}"`, option);
      },
    });
  }
}

/** Warns of what an explicit provider keeps from a resource. */
export function warnOfProviders(resource: pulumi.CustomResource): void {
  if (resource.getProvider("azure-native:cognitiveservices:Account") !== undefined) {
    void pulumi.log.warn(
      "An explicit azure-native provider is inherited from a parent, but does not reach this resource: its credentials, " +
        "cloud and default subscription come from the stack's configuration (azure-native:*) or the ARM_* variables.",
      resource,
    );
  }
  const explicit = resource.getProvider(`${ownPackage}:dynamic:Resource`);
  if (explicit === undefined || warnedOf.has(explicit)) return;
  warnedOf.add(explicit);
  const withheld = Object.keys(pulumi.runtime.allConfig()).filter((key) => isLoginSetting(key) && !(key in explicit));
  if (withheld.length === 0) return;
  void pulumi.log.warn(
    `The stack's configuration does not reach an explicit ${ownPackage} provider, so ${withheld.join(", ")} have no effect ` +
      "on the keys of this one. Give them to the provider as arguments of the same names, or set the ARM_* variables.",
    explicit,
  );
}

/** Once is enough for all resources of a provider. */
const warnedOf = new WeakSet<pulumi.ProviderResource>();

function isLoginSetting(key: string): boolean {
  return key.startsWith("azure-native:") && key !== "azure-native:location";
}

function secondProcess(resource: string, option: string): pulumi.RunError {
  return new pulumi.RunError(
    `${resource} takes no ${option}, also not from a transformation: Pulumi would start a second provider process for it. ` +
      "Leave it out: the provider is the package that is installed in the program's folder.",
  );
}

function readByOption(resource: string, option: string): pulumi.RunError {
  return new pulumi.RunError(
    `${resource} takes no ${option}: Pulumi cannot read or import a dynamic resource. Leave it out: a key without a ` +
      "rotationTrigger and every pair adopt the present keys when they are created.",
  );
}

function foreignProvider(resource: string, found: string | undefined): pulumi.RunError {
  return new pulumi.RunError(
    `${resource} takes no provider of ${found ?? "an unknown package"}: only one of ${ownPackage}, Pulumi's own package for ` +
      "dynamic resources. Credentials and cloud are those of the stack's configuration (azure-native:*) or of the ARM_* " +
      "variables. Leave the option out; subscriptionId or accountId name the subscription.",
  );
}

/** Not in the declarations of the SDK, which itself asks every provider for it. */
function packageOf(provider: pulumi.ProviderResource): string | undefined {
  return (provider as { getPackage?(): string }).getPackage?.();
}
