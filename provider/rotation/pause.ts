/** Waits; false when the wait was interrupted. Whoever holds a new key must not lose it by an error. */
export function pause({ sleep }: { sleep(ms: number): Promise<void> }, ms: number): Promise<boolean> {
  return sleep(ms).then(
    () => true,
    () => false,
  );
}
