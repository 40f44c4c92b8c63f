import { unexpected } from "./words";

/**
 * An error the person at the terminal is meant to read.
 *
 * The provider host prints `${error}: ${error.stack}` for check, diff, read and delete. So the two are made to read as
 * one sentence, and no frame of this package reaches the screen.
 */
export class KeyError extends Error {
  override readonly name = "CognitiveAccountKeyError";

  /** @param inDoubt whether a key may have been changed without anybody knowing its value */
  constructor(
    message: string,
    readonly inDoubt = false,
  ) {
    super(message);
    this.stack = message;
  }

  override toString(): string {
    return this.name;
  }
}

/**
 * A failure that leaves something in state. The engine keeps `properties` as the resource's outputs and calls `update` at
 * the next `pulumi up`.
 */
export class FailureWithState<P extends object> extends KeyError {
  /** What the engine shows; it drops the message. */
  readonly reasons: string[];

  constructor(
    readonly id: string,
    readonly properties: P,
    message: string,
  ) {
    super(message);
    this.reasons = [message];
  }
}

/** A rotation that brought a new key and then failed; without the outputs the key would be lost. */
export class UnfinishedRotation extends FailureWithState<{ unfinished?: unknown }> {}

/** A rotation of which it is not known whether it changed the key; the outputs are as before, with a mark. */
export class RotationInDoubt extends FailureWithState<{ rotationInDoubt?: string }> {}

/** Any thrown value as a {@link KeyError}: what is not one of ours is reduced to its class, as its text may quote a key. */
export function toKeyError(thrown: unknown): Error {
  if (thrown instanceof KeyError) return thrown;
  const { name, code }: { name: unknown; code?: unknown } = thrown instanceof Error ? thrown : { name: typeof thrown };
  const kind = [name, code].filter((part) => typeof part === "string" || typeof part === "number");
  return new KeyError(unexpected(kind.map((part) => String(part).slice(0, 60)).join(" ")));
}
