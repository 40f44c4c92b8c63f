import type { ClassName } from "./providerText";

/**
 * The type that a dynamic resource is registered and stored with. Pulumi's display leaves out a module that is named after
 * the class, and so has room for what happens to the resource.
 */
export function resourceType(className: ClassName): string {
  return `pulumi-nodejs:dynamic/${className[0].toLowerCase()}${className.slice(1)}:${className}`;
}
