import { isDeepStrictEqual } from "node:util";
import type { AccountIdentity, KeyName } from "./azure/armAccountKeys";
import { type DurationBounds, durationRule } from "./duration";
import { acceptanceUrlRule, longestAcceptance, type WaitUntilAccepted } from "./rotation/acceptance";

/** What stands for an unknown value in `check` and `diff`, whatever its type and however deep (pulumi/pulumi#6310). */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What the program puts such a part's reason under (jsonTrigger.ts). */
const refusedMark = "pulumi-cognitive-key-rotation:refused";

/** How both resources name an account, as it reaches the provider: every value may be absent, unknown or of a wrong type. */
export interface AccountInputs {
  accountId?: string;
  resourceGroupName?: string;
  accountName?: string;
  subscriptionId?: string;
}

export interface CheckFailure {
  property: string;
  reason: string;
}

/** A rotation trigger: any JSON value. */
export type Trigger = unknown;

/** Whether the value is, or contains, something that is not known before the deployment. */
export function isUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}

/** Whether `wanted` asks for a rotation, `last` being the trigger that was acted on last. Absent and `null` never ask. */
export function triggerAsksForRotation(last: Trigger, wanted: Trigger): boolean {
  if (wanted === undefined || wanted === null) return false;
  return isUnknown(wanted) || !equalTriggers(last, wanted);
}

/** One entry for each part of a trigger in whose place the program has put why it is no JSON. */
export function checkTrigger(trigger: Trigger, property = "rotationTrigger"): CheckFailure[] {
  if (typeof trigger !== "object" || trigger === null) return [];
  const reason: unknown = (trigger as Record<string, unknown>)[refusedMark];
  if (typeof reason === "string") return [{ property, reason }];
  const pathOf = (key: string): string => (Array.isArray(trigger) ? `${property}[${key}]` : `${property}.${key}`);
  return Object.entries(trigger).flatMap(([key, part]) => checkTrigger(part, pathOf(key)));
}

/** Whether two triggers are the same JSON value. `-0` is `0` there, and no trigger is `null`. */
export function equalTriggers(a: Trigger, b: Trigger): boolean {
  return isDeepStrictEqual(withoutNegativeZero(a ?? null), withoutNegativeZero(b ?? null));
}

function withoutNegativeZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null) return value === 0 ? 0 : value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutNegativeZero(part)]));
}

/** The properties of `wanted` that name another account than `stored`, whose subscription is always resolved. */
export function movedProperties(stored: AccountInputs, wanted: AccountInputs): string[] {
  const unknowns = accountProperties.filter((property) => isUnknown(wanted[property]));
  if (unknowns.length > 0) return unknowns;
  const from = namedAccount(stored);
  const to = namedAccount(wanted);
  return nameParts
    .filter((part) => to[part] !== undefined && !equalNames(from[part], to[part]))
    .map((part) => (wanted.accountId ? "accountId" : part))
    .filter((property, index, all) => all.indexOf(property) === index);
}

/** Whether nothing of what names the account is unknown. */
export function isAccountKnown(inputs: AccountInputs): boolean {
  return !accountProperties.some((property) => isUnknown(inputs[property]));
}

/** The account's group, name and, where the inputs say it, subscription; the inputs have passed {@link checkAccount}. */
export function namedAccount(inputs: AccountInputs): Omit<AccountIdentity, "subscriptionId"> & AccountInputs {
  const id = parseAccountId(inputs.accountId ?? "");
  return (
    id ?? {
      subscriptionId: inputs.subscriptionId?.trim(),
      resourceGroupName: inputs.resourceGroupName as string,
      accountName: inputs.accountName as string,
    }
  );
}

/** Ids and names of Azure compare without regard to case. */
function equalNames(a: string | undefined, b: string | undefined): boolean {
  return a?.trim().toLowerCase() === b?.trim().toLowerCase();
}

/** One entry for each account input that Azure would refuse, said before anything is sent. */
export function checkAccount(inputs: AccountInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const expect = (property: keyof AccountInputs, rule: (value: string) => string | undefined): void => {
    const value: unknown = inputs[property];
    if (value === undefined || value === null || isUnknown(value)) return;
    const reason = typeof value === "string" ? rule(value) : `must be a string, and is ${describe(value)}`;
    if (reason !== undefined) failures.push({ property, reason });
  };
  expect("accountId", accountIdRule);
  expect("resourceGroupName", resourceGroupRule);
  expect("accountName", accountNameRule);
  expect("subscriptionId", subscriptionRule);
  return [...failures, ...checkOneWay(inputs)];
}

const accountProperties = ["accountId", "resourceGroupName", "accountName", "subscriptionId"] as const;
const nameParts = ["subscriptionId", "resourceGroupName", "accountName"] as const;

