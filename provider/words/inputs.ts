import { message } from "./message";

// Reasons of `check`: Pulumi names the resource, the property and the value in front of them.

const oneWay = "name the account either by accountId or by resourceGroupName and accountName";

export const accountMissing = message("which-account", `is missing: ${oneWay}`);

export const accountTwice = message("which-account", `must be absent when accountId is given: ${oneWay}`);

const accountIdShape =
  "/subscriptions/<GUID>/resourceGroups/<group>/providers/Microsoft.CognitiveServices/accounts/<account>";

export const notAccountId = message("account-id", `must be the id of a Cognitive Services account, ${accountIdShape}`);

/** @param reason what is wrong with the part, as a message */
export function wrongPartOfId(reason: string): string {
  return `must be ${accountIdShape}, where a part ${reason}`;
}

export const notSubscriptionId = message("subscription-id", "must be the GUID of a subscription");

export const notResourceGroup = message(
  "resource-group-name",
  'must be 1 to 90 letters, digits, "_", "-", ".", "(" or ")" and not end in "."',
);

export const notAccountName = message(
  "account-name",
  'must be 2 to 64 letters, digits, "_", "." or "-", the first a letter or digit',
);

export const notKeyName = message("key-name", 'must be "Key1" or "Key2"');

export function notText(value: unknown): string {
  return message("not-text", `must be a string, and is ${typeInWords(value)}`);
}

export function notBoolean(value: unknown): string {
  return message("not-boolean", `must be true or false, and is ${typeInWords(value)}`);
}

export function notDuration(value: unknown): string {
  return message("duration", `must be an ISO 8601 duration such as "PT1H", and is ${typeInWords(value)}`);
}

/** @param shortest and `longest` ISO 8601 durations */
export function outOfBounds(shortest: string, longest: string): string {
  return message("duration", `must be an ISO 8601 duration from ${shortest} to ${longest}, such as "PT1H"`);
}

export const notAcceptance = message("wait-until-accepted", 'must be { url: "https://…", timeout?: "PT5M" }');

export const acceptanceUrl = {
  noUrl: message("acceptance-url", "must be the https URL of the account's own endpoint, and is no URL"),
  notSecure: message("acceptance-url", "must begin with https://, as the key is sent there"),
  withPassword: message("acceptance-url", "must not hold a user name or password"),
} as const;

/** Never the value: it may be a secret, and Pulumi shows one that is not beside the reason. */
function typeInWords(value: unknown): string {
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

/** What of a trigger is no JSON. The value itself is left out: it may be a secret. */
export const noJson = {
  ofType: (type: string): string => `a ${type}`,
  ofClass: (name: string): string => (name === "" ? "an object of a class" : `an object of class ${name}`),
  circular: "an object that holds itself",
  resource: "a resource, of which an output such as its id can be given",
  withSymbols: "an object with symbols as keys",
  gap: "a gap in an array",
  asset: "an asset or archive",
} as const;

/** @param what as of {@link noJson} */
export function notJsonTrigger(what: string): string {
  return message(
    "trigger",
    `must be a JSON value, and is ${what}. Pulumi would store something else in its place, and changes of it would not ` +
      "rotate. Give text, a number, true, false, or arrays and objects of these",
  );
}
