import * as pulumi from "@pulumi/pulumi";
import { addDuration } from "../provider/duration";
import { ageRemedies, ageUnknown, olderThanMaxAge } from "../provider/words";
import type { AccountArgs, AgeArgs, CognitiveAccountKeyName, Json } from "./accountArgs";

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
}

/**
 * What to warn of: a key that is older than it may be, or one of which nobody knows how old it is.
 *
 * @param now milliseconds since the epoch
 */
export function ageWarning(key: AgedKey, now: number): string | undefined {
  const { slot, rotatedAt, maxAge } = key;
  const issued = Date.parse(rotatedAt.value ?? "");
  if (Number.isNaN(issued)) return ageUnknown(slot, shown(maxAge), remedy(key));
  if (now <= latest(issued, maxAge.value)) return undefined;
  const age = rotatedAt.secret ? undefined : inWords(now - issued);
  return olderThanMaxAge(slot, shown(maxAge), shown(rotatedAt), age, remedy(key));
}

/** Until when a key is young enough. `check` refuses what is no duration; where mocks stand in for it, no key is too old. */
function latest(issued: number, maxAge = ""): number {
  try {
    return addDuration(issued, maxAge);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function remedy({ unfinished, rotationTrigger }: AgedKey): string {
  if (unfinished) return ageRemedies.finish;
  const { value, secret } = rotationTrigger;
  if (value === undefined || value === null) return ageRemedies.setTrigger;
  return ageRemedies.changeTrigger(shown({ value: shortened(JSON.stringify(value)), secret }));
}

function shown({ value, secret }: Reading<string>): string {
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

/** The outputs of both resources that a warning is made of. */
interface RotatingKey extends pulumi.CustomResource {
  readonly subscriptionId: pulumi.Output<string>;
  readonly keyName: pulumi.Output<CognitiveAccountKeyName>;
  readonly keyFingerprint: pulumi.Output<string>;
  readonly rotatedAt: pulumi.Output<string | undefined>;
  readonly rotationTrigger: pulumi.Output<unknown>;
  readonly unfinished: pulumi.Output<unknown>;
}

interface RotatingKeyArgs extends AccountArgs, AgeArgs {
  rotationTrigger?: pulumi.Input<Json>;
}

/**
 * Warns once, on the resource, of a key that is older than `maxAge`.
 *
 * @param now milliseconds since the epoch
 */
export function warnOfAge(resource: RotatingKey, args: RotatingKeyArgs, now: () => number = Date.now): void {
  if (args.maxAge === undefined || args.maxAge === null) return;
  agedKey(resource, args).then(
    (key) => {
      const warning = key && ageWarning(key, now());
      if (warning !== undefined) void pulumi.log.warn(warning, resource);
    },
    () => {
      // The resource or what it is made of has failed, which Pulumi reports.
    },
  );
}

/** The key, unless this run is only a preview of how it is issued or changes. */
async function agedKey(resource: RotatingKey, args: RotatingKeyArgs): Promise<AgedKey | undefined> {
  const [slot, fingerprint, rotatedAt, unfinished, lastTrigger, trigger, maxAge] = await Promise.all([
    slotInWords(resource, args),
    read(resource.keyFingerprint),
    read(resource.rotatedAt),
    read(resource.unfinished),
    read(resource.rotationTrigger),
    read(args.rotationTrigger),
    // Of the program: a change of it is no step, so that the output may be an earlier one.
    read(args.maxAge),
  ]);
  // In a preview an output that is absent is as unknown as one that is about to change; a fingerprint is never absent.
  if (fingerprint.value === undefined || typeof maxAge.value !== "string") return undefined;
  return {
    slot,
    rotatedAt,
    maxAge,
    rotationTrigger: { value: lastTrigger.value, secret: lastTrigger.secret || trigger.secret },
    unfinished: unfinished.value !== undefined,
  };
}

/** In the words of the provider's own messages. */
async function slotInWords(resource: RotatingKey, args: RotatingKeyArgs): Promise<string> {
  const [keyName, accountId, accountName, resourceGroupName, subscriptionId] = await Promise.all([
    read(resource.keyName),
    read(args.accountId),
    read(args.accountName),
    read(args.resourceGroupName),
    read(resource.subscriptionId),
  ]);
  const [, group, account] = /\/resourceGroups\/([^/]+)\/.*\/accounts\/([^/]+)/i.exec(accountId.value ?? "") ?? [];
  const part = (name: Reading<string>, inId?: string): string =>
    inId === undefined ? shown(name) : shown({ ...accountId, value: inId });
  return (
    `${shown(keyName)} of account "${part(accountName, account)}" (resource group "${part(resourceGroupName, group)}", ` +
    `subscription ${shown(subscriptionId)})`
  );
}

async function read<T>(input: pulumi.Input<T> | undefined): Promise<Reading<Known<T>>> {
  const reading: Reading<Known<T>> = {};
  // Settles when the function has run or never will, because the value is not known.
  reading.secret = await pulumi.isSecret(
    pulumi.output(input).apply((value) => {
      reading.value = value as Known<T>;
    }),
  );
  return reading;
}

type Known<T> = Exclude<pulumi.Unwrap<T>, undefined>;
