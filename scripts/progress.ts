export interface Progress {
  /** Ends the display. */
  stop(): void;
}

const plainLineEveryMs = 30_000;

/**
 * Shows that a step of some minutes is alive: a spinner with the elapsed time in a terminal, and a line every 30 s
 * elsewhere, where a spinner would fill the log of a CI run with escape codes. Writes to stderr.
 */
export async function startProgress(text: string): Promise<Progress> {
  const started = Date.now();
  const line = () => `${text} (${formatElapsed(Date.now() - started)})`;
  // A pseudo-terminal without a size (`script` in a CI job) has 0 columns: there ora erases lines for ever.
  if (!process.stderr.isTTY || !process.stderr.columns || process.env.CI) {
    console.error(text);
    const timer = setInterval(() => console.error(line()), plainLineEveryMs);
    return { stop: () => clearInterval(timer) };
  }
  const { default: ora } = await import("ora");
  const spinner = ora({ text: line(), discardStdin: false }).start();
  const timer = setInterval(() => {
    spinner.text = line();
  }, 1000);
  return {
    stop() {
      clearInterval(timer);
      spinner.stop();
    },
  };
}

/** As people say it, to a second. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
