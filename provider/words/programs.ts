import { notJsonTrigger } from "./inputs";
import { adoptedByCreation, message } from "./message";

// Errors and warnings of the program. Pulumi names the resource only beside a warning.

/** @param path of the part of the trigger @param what as of `noJson` */
export function triggerRefused(resource: string, path: string, what: string): string {
  return `Trigger refused: ${path} of ${resource} ${notJsonTrigger(what)}`;
}

/** @param found the package of the provider */
export function foreignProvider(resource: string, found: string | undefined): string {
  return message(
    "foreign-provider",
    `Option refused: provider of ${found ?? "an unknown package"}.`,
    `${resource} takes only a provider of the package pulumi-nodejs. Leave the option out: the login and the cloud come from ` +
      "the stack's configuration (azure-native:*) or from the ARM_* variables. accountId or subscriptionId names the " +
      "subscription.",
  );
}

export function secondProcess(resource: string, option: string): string {
  return message(
    "second-process",
    `Option refused: ${option}.`,
    `Leave it out of ${resource}, and out of transformations: Pulumi would start a second provider process. The version is ` +
      "the one that is installed in the program's folder.",
  );
}

export function readByOption(resource: string, option: string): string {
  return message(
    "no-import",
    `Option refused: ${option}.`,
    `Leave it out of ${resource}: Pulumi cannot read or import a dynamic resource. ${adoptedByCreation}`,
  );
}

export const notImportId = message(
  "import-id",
  "Not imported: not the id of an account.",
  'Give the ARM id: "/subscriptions/…/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/…". For the second key ' +
    'add "#Key2", in exactly this form.',
);

export const twoProviders = message(
  "two-providers",
  "Option refused: two providers in one process.",
  "The plugin was started by hand (PULUMI_DEBUG_PROVIDERS), and the stack has two providers for it. Both would use one login. " +
    "Use one provider, or let Pulumi start the plugin.",
);

/** @param known the types that there are */
export function noSuchType(type: string, known: readonly string[]): string {
  return message(
    "no-such-type",
    "Type refused: the plugin does not have it.",
    `The plugin has ${known.join(" and ")}, but not "${type}". Install the plugin in the version of the SDK.`,
  );
}

export function localAuthNeeded(name: string): string {
  return message(
    "keys-switched-off",
    "Input refused: disableLocalAuth must not be true.",
    `Such an account has no keys. Leave properties.disableLocalAuth out of RotatingCognitiveAccount "${name}". For an account ` +
      "without keys use azure-native's cognitiveservices.Account.",
  );
}

export const inheritedProvider = message(
  "inherited-provider",
  "Provider not used: it is azure-native's.",
  "A parent gives this resource an explicit azure-native provider, which it cannot use. Its login, cloud and default " +
    "subscription come from the stack's configuration (azure-native:*) or from the ARM_* variables.",
);

/** @param settings names of what has no effect */
export function unreachedConfiguration(settings: readonly string[]): string {
  return message(
    "unreached-configuration",
    "Configuration not used: provider is explicit.",
    "An explicit pulumi-nodejs provider does not get the stack's configuration. Give it these settings as arguments of the " +
      `same names, or set the ARM_* variables: ${settings.join(", ")}.`,
  );
}

export function twoVersions(inProgram: string, folder: string, inProvider: string): string {
  return message(
    "two-versions",
    `Two versions: ${inProgram} and ${inProvider}.`,
    `The program loads pulumi-cognitive-key-rotation ${inProgram}. The provider process in ${folder} loads ${inProvider}, ` +
      "and that one rotates. Install one version.",
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
  finish: 'maxAge only warns. The next "pulumi up" finishes the rotation.',
  setTrigger: "maxAge only warns. To rotate, set rotationTrigger.",
  /** @param last absent where it may be secret */
  changeTrigger: (last?: string): string =>
    `maxAge only warns. To rotate, change rotationTrigger${last === undefined ? "" : ` (last: ${last})`}.`,
} as const;
