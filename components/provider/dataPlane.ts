/** What an account's own endpoint answered to a key, or that nothing came back. */
export type DataPlaneAnswer = { status: number } | { code: string };

/** The port to accounts' own endpoints: sends one request once, and tells what came back without judging it. */
export interface DataPlane {
  /** `GET url` with the key. */
  request(url: string, key: string, timeoutMs: number): Promise<DataPlaneAnswer>;
}

/** The port over `fetch`. The key goes to the host of the URL and nowhere else: redirects are not followed. */
export class FetchDataPlane implements DataPlane {
  /** @param timeout aborts after so many milliseconds */
  constructor(private readonly timeout: (ms: number) => AbortSignal = AbortSignal.timeout) {}

  async request(url: string, key: string, timeoutMs: number): Promise<DataPlaneAnswer> {
    try {
      const response = await fetch(url, {
        headers: { "api-key": key, "Ocp-Apim-Subscription-Key": key },
        redirect: "manual",
        signal: this.timeout(timeoutMs),
      });
      await response.body?.cancel();
      return { status: response.status };
    } catch (error) {
      return { code: networkCode(error) };
    }
  }
}

/** The code of what `fetch` throws, which it hides in the cause. */
function networkCode(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return name === "TimeoutError" ? "ETIMEDOUT" : (cause?.code ?? name ?? "unknown");
}
