import type * as pulumi from "@pulumi/pulumi";
import { log, RunError, runtime } from "@pulumi/pulumi";
import {
  foreignProvider,
  inheritedProvider,
  readByOption,
  secondProcess,
  unreachedConfiguration,
} from "../provider/words";

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
  for (const option of secondProcessOptions) if (opts[option]) throw new RunError(secondProcess(resource, option));
  for (const option of ["id", "import"] as const) if (opts[option]) throw new RunError(readByOption(resource, option));
  const { providers, ...others } = opts;
  const [provider, ...more] = [opts.provider, ...Object.values(providers ?? {})].filter((one) => one !== undefined);
  for (const one of [provider, ...more]) {
    if (one !== undefined && packageOf(one) !== ownPackage) {
      throw new RunError(foreignProvider(resource, packageOf(one)));
    }
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
        if (value) throw new RunError(secondProcess(`${className} "${this.__name}"`, option));
      },
    });
  }
}

/** Warns of what an explicit provider keeps from a resource. */
export function warnOfProviders(resource: pulumi.CustomResource): void {
  if (resource.getProvider("azure-native:cognitiveservices:Account") !== undefined) {
    void log.warn(inheritedProvider, resource);
  }
  const explicit = resource.getProvider(`${ownPackage}:dynamic:Resource`);
  if (explicit === undefined || warnedOf.has(explicit)) return;
  warnedOf.add(explicit);
  const withheld = Object.keys(runtime.allConfig()).filter((key) => isLoginSetting(key) && !(key in explicit));
  if (withheld.length === 0) return;
  void log.warn(unreachedConfiguration(withheld), explicit);
}

/** Once is enough for all resources of a provider. */
const warnedOf = new WeakSet<pulumi.ProviderResource>();

function isLoginSetting(key: string): boolean {
  return key.startsWith("azure-native:") && key !== "azure-native:location";
}

/** Not in the declarations of the SDK, which itself asks every provider for it. */
function packageOf(provider: pulumi.ProviderResource): string | undefined {
  return (provider as { getPackage?(): string }).getPackage?.();
}
