/** The name under which an object says that it stands for something else (pulumi/pulumi, sdk/go/common/resource). */
export const markName = "4dabf18193072939515e22adb298388d";

/** The mark of a secret in what a provider answers. */
const signature = { [markName]: "1b47061264138c4ac30d75fd1eb44270" };

/** A value that the engine is to encrypt. */
export function asSecret(value: unknown): object {
  return { ...signature, value };
}
