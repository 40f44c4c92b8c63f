import type * as pulumi from "@pulumi/pulumi";
import { isSecret, log, output } from "@pulumi/pulumi";
import { type AgedKey, ageWarning, masked, type Reading } from "../provider/keyAge";
import type { AccountArgs, AgeArgs, CognitiveAccountKeyName, Json } from "./accountArgs";

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
      if (warning !== undefined) void log.warn(warning, resource);
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
    inId === undefined ? masked(name) : masked({ ...accountId, value: inId });
  return (
    `${masked(keyName)} of account "${part(accountName, account)}" (resource group "${part(resourceGroupName, group)}", ` +
    `subscription ${masked(subscriptionId)})`
  );
}

async function read<T>(input: pulumi.Input<T> | undefined): Promise<Reading<Known<T>>> {
  const reading: Reading<Known<T>> = {};
  // Settles when the function has run or never will, because the value is not known.
  reading.secret = await isSecret(
    output(input).apply((value) => {
      reading.value = value as Known<T>;
    }),
  );
  return reading;
}

type Known<T> = Exclude<pulumi.Unwrap<T>, undefined>;
