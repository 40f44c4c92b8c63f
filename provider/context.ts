import type { Slots } from "./deploymentMemory";
import type { Acceptance } from "./rotation/acceptance";
import type { Rotation } from "./rotation/rotation";

/** What one provider process shares between all its resources. */
export interface Context {
  rotation: Rotation;
  acceptance: Acceptance;
  slots: Slots;
  /** The subscription of resources that name none. */
  defaultSubscription(): Promise<string>;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
  log(line: string): void;
}

export function timestamp({ now }: Context): string {
  return new Date(now()).toISOString();
}
