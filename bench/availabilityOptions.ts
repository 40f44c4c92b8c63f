import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface AvailabilityOptions {
  /** Requests a second. */
  rate: number;
  /** Seconds from the end of the producer's `pulumi up` to the start of the consumer's. */
  lag: number;
  /** Where the figures go, beside the table. */
  json?: string;
  /** Where the picture goes. */
  svg?: string;
}

const defaults = { rate: 20, lag: 5 };

export const usage = `Usage: npm run bench:availability -- [options]

Rotates a key with each of three designs, and counts the requests that are refused meanwhile.
The Pulumi engine is real. An emulator plays Azure. It takes about a minute.

  --rate N     requests a second, 1 to 100 (default ${defaults.rate})
  --lag N      seconds between the producer's and the consumer's pulumi up, 0 to 600 (default ${defaults.lag})
  --json FILE  also write the figures to this file
  --svg FILE   also draw them into this file
  --help       print this text
`;

/** What the command line asks for, or "help". */
export function readOptions(args: readonly string[]): AvailabilityOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: "string" },
      lag: { type: "string" },
      json: { type: "string" },
      svg: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return "help";
  const file = (name: string | undefined) => (name === undefined ? undefined : resolve(name));
  return {
    rate: numberOf("rate", values.rate, 1, 100),
    lag: numberOf("lag", values.lag, 0, 600),
    json: file(values.json),
    svg: file(values.svg),
  };
}

function numberOf(name: keyof typeof defaults, text: string | undefined, least: number, most: number): number {
  if (text === undefined) return defaults[name];
  const number = Number(text);
  if (text.trim() !== "" && number >= least && number <= most) return number;
  throw new Error(`--${name} must be a number from ${least} to ${most}, got "${text}"`);
}
