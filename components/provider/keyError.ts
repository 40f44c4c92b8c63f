/**
 * An error the person at the terminal is meant to read.
 *
 * The provider host prints `${error}: ${error.stack}` for check, diff, read and delete. So the two are made to read as
 * one sentence, and no frame of this package reaches the screen.
 */
export class KeyError extends Error {
  override readonly name = "CognitiveAccountKeyError";

  constructor(message: string) {
    super(message);
    this.stack = message;
  }

  override toString(): string {
    return this.name;
  }
}

/** Any thrown value as a {@link KeyError}: what is not one of ours is reduced to its class, as its text may quote a key. */
export function toKeyError(thrown: unknown): Error {
  if (thrown instanceof KeyError) return thrown;
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  const code = thrown instanceof Error && "code" in thrown ? ` ${String(thrown.code).slice(0, 60)}` : "";
  return new KeyError(
    `unexpected failure inside pulumi-cognitive-key-rotation (${kind}${code}). ` +
      "Nothing is known to be wrong with the account; run the command again, and report it if it stays.",
  );
}
