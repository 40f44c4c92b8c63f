import type * as Library from "../../components";
import { pluginClasses } from "../../scripts/pluginClasses";
import { library, pulumi } from "./deployment";

export type Classes = Pick<typeof Library, "RotatingCognitiveAccountKey" | "RotatingCognitiveAccountKeyPair">;
export type ClassName = keyof Classes;

/** One of the two forms in which a program has the resources, and what a person meets in one of them alone. */
export interface Form {
  name: "dynamic" | "plugin";
  /** Of its settings, in the stack's configuration. */
  namespace: "azure-native" | "cognitive-key-rotation";
  classes(): Classes;
  /** The type under which the engine knows a class. */
  typeOf(className: ClassName): string;
  /** Whether a preview shows which slot a rotation renews. */
  previewsSlots: boolean;
  /** Whether what the provider says is shown at the resource that it is about. */
  speaksAtResource: boolean;
  /** Whether a warning may show inputs, as those that are secret are known. */
  knowsSecrets: boolean;
  /** Whether a Ctrl-C ends a wait at once. It ends no call that was sent. */
  endsWaits: boolean;
}

/** What the package exports. */
export const dynamic: Form = {
  name: "dynamic",
  namespace: "azure-native",
  classes: library,
  typeOf: (className) => `pulumi-nodejs:dynamic:${className}`,
  previewsSlots: false,
  speaksAtResource: false,
  knowsSecrets: true,
  endsWaits: false,
};

/** The resources of the plugin, as a generated SDK has them. */
export const plugin: Form = {
  name: "plugin",
  namespace: "cognitive-key-rotation",
  classes: () => pluginClasses(pulumi()) as unknown as Classes,
  typeOf: (className) => `cognitive-key-rotation:index:${className}`,
  previewsSlots: true,
  speaksAtResource: true,
  knowsSecrets: false,
  endsWaits: true,
};
