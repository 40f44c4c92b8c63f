import type * as Pulumi from "@pulumi/pulumi";
import type * as Library from "../../components";
import { keyPairProperties, keyProperties, type Role } from "../../provider/propertyRoles";
import { library, pulumi } from "./deployment";

export type Classes = Pick<typeof Library, "RotatingCognitiveAccountKey" | "RotatingCognitiveAccountKeyPair">;
export type ClassName = keyof Classes;

/** One of the two forms in which a program has the resources. */
export interface Form {
  name: "dynamic" | "plugin";
  /** Of its settings, in the stack's configuration. */
  namespace: "azure-native" | "cognitive-key-rotation";
  classes(): Classes;
  /** The type under which the engine knows a class. */
  typeOf(className: ClassName): string;
}

/** What the package exports. */
export const dynamic: Form = {
  name: "dynamic",
  namespace: "azure-native",
  classes: library,
  typeOf: (className) => `pulumi-nodejs:dynamic/${className[0].toLowerCase()}${className.slice(1)}:${className}`,
};

/** The resources of the plugin, as a generated SDK has them. */
export const plugin: Form = {
  name: "plugin",
  namespace: "cognitive-key-rotation",
  classes: () => {
    const { CustomResource } = pulumi();
    class RotatingCognitiveAccountKey extends CustomResource {
      constructor(name: string, args: object, opts?: Pulumi.CustomResourceOptions) {
        super(plugin.typeOf("RotatingCognitiveAccountKey"), name, registered(keyProperties, args), opts);
      }
    }
    class RotatingCognitiveAccountKeyPair extends CustomResource {
      constructor(name: string, args: object, opts?: Pulumi.CustomResourceOptions) {
        super(plugin.typeOf("RotatingCognitiveAccountKeyPair"), name, registered(keyPairProperties, args), opts);
      }
    }
    return { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } as unknown as Classes;
  },
  typeOf: (className) => `cognitive-key-rotation:index:${className}`,
};

/** A resource has the outputs that it is registered with, each with a value or without. */
function registered(properties: Readonly<Record<string, Role>>, args: Pulumi.Inputs): Pulumi.Inputs {
  return Object.fromEntries(
    Object.entries(properties).map(([name, role]) => [name, role === "input" ? args[name] : undefined]),
  );
}
