/**
 * The work, or an `AbortError` as soon as the signal says so. The Azure SDK's HTTP client heeds a signal or a timeout until
 * the headers are there, and neither in a compressed body: one that stalls or is cut off never settles
 * (Azure/azure-sdk-for-js#39519).
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(Object.assign(new Error("aborted"), { name: "AbortError" }));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
