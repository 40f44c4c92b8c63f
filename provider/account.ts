import { KeyError, toKeyError } from "./keyError";
import type { AccountIdentity, AccountName, KeyName } from "./rotation/accountKeys";
import { isUnknown } from "./unknown";
import { noSubscription, otherDefault, readById } from "./words";

/** How both resources name an account, as it reaches the provider: every value may be absent, unknown or of a wrong type. */
export interface AccountInputs {
  accountId?: string;
  resourceGroupName?: string;
  accountName?: string;
  subscriptionId?: string;
}

export const accountProperties = ["accountId", "resourceGroupName", "accountName", "subscriptionId"] as const;
const nameParts = ["subscriptionId", "resourceGroupName", "accountName"] as const;

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
export function namedAccount(inputs: AccountInputs): AccountName & AccountInputs {
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

export function parseAccountId(accountId: string): AccountIdentity | undefined {
  const parts =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.CognitiveServices\/accounts\/([^/]+)\/?$/i.exec(
      accountId.trim(),
    );
  return parts === null ? undefined : { subscriptionId: parts[1], resourceGroupName: parts[2], accountName: parts[3] };
}

/** The account that checked inputs or outputs name, its subscription the default one where they name none. */
export async function resolveAccount(
  inputs: AccountInputs,
  { defaultSubscription }: { defaultSubscription(): Promise<string> },
  keyName?: KeyName,
): Promise<AccountIdentity> {
  const { resourceGroupName, accountName, subscriptionId } = namedAccount(inputs);
  if (subscriptionId !== undefined) return { subscriptionId, resourceGroupName, accountName };
  try {
    return { subscriptionId: await defaultSubscription(), resourceGroupName, accountName };
  } catch (error) {
    throw new KeyError(noSubscription({ resourceGroupName, accountName }, keyName, toKeyError(error).message));
  }
}

/** Refuses a reading of what is not in state: by the option `id`, or an import. Outputs always have a fingerprint. */
export function refuseReadById({ keyFingerprint }: { keyFingerprint?: string }): void {
  if (keyFingerprint !== undefined) return;
  throw new KeyError(readById);
}

/** Refuses a subscription that is only another default than the one a resource is stored with. */
export function requireSameSubscription(
  inputs: AccountInputs,
  account: AccountIdentity,
  memory: { otherSubscription(subscriptionId: string): string | undefined },
  keyName?: KeyName,
): void {
  const stored = memory.otherSubscription(account.subscriptionId);
  if (namedAccount(inputs).subscriptionId === undefined && stored !== undefined) {
    throw new KeyError(otherDefault(account, stored, keyName));
  }
}
