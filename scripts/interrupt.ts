import { constants } from "node:os";

type Action = () => void | Promise<void>;

const actions = new Set<Action>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let stopping = false;

/** Says whether the process is on its way out because of a signal. */
export function isInterrupted(): boolean {
  return stopping;
}

/**
 * Registers what has to be undone when the process is interrupted, and returns a function that takes it back.
 * The last registered action runs first: a child is stopped before the folder it writes to is removed.
 */
export function onInterrupt(action: Action): () => void {
  if (actions.size === 0) {
    for (const signal of signals) {
      process.on(signal, stop);
    }
  }
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) {
      for (const signal of signals) {
        process.off(signal, stop);
      }
    }
  };
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  // npm and tsx pass a Ctrl-C on to a child that the terminal has already told: the second signal is no second wish.
  if (stopping) {
    return;
  }
  stopping = true;
  for (const action of [...actions].reverse()) {
    try {
      await action();
    } catch (error) {
      console.error(error);
    }
  }
  process.exit(128 + constants.signals[signal]);
}
