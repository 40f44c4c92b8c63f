import { type AccountInputs, namedAccount } from "../provider/account";
import type { Trigger } from "../provider/trigger";
import { unknown } from "../provider/unknown";

interface CreatedInputs extends AccountInputs {
  rotationTrigger?: Trigger;
}

/**
 * The inputs as they are among the outputs of a resource that is to be created.
 *
 * @param before the outputs of one that this deployment has compared with it
 */
export function createdInputs<Inputs extends CreatedInputs>(inputs: Inputs, before: CreatedInputs | undefined) {
  const isTriggerRemoved = (inputs.rotationTrigger ?? null) === null && (before?.rotationTrigger ?? null) !== null;
  return {
    ...inputs,
    subscriptionId: namedAccount(inputs).subscriptionId ?? before?.subscriptionId ?? unknown,
    // Where one goes on, the last trigger is remembered.
    ...(isTriggerRemoved && { rotationTrigger: unknown }),
  };
}