function checkOneWay(inputs: AccountInputs): CheckFailure[] {
  const given = accountProperties.filter((property) => inputs[property] !== undefined && inputs[property] !== null);
  const expected = "name the account either by accountId or by resourceGroupName and accountName";
  if (given.includes("accountId")) {
    const others = given.filter((property) => property !== "accountId");
    return others.map((property) => ({ property, reason: `must be absent when accountId is given: ${expected}` }));
  }
  if (!given.includes("resourceGroupName") && !given.includes("accountName")) {
    return [{ property: "accountId", reason: `is missing: ${expected}` }];
  }
  return (["resourceGroupName", "accountName"] as const)
    .filter((property) => !given.includes(property))
    .map((property) => ({ property, reason: `is missing: ${expected}` }));
}

const accountIdShape =
  "/subscriptions/<GUID>/resourceGroups/<group>/providers/Microsoft.CognitiveServices/accounts/<account>";

function parseAccountId(accountId: string): AccountIdentity | undefined {
  const parts =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.CognitiveServices\/accounts\/([^/]+)\/?$/i.exec(
      accountId.trim(),
    );
  return parts === null ? undefined : { subscriptionId: parts[1], resourceGroupName: parts[2], accountName: parts[3] };
}

function accountIdRule(accountId: string): string | undefined {
  const parts = parseAccountId(accountId);
  if (parts === undefined) return `must be the id of a Cognitive Services account, ${accountIdShape}`;
  const reason =
    subscriptionRule(parts.subscriptionId) ??
    resourceGroupRule(parts.resourceGroupName) ??
    accountNameRule(parts.accountName);
  return reason && `must be ${accountIdShape}, where a part ${reason}`;
}

function subscriptionRule(id: string): string | undefined {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id.trim())) return undefined;
  return "must be the GUID of a subscription";
}

function resourceGroupRule(name: string): string | undefined {
  if (/^[-\p{L}\p{N}_.()]{1,90}$/u.test(name) && !name.endsWith(".")) return undefined;
  return 'must be 1 to 90 letters, digits, "_", "-", ".", "(" or ")" and not end in "."';
}

function accountNameRule(name: string): string | undefined {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}$/.test(name)) return undefined;
  return 'must be 2 to 64 letters, digits, "_", "." or "-", the first a letter or digit';
}

/** `"Key1"` or `"Key2"`, in exactly this case, as the service's own closed enum. */
export function checkKeyName(property: string, value: unknown): CheckFailure[] {
  if (value === undefined || value === null || isUnknown(value) || isKeyName(value)) return [];
  return [{ property, reason: 'must be "Key1" or "Key2"' }];
}

function isKeyName(value: unknown): value is KeyName {
  return value === "Key1" || value === "Key2";
}

export function checkBoolean(property: string, value: unknown): CheckFailure[] {
  if (value === undefined || value === null || isUnknown(value) || typeof value === "boolean") return [];
  return [{ property, reason: `must be true or false, and is ${describe(value)}` }];
}

/** @param checked the value that passed the last check: one that stays the same is not parsed again */
export function checkDuration(
  property: string,
  value: unknown,
  checked: unknown,
  bounds?: DurationBounds,
): CheckFailure[] {
  if (value === undefined || value === null || value === checked || isUnknown(value)) return [];
  const reason =
    typeof value === "string"
      ? durationRule(value, bounds)
      : `must be an ISO 8601 duration such as "PT1H", and is ${describe(value)}`;
  return reason === undefined ? [] : [{ property, reason }];
}

/** No key is within a limit of nothing. The program itself warns of an older one. @param checked as for {@link checkDuration} */
export function checkMaxAge(value: unknown, checked: unknown): CheckFailure[] {
  return checkDuration("maxAge", value, checked, { shortest: "PT1S" });
}

/** @param checked the value that passed the last check */
export function checkAcceptance(value: unknown, checked: WaitUntilAccepted | null | undefined): CheckFailure[] {
  if (value === undefined || value === null || isUnknown(value) || isDeepStrictEqual(value, checked)) return [];
  if (typeof value !== "object" || !("url" in value) || typeof value.url !== "string") {
    return [{ property: "waitUntilAccepted", reason: 'must be { url: "https://…", timeout?: "PT5M" }' }];
  }
  const reason = acceptanceUrlRule(value.url);
  return [
    ...(reason === undefined ? [] : [{ property: "waitUntilAccepted.url", reason }]),
    ...checkDuration("waitUntilAccepted.timeout", "timeout" in value ? value.timeout : undefined, undefined, {
      longest: longestAcceptance,
    }),
  ];
}

/** Never the value: it may be a secret, and Pulumi shows one that is not beside the reason. */
function describe(value: unknown): string {
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
