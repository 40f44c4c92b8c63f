import { createRequire } from "node:module";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { log, secret } from "@pulumi/pulumi";
import { keyPairProperties, keyProperties, propertiesOf, type Role } from "../provider/propertyRoles";
import { twoVersions } from "../provider/words";
import { jsonTrigger } from "./jsonTrigger";
import { tracesAgain } from "./promiseTraces";
import { type ClassName, packageName, providerText } from "./providerText";
import { acceptedOptions, warnOfProviders } from "./resourceOptions";

/** The properties of each class whose code runs in the engine's provider process. */
const tables = { RotatingCognitiveAccountKey: keyProperties, RotatingCognitiveAccountKeyPair: keyPairProperties };

/** What the compiler holds a table of properties to: it lists all that a class declares, and all its arguments as inputs. */
export type PropertiesOf<Resource extends pulumi.CustomResource, Args> = {
  [Name in Exclude<keyof Resource, keyof pulumi.CustomResource>]: Name extends keyof Args
    ? "input"
    : Exclude<Role, "input">;
};

/**
 * What a class hands to `pulumi.CustomResource` to be registered as `pulumi.dynamic.Resource` registers its own. Not a
 * base class: Pulumi takes the caller of the class right above `CustomResource` for the user's code, and would store
 * a line of this package as the position of every key.
 */
export function registration(
  className: ClassName,
  name: string,
  args: object,
  opts: pulumi.CustomResourceOptions = {},
): [type: string, name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions] {
  const resource = `${className} "${name}"`;
  const accepted = acceptedOptions(resource, opts);
  const properties = tables[className];
  const props: pulumi.Inputs = Object.fromEntries(Object.keys(properties).map((property) => [property, undefined]));
  for (const input of propertiesOf(properties, "input")) props[input] = (args as pulumi.Inputs)[input];
  props.rotationTrigger = jsonTrigger(resource, props.rotationTrigger);
  props.__provider = providerText(className);
  const secrets = propertiesOf(properties, "secret output");
  const additionalSecretOutputs = [...secrets, ...(opts.additionalSecretOutputs ?? [])];
  return [`pulumi-nodejs:dynamic:${className}`, name, props, { ...accepted, additionalSecretOutputs }];
}

/** What a class does with itself once it is registered: secrets for mocks, and what the person should be warned of. */
export function registered(className: ClassName, resource: pulumi.CustomResource): void {
  // Also where a transformation has taken the last property out.
  tracesAgain();
  // Mocks know no additionalSecretOutputs; a user's unit test must see a secret where a deployment has one.
  const outputs = resource as unknown as Record<string, pulumi.Output<unknown>>;
  for (const output of propertiesOf(tables[className], "secret output")) {
    outputs[output] = secret(outputs[output]);
  }
  warnOfProviders(resource);
  warnOfOtherVersion(resource);
}

/** The program and the provider process resolve the package each for itself, and may find two different ones. */
function warnOfOtherVersion(resource: pulumi.CustomResource): void {
  const inProgram: { version: string } = require("pulumi-cognitive-key-rotation/package.json");
  const inProvider = resolvedVersion(process.cwd());
  if (inProvider === undefined || inProvider === inProgram.version) return;
  void log.warn(twoVersions(inProgram.version, process.cwd(), inProvider), resource);
}

const resolvedVersions = new Map<string, string | undefined>();

/** The version that is found from a folder; looked up once, as every key of a program asks. */
function resolvedVersion(folder: string): string | undefined {
  if (!resolvedVersions.has(folder)) resolvedVersions.set(folder, findVersion(folder));
  return resolvedVersions.get(folder);
}

function findVersion(folder: string): string | undefined {
  try {
    return createRequire(join(folder, "/"))(`${packageName}/package.json`).version;
  } catch {
    // Then `check` fails, and says what to do.
    return undefined;
  }
}
