import { UnknownValueError } from "@pulumi/policy";

/** What policies are told of a resource, be it its inputs or its outputs. */
export interface Resource {
  type: string;
  name: string;
  props: Record<string, unknown>;
}

export interface Account {
  /** Absent where the program leaves it to a default that a preview does not know. */
  subscriptionId?: string;
  resourceGroupName: string;
  accountName: string;
}

/** How `pulumi-cognitive-key-rotation` registers its two resources; a `RotatingCognitiveAccount` contains the second. */
export const singleKeyType = "pulumi-nodejs:dynamic:RotatingCognitiveAccountKey";
export const keyPairType = "pulumi-nodejs:dynamic:RotatingCognitiveAccountKeyPair";

export function isRotatingKey({ type }: Resource): boolean {
  return type === singleKeyType || type === keyPairType;
}

/** The value of a property, or `undefined` where there is none or where only the deployment will know it. */
export function known({ props }: Resource, name: string): unknown {
  try {
    return props[name];
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/** The account that a resource names in either way; `undefined` while a preview does not know it. */
export function accountOf(resource: Resource): Account | undefined {
  const [accountId, resourceGroupName, accountName, subscriptionId] = [
    "accountId",
    "resourceGroupName",
    "accountName",
    "subscriptionId",
  ].map((name) => known(resource, name) as string | undefined);
  if (accountId) return parseAccount(accountId);
  if (!resourceGroupName || !accountName) return undefined;
  return { subscriptionId, resourceGroupName, accountName };
}

/** An account as its ARM id, whose segments alternate between kinds and names, or as `group/account`. */
export function parseAccount(text: string): Account {
  const segments = text.trim().split("/");
  if (segments[0] !== "") return { resourceGroupName: segments[0], accountName: segments[1] };
  return { subscriptionId: segments[2], resourceGroupName: segments[4], accountName: segments[8] };
}

/** Azure compares names without regard to case. A subscription that is not said may be any. */
export function isSameAccount(a: Account, b: Account): boolean {
  const same = (x: string, y: string) => x.trim().toLowerCase() === y.trim().toLowerCase();
  return (
    same(a.resourceGroupName, b.resourceGroupName) &&
    same(a.accountName, b.accountName) &&
    (!a.subscriptionId || !b.subscriptionId || same(a.subscriptionId, b.subscriptionId))
  );
}

/** How violations name a resource. Policies see keys in plaintext, so nothing but names goes into a message. */
export function describe(resource: Resource): string {
  const account = accountOf(resource);
  const where = account
    ? `account ${account.resourceGroupName}/${account.accountName}`
    : "an account that is not known yet";
  return `${resource.type.split(":").pop()} "${resource.name}" of ${where}`;
}
