import type { CognitiveServicesManagementClient } from "@azure/arm-cognitiveservices";
import type { TokenCredential } from "@azure/identity";
import { KeyError } from "../keyError";
import type { AccountIdentity, AccountKeys, Answer, KeyName, Keys } from "../rotation/accountKeys";
import type { Cloud } from "./clouds";
import { untilAborted } from "./untilAborted";

/** The operation is the same in all api-versions from 2017-04-18 on; this is the one the package is tested with. */
export const apiVersion = "2023-05-01";

/** The port over `@azure/arm-cognitiveservices`, which is loaded at the first call: previews and no-ops never pay for it. */
export class ArmAccountKeys implements AccountKeys {
  private readonly clients = new Map<string, Connection>();

  constructor(
    private readonly cloud: () => Promise<Cloud>,
    private readonly credential: () => Promise<TokenCredential>,
    /** Aborts after so many milliseconds. */
    private readonly timeout: (ms: number) => AbortSignal = AbortSignal.timeout,
  ) {}

  async listKeys(account: AccountIdentity, timeoutMs: number): Promise<Answer> {
    return this.send(account, timeoutMs, ({ accounts }, options) =>
      accounts.listKeys(account.resourceGroupName, account.accountName, options),
    );
  }

  async regenerateKey(account: AccountIdentity, keyName: KeyName, timeoutMs: number): Promise<Answer> {
    return this.send(account, timeoutMs, ({ accounts }, options) =>
      accounts.regenerateKey(account.resourceGroupName, account.accountName, keyName, options),
    );
  }

  private async send(
    { subscriptionId }: AccountIdentity,
    timeoutMs: number,
    call: (client: CognitiveServicesManagementClient, options: CallOptions) => Promise<object>,
  ): Promise<Answer> {
    let response: HttpResponse | undefined;
    try {
      const client = await this.client(subscriptionId);
      const abortSignal = this.timeout(timeoutMs);
      const onResponse = (received: HttpResponse) => {
        response = received;
      };
      const body = await untilAborted(call(client, { abortSignal, onResponse }), abortSignal);
      const keys = twoKeys(body);
      if (keys !== undefined) return { kind: "keys", keys, requestId: requestIdOf(response) };
      return { kind: "http", status: response?.status ?? 200, requestId: requestIdOf(response) };
    } catch (error) {
      if (error instanceof KeyError) return { kind: "login", message: error.message };
      return answerOfError(error as SdkError, response);
    }
  }

  /** One client per subscription and login; a failed start is not kept, so that the next call tries again. */
  private async client(subscriptionId: string): Promise<CognitiveServicesManagementClient> {
    const id = subscriptionId.toLowerCase();
    const credential = await this.credential();
    let connection = this.clients.get(id);
    if (connection?.credential !== credential) {
      connection = { credential, client: this.connect(subscriptionId, credential) };
      this.clients.set(id, connection);
    }
    try {
      return await connection.client;
    } catch (error) {
      this.clients.delete(id);
      throw error;
    }
  }

  private async connect(
    subscriptionId: string,
    credential: TokenCredential,
  ): Promise<CognitiveServicesManagementClient> {
    const cloud = await this.cloud();
    // Before any key call, so that a login that fails is never mistaken for a call that may have reached the service.
    await credential.getToken(cloud.scope, { enableCae: true });
    const { CognitiveServicesManagementClient }: typeof import("@azure/arm-cognitiveservices") =
      require("@azure/arm-cognitiveservices");
    return new CognitiveServicesManagementClient(credential, subscriptionId, {
      endpoint: cloud.resourceManager,
      credentialScopes: cloud.scope,
      apiVersion,
      // The default pipeline resends this POST up to four times, and each 200 is another key.
      retryOptions: { maxRetries: 0 },
      // It would follow 303 and 307 without the token, and a 401 from there says nothing about this call.
      redirectOptions: { maxRetries: 0 },
      userAgentOptions: { userAgentPrefix: "pulumi-cognitive-key-rotation" },
    });
  }
}

interface Connection {
  credential: TokenCredential;
  client: Promise<CognitiveServicesManagementClient>;
}

interface CallOptions {
  abortSignal: AbortSignal;
  onResponse(response: HttpResponse): void;
}

interface HttpResponse {
  status: number;
  headers: { get(name: string): string | undefined };
}

/** The SDK gives `{}` for a 200 with `{}`, with no body and with HTML: only two non-empty strings are a success. */
function twoKeys(body: { key1?: unknown; key2?: unknown }): Keys | undefined {
  const { key1, key2 } = body ?? {};
  const usable = typeof key1 === "string" && key1 !== "" && typeof key2 === "string" && key2 !== "";
  return usable ? { Key1: key1, Key2: key2 } : undefined;
}

interface SdkError {
  name?: string;
  code?: string;
  statusCode?: number;
  response?: HttpResponse;
  details?: { error?: { code?: unknown; message?: unknown } };
}

/**
 * What an error of the SDK says, field by field: the error itself is never passed on, because its message can be, and
 * its `response` always is, the body of the answer, and so may carry a key.
 */
function answerOfError(error: SdkError, seen: HttpResponse | undefined): Answer {
  const response = error.response ?? seen;
  const status = error.statusCode ?? response?.status;
  if (status === undefined) {
    return {
      kind: "network",
      code: error.name === "AbortError" ? "ETIMEDOUT" : (error.code ?? error.name ?? "unknown"),
    };
  }
  const { code, message } = error.details?.error ?? {};
  return {
    kind: "http",
    status,
    code: typeof code === "string" ? oneLine(code, 80) : undefined,
    message: typeof message === "string" ? oneLine(message, 600) : undefined,
    requestId: requestIdOf(response),
    retryAfterMs: retryAfterMs(response),
  };
}

function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

function requestIdOf(response: HttpResponse | undefined): string | undefined {
  const id = response?.headers.get("x-ms-request-id");
  return id && oneLine(id, 80);
}

/** Retry-After is in seconds or an HTTP date; Azure also sends it in milliseconds under two names of its own. */
function retryAfterMs(response: HttpResponse | undefined): number | undefined {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const value = response?.headers.get(name);
    if (value && Number(value) >= 0) return Number(value);
  }
  const value = response?.headers.get("retry-after");
  if (!value) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
