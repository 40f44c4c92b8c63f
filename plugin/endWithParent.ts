const intervalMs = 500;

/**
 * Ends this process when it has another parent than now. From source, the engine starts the plugin through a language host,
 * which gives it no pipe on stdin whose end would tell that the engine is gone.
 */
export function endWithParent(
  child: Pick<NodeJS.Process, "ppid" | "exit"> = process,
  every: (tick: () => void, ms: number) => { unref(): void } = setInterval,
): void {
  const parent = child.ppid;
  const tick = () => {
    if (child.ppid !== parent) child.exit();
  };
  every(tick, intervalMs).unref();
}
