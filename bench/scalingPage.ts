import type { Backend } from "./benchmarkData";
import { type Figures, inSeconds, missing, short, thousands } from "./figures";
import { markdownTable } from "./markdownTable";

/** A rotation of a pair reads the keys and then writes. ARM counts both as writes. */
const callsWith = { overlap: 2, noOverlap: 1 };

/** ARM's bucket for writes, by caller and subscription: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const bucket = { size: 200, refillPerSecond: 10 };

/** The least time in which ARM answers all calls of a rotation of so many pairs. */
function bucketSeconds(pairs: number, callsEach: number): number {
  return Math.max(0, pairs * callsEach - bucket.size) / bucket.refillPerSecond;
}

export const manyAccounts = 5_000;

/** What ARM's limit lets a rotation take in one subscription. */
export function leastOf(pairs: number): string {
  const [overlap, noOverlap] = [callsWith.overlap, callsWith.noOverlap].map((each) => bucketSeconds(pairs, each));
  const [unit, name] = overlap < 100 ? [1, "s"] : [60, "minutes"];
  return `at least ${short(overlap / unit)} ${name} (${short(noOverlap / unit)} with \`"PT0S"\`)`;
}

/** As many pairs as a stack on a bucket should have. */
export function pairsInAStack({ keys }: Figures): number {
  return keys.filter((count) => count <= 100).at(-1) ?? keys[0];
}

/** What `docs/scaling.md` leads with. Pairs have the default overlap, so each is read before its rotation. */
export function scaling(figures: Figures): string {
  const { keys, most } = figures;
  const each = pairsInAStack(figures);
  const jobs = 10;
  const rotation = (count: number, backend: Backend) =>
    figures.seconds({ subject: "pair", keys: count, backend }, "next rotation");
  const about = (seconds: number) => {
    if (Number.isNaN(seconds)) return missing;
    return seconds < 100 ? `about ${Math.round(seconds)} s` : `about ${Math.round(seconds / 60)} minutes`;
  };
  const stacksOf = (accounts: number, size: number) => {
    const stacks = Math.ceil(accounts / size);
    return stacks === 1 ? "one stack" : `${stacks} stacks`;
  };
  const subscriptions = manyAccounts / each;
  const row = (what: string, sizes: Record<Backend, number>, accounts: number, time: (one: number) => string) => [
    what,
    ...(["file", "journal"] as const).flatMap((backend) => [
      stacksOf(accounts, sizes[backend]),
      time(rotation(each, backend)),
    ]),
  ];
  const cut = { file: each, journal: most };
  const bySubscription = { file: each, journal: each };
  const answers = markdownTable(
    ["accounts", "on a bucket", "a rotation takes", "on Pulumi Cloud", "a rotation takes"],
    [
      row(`${each} in one subscription`, cut, each, about),
      row(`${most} in one subscription`, cut, most, () => leastOf(most)),
      row(`${most} in ${most / each} subscriptions, a job for each`, bySubscription, most, about),
      row(`${thousands(manyAccounts)} in one subscription`, cut, manyAccounts, () => leastOf(manyAccounts)),
      row(
        `${thousands(manyAccounts)} in ${subscriptions} subscriptions, ${jobs} jobs side by side`,
        bySubscription,
        manyAccounts,
        (one) => about((subscriptions / jobs) * one),
      ),
      row("the same, one job after the other", bySubscription, manyAccounts, (one) => about(subscriptions * one)),
    ],
    5,
  );
  const forEach = (count: number, backend: Backend) => {
    const milliseconds = (1000 * rotation(count, backend)) / count;
    return Number.isNaN(milliseconds) ? missing : `${thousands(milliseconds)} ms`;
  };
  const sizes = markdownTable(
    [
      ...["pairs in one stack", "on a bucket", "for each pair", "on Pulumi Cloud", "for each pair"],
      ...["ARM's limit", "ARM's limit, `PT0S`", "state (MB)"],
    ],
    keys.map((count) => [
      String(count),
      inSeconds(rotation(count, "file")),
      forEach(count, "file"),
      inSeconds(rotation(count, "journal")),
      forEach(count, "journal"),
      inSeconds(bucketSeconds(count, callsWith.overlap)),
      inSeconds(bucketSeconds(count, callsWith.noOverlap)),
      ((figures.stateBytes("pair") * count) / 1e6).toFixed(3),
    ]),
  );
  return `${answers}

Azure Resource Manager (ARM) has a limit. One identity may write ${bucket.size} times at once to a subscription in one region, and
then ${bucket.refillPerSecond} times a second: [how it counts](#what-takes-the-time). By default a rotation of a pair counts twice, because it
also reads the keys. With \`minimumOverlap: "PT0S"\` it counts once.

A rotation of pairs of the npm package, with an overlap and without settings:

${sizes}

- The columns "ARM's limit" say how long ARM needs at least, if all accounts are in one subscription and region.
  A rotation takes at least that long. The emulator of the benchmark has no such limit.
- The times of several stacks are calculated from one stack. The start of each job comes on top.
- "Pulumi Cloud" was measured with a server of its protocol on the same machine. Add the latency of your network.`;
}
