import assert from "node:assert/strict";
import { format } from "node:util";
import { AzureLogger, setLogLevel } from "@azure/logger";
import { KeyHandler } from "../../provider/key";
import type { KeyOutputs } from "../../provider/keyOutcomes";
import { codeOf } from "../../provider/words";
import { EmulatedProvider } from "../support/emulatedProvider";
import { findLeaks } from "../support/leaks";
import { group, name } from "../support/scenario";
import { type Ending, run } from "./faultCase";
import { columns, endingOf, operationOf, rows } from "./faultMatrix";

/** Seconds that a column may take at most: five minutes to rotate or adopt, a minute to read, and the wait of 30 s. */
const budgets = { adopt: 302, adoptPair: 302, create: 332, update: 332, revoke: 364, revokeReading: 364, refresh: 62 };

describe("under every fault", () => {
  let cases = 0;
  let slowest = 0;
  let logged = "";
  const secrets = new Set<string>();
  const { log } = AzureLogger;

  before(() => {
    setLogLevel("verbose");
    AzureLogger.log = (...args: unknown[]) => {
      logged += `${format(...args)}\n`;
    };
  });

  for (const row of rows) {
    const { what, trouble, says, prints } = row;
    const present = columns.filter((column) => endingOf(row, column) !== undefined);
    let endings: Promise<Ending[]> | undefined;
    // All of a row at once, since logins wait in real time; the first test to ask waits for all.
    const of = async (column: (typeof columns)[number]): Promise<Ending> => {
      endings ??= Promise.all(
        present.map((one) => run(operationOf(one), typeof trouble === "function" ? trouble(one) : trouble)),
      );
      return (await endings)[present.indexOf(column)];
    };
    for (const column of present) {
      it(`${what}: ${column}`, async () => {
        const ending = await of(column);
        const { calls, verdict, message, lines, seconds } = ending;
        logged += [message, ...lines, ""].join("\n");
        for (const secret of ending.secrets) secrets.add(secret);
        assert.equal(`${squeeze(calls)}: ${verdict}`, endingOf(row, column), message);
        assert.ok(seconds <= budgets[column], `took ${seconds} s`);
        if (message !== "" && says) assert.match(message, says);
        for (const said of [message, ...lines]) if (said !== "") assert.ok(codeOf(said), `without a code: ${said}`);
        if (message === "" && prints && verdict === "live" && regenerated(calls)) assert.match(lines.join(), prints);
        cases++;
        slowest = Math.max(slowest, seconds);
      });
    }
  }

  it("an effect that lands after the key was confirmed is the risk that is left, and a refresh finds it", async () => {
    const provider = await EmulatedProvider.start();
    const { account, clock } = provider;
    provider.fault = ({ operation, attempt }) =>
      operation === "regenerateKey" && attempt === 1
        ? { strikes: "late", afterMs: 15_000, outcome: { status: 504 } }
        : undefined;
    const handler = new KeyHandler(provider.process());
    const inputs = { resourceGroupName: group, accountName: name, rotationTrigger: "a" };
    const { id, outs } = await handler.create(inputs);
    assert.equal(outs.key, account.key1);
    await clock.runOut();
    assert.notEqual(outs.key, account.key1);
    const { props } = await new KeyHandler(provider.process()).read(id, outs);
    assert.equal(props?.key, account.key1);
    assert.deepEqual(
      await handler.diff(id, props as KeyOutputs, inputs),
      { changes: true },
      "the next up publishes it",
    );
  });

  it("no key, token or client secret is in an error, a line or the verbose log of the Azure SDK", () => {
    assert.deepEqual(findLeaks(logged, secrets), []);
    const [one] = secrets;
    assert.equal(
      findLeaks(`${logged} ${one}`, secrets).length,
      2,
      "a leak would be found, by its beginning and its end",
    );
  }).timeout(60_000);

  after(() => {
    AzureLogger.log = log;
    setLogLevel(undefined);
    console.log(
      `      ${cases} cases as the design has them, the longest ${slowest} s by its own clock; ${secrets.size} secrets not ` +
        `found in ${logged.length} bytes`,
    );
  });
});

function regenerated(calls: string): boolean {
  return /(?:^| )R/.test(calls);
}

/** `R503 L R503 L …` as `(R503 L)x14`. */
function squeeze(calls: string): string {
  return calls
    .replace(/(R\S* L\S*)(?: \1){3,}/g, (all, one: string) => `(${one})x${(all.length + 1) / (one.length + 1)}`)
    .replace(/([RL]\S*)(?: \1(?!\S)){3,}/g, (all, one: string) => `${one}x${all.split(" ").length}`);
}
