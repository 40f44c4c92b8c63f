import { type ClassName, packageName, providerText } from "../components/providerText";

/** Packages for resources that need no network, with names as long as this package's. */
export type TrivialPackage = "pulumi-cognitive-key-of-empty" | "pulumi-cognitive-key-of-shape";

/** A plugin that calls nobody, with a name as long as this plugin's. */
export const trivialPlugin = "trivial-key-of-a-shape";

/** The text that `className` stores, but for the name of the package that it leads to. */
export function trivialText(
  className: ClassName,
  trivialPackage: TrivialPackage = "pulumi-cognitive-key-of-empty",
): string {
  return providerText(className).replace(packageName, trivialPackage);
}
