import { isDeepStrictEqual } from "node:util";
import { type AccountInputs, accountProperties, parseAccountId } from "./account";
import type { CheckFailure } from "./checkFailure";
import { type DurationBounds, durationRule } from "./duration";
import { acceptanceUrlRule, longestAcceptance, type WaitUntilAccepted } from "./rotation/acceptance";
import type { KeyName } from "./rotation/accountKeys";
import { checkTrigger, type Trigger } from "./trigger";
import { isUnknown } from "./unknown";
import {
  accountMissing,
  accountTwice,
  notAcceptance,
  notAccountId,
  notAccountName,
  notBoolean,
  notDuration,
  notKeyName,
  notResourceGroup,
  notSubscriptionId,
  notText,
  wrongPartOfId,
} from "./words";

/** One entry for each account input that Azure would refuse, said before anything is sent. */
export function checkAccount(inputs: AccountInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const expect = (property: keyof AccountInputs, rule: (value: string) => string | undefined): void => {
    const value: unknown = inputs[property];
    if (value === undefined || value === null || isUnknown(value)) return;
    const reason = typeof value === "string" ? rule(value) : notText(value);
    if (reason !== undefined) failures.push({ property, reason });
  };
  expect("accountId", accountIdRule);
  expect("resourceGroupName", resourceGroupRule);
  expect("accountName", accountNameRule);
  expect("subscriptionId", subscriptionRule);
  return [...failures, ...checkOneWay(inputs)];
}

function checkOneWay(inputs: AccountInputs): CheckFailure[] {
  const given = accountProperties.filter((property) => inputs[property] !== undefined && inputs[property] !== null);
  if (given.includes("accountId")) {
    const others = given.filter((property) => property !== "accountId");
    return others.map((property) => ({ property, reason: accountTwice }));
  }
  if (!given.includes("resourceGroupName") && !given.includes("accountName")) {
    return [{ property: "accountId", reason: accountMissing }];
  }
  return (["resourceGroupName", "accountName"] as const)
    .filter((property) => !given.includes(property))
    .map((property) => ({ property, reason: accountMissing }));
}

function accountIdRule(accountId: string): string | undefined {
  const parts = parseAccountId(accountId);
  if (parts === undefined) return notAccountId;
  const reason =
    subscriptionRule(parts.subscriptionId) ??
    resourceGroupRule(parts.resourceGroupName) ??
    accountNameRule(parts.accountName);
  return reason && wrongPartOfId(reason);
}

function subscriptionRule(id: string): string | undefined {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id.trim())) return undefined;
  return notSubscriptionId;
}

function resourceGroupRule(name: string): string | undefined {
  if (/^[-\p{L}\p{N}_.()]{1,90}$/u.test(name) && !name.endsWith(".")) return undefined;
  return notResourceGroup;
}

function accountNameRule(name: string): string | undefined {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}$/.test(name)) return undefined;
  return notAccountName;
}

/** `"Key1"` or `"Key2"`, in exactly this case, as the service's own closed enum. */
export function checkKeyName(property: string, value: unknown): CheckFailure[] {
  if (value === undefined || value === null || isUnknown(value) || isKeyName(value)) return [];
  return [{ property, reason: notKeyName }];
}

function isKeyName(value: unknown): value is KeyName {
  return value === "Key1" || value === "Key2";
}

export function checkBoolean(property: string, value: unknown): CheckFailure[] {
  if (value === undefined || value === null || isUnknown(value) || typeof value === "boolean") return [];
  return [{ property, reason: notBoolean(value) }];
}

/** @param checked the value that passed the last check: one that stays the same is not parsed again */
export function checkDuration(
  property: string,
  value: unknown,
  checked: unknown,
  bounds?: DurationBounds,
): CheckFailure[] {
  if (value === undefined || value === null || value === checked || isUnknown(value)) return [];
  const reason = typeof value === "string" ? durationRule(value, bounds) : notDuration(value);
  return reason === undefined ? [] : [{ property, reason }];
}

/** What both resources take. @param olds the inputs that passed the last check */
export function checkCommon(olds: CommonInputs, news: CommonInputs): CheckFailure[] {
  return [
    ...checkAccount(news),
    ...checkTrigger(news.rotationTrigger),
    // No key is within a limit of nothing. The program itself warns of an older one.
    ...checkDuration("maxAge", news.maxAge, olds.maxAge, { shortest: "PT1S" }),
    ...checkAcceptance(news.waitUntilAccepted, olds.waitUntilAccepted),
  ];
}

interface CommonInputs extends AccountInputs {
  rotationTrigger?: Trigger;
  maxAge?: string | null;
  waitUntilAccepted?: WaitUntilAccepted | null;
}

/** @param checked the value that passed the last check */
export function checkAcceptance(value: unknown, checked: WaitUntilAccepted | null | undefined): CheckFailure[] {
  if (value === undefined || value === null || isUnknown(value) || isDeepStrictEqual(value, checked)) return [];
  if (typeof value !== "object" || !("url" in value) || typeof value.url !== "string") {
    return [{ property: "waitUntilAccepted", reason: notAcceptance }];
  }
  const reason = acceptanceUrlRule(value.url);
  return [
    ...(reason === undefined ? [] : [{ property: "waitUntilAccepted.url", reason }]),
    ...checkDuration("waitUntilAccepted.timeout", "timeout" in value ? value.timeout : undefined, undefined, {
      longest: longestAcceptance,
    }),
  ];
}
