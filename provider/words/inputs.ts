import { message } from "./message";

// Reasons of `check`: Pulumi names the resource, the property and the value in front of them.

const oneWay = "give either accountId, or resourceGroupName and accountName";

export const accountMissing = message("which-account", `is missing: ${oneWay}`);

export const accountTwice = message("which-account", `must not be given together with accountId: ${oneWay}`);

const accountIdShape =
  "/subscriptions/<GUID>/resourceGroups/<group>/providers/Microsoft.CognitiveServices/accounts/<account>";

export const notAccountId = message("account-id", `must be the id of a Cognitive Services account, ${accountIdShape}`);

/** @param reason what is wrong with the part, as a message */
export function wrongPartOfId(reason: string): string {
  return `must be ${accountIdShape}. One part is wrong: it ${reason}`;
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
  return message("not-text", `must be a string, but is ${typeInWords(value)}`);
}

export function notBoolean(value: unknown): string {
  return message("not-boolean", `must be true or false, but is ${typeInWords(value)}`);
}

export function notDuration(value: unknown): string {
  return message("duration", `must be an ISO 8601 duration such as "PT1H", but is ${typeInWords(value)}`);
}

/** @param shortest and `longest` ISO 8601 durations */
export function outOfBounds(shortest: string, longest: string): string {
  return message("duration", `must be an ISO 8601 duration from ${shortest} to ${longest}, such as "PT1H"`);
}

export const notAcceptance = message("wait-until-accepted", 'must be { url: "https://…", timeout?: "PT5M" }');

export const acceptanceUrl = {
  noUrl: message("acceptance-url", "must be an https URL on the account's own endpoint, but is not a URL"),
  notSecure: message("acceptance-url", "must begin with https://, because the key is sent there"),
  withPassword: message("acceptance-url", "must not hold a user name or password"),
} as const;

/** Never the value, which may be a secret. Pulumi itself shows a value that is not. */
function typeInWords(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What is not JSON in a trigger. Never the value, which may be a secret. */
export const noJson = {
  ofType: (type: string): string => `a ${type}`,
  ofClass: (name: string): string => (name === "" ? "an object of a class" : `an object of class ${name}`),
  circular: "an object that contains itself",
  resource: "a resource (give one of its outputs, such as its id)",
  withSymbols: "an object with symbols as keys",
  gap: "a gap in an array",
  asset: "an asset or archive",
} as const;

/** @param what as of {@link noJson} */
export function notJsonTrigger(what: string): string {
  return message(
    "trigger",
    `must be a JSON value, but is ${what}. Pulumi would store something else, and would not see it change. Give text, a ` +
      "number, true or false, or arrays and objects of these",
  );
}
