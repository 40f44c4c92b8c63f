import type { Handler } from "../provider/handler";
import { KeyError } from "../provider/keyError";
import { replacedBeforeUpdate } from "../provider/words";

/**
 * Takes resources over from the plugin, whose state lacks the provider text. Without it Pulumi can neither read nor delete
 * a resource, so an update, which makes no call, brings it in first.
 */
export function takingOver(handler: Handler): Handler {
  return {
    ...handler,
    async diff(id, olds: { __provider?: string }, news) {
      const difference = (await handler.diff(id, olds as never, news)) as { replaces?: string[] };
      if (olds.__provider !== undefined) return difference;
      if (difference.replaces !== undefined) throw new KeyError(replacedBeforeUpdate);
      return { changes: true };
    },
  };
}
