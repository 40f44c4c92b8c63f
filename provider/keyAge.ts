import { addDuration } from "./duration";
import { ageRemedies, ageUnknown, olderThanMaxAge } from "./words";

/** What this run of the program knows of a value: nothing of one that is absent or not known yet. */
export interface Reading<T> {
  value?: T;
  secret?: boolean;
}

/** What decides whether to warn of a key, and what the warning names. */
export interface AgedKey {
  /** The slot and its account, in words. */
  slot: string;
  rotatedAt: Reading<string>;
  maxAge: Reading<string>;
  /** The last one acted on. */
  rotationTrigger: Reading<unknown>;
  /** Whether the next `pulumi up` finishes a rotation, whatever the trigger. */
  unfinished: boolean;
  /** Whether nobody knows which inputs are secret: a warning shows none of their values then. */
  secretsUnknown?: true;
}

/**
 * What to warn of: a key that is older than it may be, or one of which nobody knows how old it is.
 *
 * @param now milliseconds since the epoch
 */
export function ageWarning(key: AgedKey, now: number): string | undefined {
  const { slot, rotatedAt, maxAge } = key;
  const most = shown(key, maxAge);
  const issued = Date.parse(rotatedAt.value ?? "");
  if (Number.isNaN(issued)) return ageUnknown(slot, most, remedy(key));
  if (now <= latest(issued, maxAge.value)) return undefined;
  const age = rotatedAt.secret ? undefined : inWords(now - issued);
  return olderThanMaxAge(slot, most, masked(rotatedAt), age, remedy(key));
}

/** Until when a key is young enough. `check` refuses what is no duration; where mocks stand in for it, no key is too old. */
function latest(issued: number, maxAge = ""): number {
  try {
    return addDuration(issued, maxAge);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function remedy(key: AgedKey): string {
  if (key.unfinished) return ageRemedies.finish;
  const { value, secret } = key.rotationTrigger;
  if (value === undefined || value === null) return ageRemedies.setTrigger;
  return ageRemedies.changeTrigger(shown(key, { value: shortened(JSON.stringify(value)), secret }));
}

function shown({ secretsUnknown }: AgedKey, input: Reading<string>): string | undefined {
  return secretsUnknown ? undefined : masked(input);
}

/** What a warning may show of a value. */
export function masked({ value, secret }: Reading<string>): string {
  return secret ? "[secret]" : String(value);
}

const longestTrigger = 100;

function shortened(text: string): string {
  return text.length <= longestTrigger ? text : `${text.slice(0, longestTrigger)}…`;
}

const units = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
] as const;

/** In the largest unit of which there are two. */
function inWords(ms: number): string {
  const [unit, length] = units.find(([, length]) => ms >= 2 * length) ?? [ms < 2000 ? "second" : "seconds", 1000];
  return `${Math.floor(ms / length)} ${unit}`;
}
