import { notJsonTrigger } from "./inputs";
import { message } from "./message";

// Errors and warnings of the program. Pulumi names the resource beside the warnings only.

/** @param path of the part of the trigger @param what as of `noJson` */
export function triggerRefused(resource: string, path: string, what: string): string {
  return `Trigger refused: ${path} of ${resource} ${notJsonTrigger(what)}`;
}

/** @param found the package of the provider */
export function foreignProvider(resource: string, found: string | undefined): string {
  return message(
    "foreign-provider",
    `Option refused: provider of ${found ?? "an unknown package"}.`,
    `${resource} takes only one of pulumi-nodejs, Pulumi's own package for dynamic resources. Credentials and cloud are ` +
      "those of the stack's configuration (azure-native:*) or of the ARM_* variables. Leave the option out; subscriptionId " +
      "or accountId name the subscription.",
  );
}

export function secondProcess(resource: string, option: string): string {
  return message(
    "second-process",
    `Option refused: ${option}.`,
    `Leave it out of ${resource}, also in transformations: Pulumi would start a second provider process for it. The provider ` +
      "is the package that is installed in the program's folder.",
  );
}

export function readByOption(resource: string, option: string): string {
  return message(
    "no-import",
    `Option refused: ${option}.`,
    `Leave it out of ${resource}: Pulumi cannot read or import a dynamic resource. A key without a rotationTrigger and every ` +
      "pair adopt the present keys when they are created.",
  );
}

export const notImportId = message(
  "import-id",
  "Not imported: the id names no account, or no slot of it.",
  'Give the ARM id of an account: "/subscriptions/…/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/…". For ' +
    'the second key add "#Key2", written exactly so.',
);

export const twoProviders = message(
  "two-providers",
  "Option refused: two providers in one process.",
  "The plugin was started by hand, as PULUMI_DEBUG_PROVIDERS needs it, and the stack has more than one provider for it. Their " +
    "calls would all be made with the login of one of them. Use one provider, or let Pulumi start the plugin.",
);

/** @param known the types that there are */
export function noSuchType(type: string, known: readonly string[]): string {
  return message(
    "no-such-type",
    "Type refused: this provider does not have it.",
    `There is no resource of the type "${type}", only ${known.join(" and ")}. Use the provider in the version of the SDK.`,
  );
}

export function localAuthNeeded(name: string): string {
  return message(
    "keys-switched-off",
    "Input refused: disableLocalAuth must not be true.",
    `Keys do not exist on such an account. Leave properties.disableLocalAuth out of RotatingCognitiveAccount "${name}"; for ` +
      "an account without keys use azure-native's cognitiveservices.Account.",
  );
}

export const inheritedProvider = message(
  "inherited-provider",
  "Provider not used: azure-native's does not reach this.",
  "An explicit azure-native provider is inherited from a parent, but credentials, cloud and default subscription of this " +
    "resource come from the stack's configuration (azure-native:*) or the ARM_* variables.",
);

/** @param settings names of what has no effect */
export function unreachedConfiguration(settings: readonly string[]): string {
  return message(
    "unreached-configuration",
    "Configuration not used: provider is explicit.",
    "The stack's configuration does not reach an explicit pulumi-nodejs provider, so " +
      `${settings.join(", ")} have no effect on the keys of this one. Give them to the provider as arguments of the same ` +
      "names, or set the ARM_* variables.",
  );
}

export function twoVersions(inProgram: string, folder: string, inProvider: string): string {
  return message(
    "two-versions",
    `Two versions: ${inProgram} and ${inProvider}.`,
    `The program runs pulumi-cognitive-key-rotation ${inProgram}, but from ${folder} the provider process resolves ` +
      `${inProvider}, and that is the one that rotates. Install one version.`,
  );
}

/**
 * @param slot the slot and its account
 * @param maxAge absent where it may be secret
 * @param ago how old it is, where the time of its rotation is no secret
 */
export function olderThanMaxAge(
  slot: string,
  maxAge: string | undefined,
  rotatedAt: string,
  ago: string | undefined,
  remedy: string,
): string {
  return message(
    "old-key",
    `Key older than maxAge${inBrackets(maxAge)}${ago === undefined ? "" : `: issued ${ago} ago`}.`,
    `It was issued at ${rotatedAt}, as ${slot}. ${remedy}`,
  );
}

/** @param maxAge absent where it may be secret */
export function ageUnknown(slot: string, maxAge: string | undefined, remedy: string): string {
  return message(
    "unknown-age",
    `Key age unknown: maxAge${inBrackets(maxAge)} not checked.`,
    `${slot} was found in Azure, which does not say when it was issued. ${remedy}`,
  );
}

function inBrackets(value: string | undefined): string {
  return value === undefined ? "" : ` (${value})`;
}

/** What to do about a key that is too old. */
export const ageRemedies = {
  finish: 'maxAge only warns: the next "pulumi up" finishes the rotation that was begun.',
  setTrigger: "maxAge only warns: to issue a new key, set rotationTrigger.",
  /** @param last absent where it may be secret */
  changeTrigger: (last?: string): string =>
    `maxAge only warns: to issue a new key, change rotationTrigger to another value${last === undefined ? "" : ` than ${last}`}.`,
} as const;
