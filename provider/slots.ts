import type { AccountName, KeyName } from "./rotation/accountKeys";

/** A slot as inputs name it; the subscription may still be open. */
export type Slot = AccountName & { keyName: KeyName };

/** The slot of a single key that names none, and the one that a new pair publishes where nothing else is said. */
export const firstSlot: KeyName = "Key1";

export function slotOf({ resourceGroupName, accountName }: AccountName, keyName: KeyName): Slot {
  return { resourceGroupName, accountName, keyName };
}

export function bothSlots(account: AccountName): Slot[] {
  return [slotOf(account, "Key1"), slotOf(account, "Key2")];
}

/** The slot that a new pair publishes. */
export function initialSlot({ initialKeyName }: { initialKeyName?: KeyName }): KeyName {
  return initialKeyName ?? firstSlot;
}

export function otherSlot(keyName: KeyName): KeyName {
  return keyName === "Key1" ? "Key2" : "Key1";
}

/** The slot that the next rotation of a pair renews: the one that is not in use. */
export function nextSlot({ keyName }: { keyName: KeyName }): KeyName {
  return otherSlot(keyName);
}
