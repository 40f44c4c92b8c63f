import type { AccountIdentity, KeyName } from "./azure/armAccountKeys";
import type { Context } from "./context";
import { type AccountInputs, namedAccount } from "./inputs";
import { KeyError, toKeyError } from "./keyError";
import { describeAccount } from "./words";

/** The account that checked inputs or outputs name, its subscription the default one where they name none. */
export async function resolveAccount(
  inputs: AccountInputs,
  { defaultSubscription }: Pick<Context, "defaultSubscription">,
  keyName?: KeyName,
): Promise<AccountIdentity> {
  const { resourceGroupName, accountName, subscriptionId } = namedAccount(inputs);
  if (subscriptionId !== undefined) return { subscriptionId, resourceGroupName, accountName };
  try {
    return { subscriptionId: await defaultSubscription(), resourceGroupName, accountName };
  } catch (error) {
    const what = describeAccount({ resourceGroupName, accountName }, keyName);
    const reason = toKeyError(error).message.replace(/\.$/, "");
    throw new KeyError(`finding the subscription of ${what}: ${reason}. No key was changed.`);
  }
}

/** Refuses a reading of what is not in state: by the option `id`, or an import. Outputs always have a fingerprint. */
export function refuseReadById({ keyFingerprint }: { keyFingerprint?: string }): void {
  if (keyFingerprint !== undefined) return;
  throw new KeyError(
    "a key or a pair that is not in state cannot be read by an id or imported. Declare it without the options id and import: " +
      "a key without a rotationTrigger and every pair adopt the present keys when they are created. No call was made and no " +
      "key was changed.",
  );
}
