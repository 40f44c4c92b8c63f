import type * as Pulumi from "@pulumi/pulumi";
import { keyPairProperties, keyProperties } from "../provider/propertyRoles";

/** A class that registers a resource of the plugin, with its properties as outputs, as generated code does. */
export type PluginClass = new (
  name: string,
  args: Pulumi.Inputs,
  opts?: Pulumi.CustomResourceOptions,
) => Pulumi.CustomResource & Record<string, Pulumi.Output<unknown>>;

/** The plugin's classes for programs without generated code. @param sdk the one that the program uses */
export function pluginClasses({ CustomResource }: Pick<typeof Pulumi, "CustomResource">) {
  const named = (className: string, properties: object): PluginClass => {
    const outputs = Object.fromEntries(Object.keys(properties).map((name) => [name, undefined]));
    const register = class extends CustomResource {
      constructor(name: string, args: Pulumi.Inputs, opts?: Pulumi.CustomResourceOptions) {
        super(`cognitive-key-rotation:index:${className}`, name, { ...outputs, ...args }, opts);
      }
    };
    return register as unknown as PluginClass;
  };
  return {
    RotatingCognitiveAccountKey: named("RotatingCognitiveAccountKey", keyProperties),
    RotatingCognitiveAccountKeyPair: named("RotatingCognitiveAccountKeyPair", keyPairProperties),
  };
}
