import type { KeyName } from "./account";
import { invalidRequestContent } from "./armError";
import type { FaultRule, Latency } from "./fault";
import { parseJson } from "./parseJson";
import type { Throttle } from "./requestBuckets";

/** What happens to an account behind the back of its clients. */
export interface AccountChange {
  resourceGroup: string;
  name: string;
  /** The slot that gets a new key. */
  regenerate?: KeyName;
  disableLocalAuth?: boolean;
}

/** What can be changed while the emulator runs, also from another process; what is left out stays as it is. */
export interface Settings {
  /** Takes the place of the faults before; `[]` is none. */
  faults?: readonly FaultRule[];
  latency?: Latency;
  /** `null` ends the throttling. */
  throttle?: Throttle | null;
  /** Milliseconds. */
  keyLag?: number;
  /** Milliseconds. */
  readingLag?: number;
  accounts?: readonly AccountChange[];
}

const names = ["faults", "latency", "throttle", "keyLag", "readingLag", "accounts"];

/** Refuses what is no object of settings: a misspelt fault that strikes nothing would make a test pass. */
export function parseSettings(body: string): Settings {
  const sent = parseJson(body);
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) {
    throw invalidRequestContent("settings are an object");
  }
  const unknown = Object.keys(sent).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalidRequestContent(`'${unknown}' is none of ${names.join(", ")}`);
  const settings = sent as Settings;
  for (const { operation, fault } of settings.faults ?? []) {
    const strikes = ["beforeEffect", "afterEffect", "late"].includes(fault?.strikes);
    if (typeof operation !== "string" || !strikes || fault.outcome === undefined) {
      throw invalidRequestContent("a fault has an operation, and a fault that strikes with an outcome");
    }
  }
  return settings;
}
