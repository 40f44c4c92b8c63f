import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/identity";
import { KeyError } from "../keyError";
import { loginFailed, noAnswerWithin, noToken, unknownTenant, type WayIn, withoutCode } from "../words";
import type { LoginAnswers } from "./loginAnswers";
import type { Method } from "./loginMethods";

/** The login has a time limit of its own: with its retries the library's default exceeds the budget of a rotation. */
export const loginTimeoutMs = 30_000;

/** Tokens are not used in their last two minutes, so that none expires between the check and the call. */
const expiryMarginMs = 120_000;

interface HeldToken {
  token: Promise<AccessToken>;
  /** Milliseconds since the epoch; absent while the token is being fetched. */
  expiresOn?: number;
}

/** One credential for the process: a token per scope and tenant, shared by all calls, also while it is being fetched. */
export class SharedCredential implements TokenCredential {
  private readonly tokens = new Map<string, HeldToken>();

  constructor(
    private readonly inner: TokenCredential,
    private readonly timeoutMs: number,
    private readonly failure: (error: unknown) => KeyError,
  ) {}

  getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const key = JSON.stringify([[scopes].flat(), options.tenantId, options.claims]);
    const held = this.tokens.get(key);
    if (held !== undefined && (held.expiresOn ?? Number.POSITIVE_INFINITY) - Date.now() > expiryMarginMs) {
      return held.token;
    }
    const entry: HeldToken = { token: this.fetch(scopes, options) };
    this.tokens.set(key, entry);
    entry.token.then(
      (token) => {
        entry.expiresOn = token.expiresOnTimestamp;
      },
      () => this.tokens.delete(key),
    );
    return entry.token;
  }

  private async fetch(
    scopes: string | string[],
    { tenantId, claims, enableCae }: GetTokenOptions,
  ): Promise<AccessToken> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(noAnswerWithin(this.timeoutMs))), this.timeoutMs);
    });
    try {
      const token = await Promise.race([this.inner.getToken(scopes, { tenantId, claims, enableCae }), late]);
      if (token !== null) return token;
      throw new Error(noToken);
    } catch (error) {
      throw this.failure(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

export function loginFailure(wayIn: WayIn, method: Method, error: unknown, answers?: LoginAnswers): KeyError {
  if (error instanceof KeyError) return error;
  return new KeyError(loginFailed(wayIn, method, reasonOf(error, answers)));
}

/** A chain of identities fails with the reason of each, and only those say what to do. */
function reasonOf(error: unknown, answers?: LoginAnswers): string {
  const explain = (text: string) => answers?.explain(text) ?? text;
  const { message, errors } = error as { message: string; errors?: readonly { message: string }[] };
  if (message.startsWith("endpoints_resolution_error")) {
    return unknownTenant;
  }
  if (errors === undefined || errors.length === 0) return firstLine(explain(message));
  return errors.map((each) => firstLine(withoutCode(explain(each.message)), 160)).join("; ");
}

/**
 * What is wrong: of Entra's message what stands before its trace ids, and of any other the first line, which of the Azure
 * CLI's comes after warnings.
 */
export function firstLine(message: string, longest = 400): string {
  const [entra] = /AADSTS\d+: .*?(?= (?:- )?(?:Trace|Correlation) ID: |[\r\n]|$)/.exec(message) ?? [];
  const lines = (entra ?? message).trim().split(/\r?\n/);
  const error = lines.find((line) => line.startsWith("ERROR: "));
  const line = (error?.slice("ERROR: ".length) ?? lines[0]).replace(/\.$/, "");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
