import { namedAccount } from "../provider/account";
import { ageWarning } from "../provider/keyAge";
import { isUnknown } from "../provider/unknown";
import { describeAccount } from "../provider/words";

/** What to warn of a key with these outputs, if the program's inputs have a `maxAge`. @param now milliseconds since the epoch */
export function ageOf(
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown>,
  now: number,
): string | undefined {
  if (typeof inputs.maxAge !== "string" || isUnknown(inputs.maxAge)) return undefined;
  const account = { ...namedAccount(outputs), subscriptionId: String(outputs.subscriptionId) };
  return ageWarning(
    {
      slot: describeAccount(account, String(outputs.keyName)),
      rotatedAt: { value: outputs.rotatedAt as string | undefined },
      maxAge: { value: inputs.maxAge },
      rotationTrigger: { value: outputs.rotationTrigger },
      // One that is unfinished is about to change.
      unfinished: false,
      // A provider is not told.
      secretsUnknown: true,
    },
    now,
  );
}
