import type { AccountIdentity, KeyName } from "./accountKeys";
import type { Context } from "./context";
import { describeAccount } from "./failure";
import { type AccountInputs, namedAccount } from "./inputs";
import { KeyError, toKeyError } from "./keyError";

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
