import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isServer } from "../scripts/backend";
import { type SubjectName, subjects } from "./subjects";

export interface BenchmarkOptions {
  /** Numbers of keys. */
  keys: number[];
  subjects: SubjectName[];
  /** How often everything is measured. */
  rounds: number;
  /** Milliseconds from a call's arrival at the emulator to its effect. */
  latency: { regenerateKey: number; listKeys: number };
  /** The URL of a server that keeps states too, beside the file backend. */
  backend?: string;
  /** Measured beside the subjects. */
  peer?: "terraform";
  /** Where the figures go, beside the table; written anew after each round. */
  json?: string;
}

const defaults = { keys: "1,10,100,400", rounds: "3", regenerateKey: "100", listKeys: "30" };

export const usage = `Usage: npm run bench -- [options]

Measures how long Pulumi takes to deploy, preview, rotate and refresh keys.
It compares this package with trivial resources, which call nobody, and with the provider from Pulumi's guide.
The Pulumi engine is real. An emulator plays Azure. With the defaults it takes about an hour.

  --keys N,N,…         numbers of keys, 1 to 1000 (default ${defaults.keys})
  --subjects NAME,…    what to measure (default: all)
  --rounds N           how often to measure everything, 1 to 20 (default ${defaults.rounds})
  --regenerate-key MS  how long the emulator waits in regenerateKey, 0 to 10000 (default ${defaults.regenerateKey}, as Azure)
  --list-keys MS       how long it waits in listKeys, 0 to 10000 (default ${defaults.listKeys}, as Azure)
  --backend URL        measure Pulumi Cloud, or a server of its protocol, beside the file backend.
                       PULUMI_ACCESS_TOKEN must be set. All stacks are removed
  --peer terraform     measure Terraform with azapi too: TERRAFORM (or PATH) and AZAPI_PLUGIN_DIR say where they are
  --json FILE          also write the figures to this file, after each round
  --help               print this text

Subjects:
${Object.entries(subjects)
  .map(([name, { title }]) => `  ${name.padEnd(16)} ${title}`)
  .join("\n")}
`;

/** What the command line asks for, or "help". */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): BenchmarkOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: { type: "string", default: defaults.keys },
      subjects: { type: "string", default: Object.keys(subjects).join() },
      rounds: { type: "string", default: defaults.rounds },
      "regenerate-key": { type: "string", default: defaults.regenerateKey },
      "list-keys": { type: "string", default: defaults.listKeys },
      backend: { type: "string" },
      peer: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return "help";
  const keys = values.keys.split(",").map((text) => wholeNumber("keys", text, 1, 1000));
  return {
    keys: [...new Set(keys)].sort((a, b) => a - b),
    subjects: values.subjects.split(",").map(subjectName),
    rounds: wholeNumber("rounds", values.rounds, 1, 20),
    latency: {
      regenerateKey: wholeNumber("regenerate-key", values["regenerate-key"], 0, 10_000),
      listKeys: wholeNumber("list-keys", values["list-keys"], 0, 10_000),
    },
    backend: values.backend === undefined ? undefined : serverOf(values.backend, env),
    peer: values.peer === undefined ? undefined : peerName(values.peer),
    json: values.json && resolve(values.json),
  };
}

function serverOf(url: string, { PULUMI_ACCESS_TOKEN }: NodeJS.ProcessEnv): string {
  if (!isServer(url)) {
    throw new Error(`--backend must be the URL of a server, such as https://api.pulumi.com, got "${url}"`);
  }
  if (!PULUMI_ACCESS_TOKEN) throw new Error(`Set PULUMI_ACCESS_TOKEN to an access token of ${url}.`);
  return url;
}

function peerName(text: string): "terraform" {
  if (text === "terraform") return text;
  throw new Error(`--peer must be terraform, got "${text}"`);
}

function subjectName(text: string): SubjectName {
  if (text in subjects) return text as SubjectName;
  throw new Error(`--subjects must be made of ${Object.keys(subjects).join(", ")}, got "${text}"`);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text.trim()) && number >= least && number <= most) return number;
  throw new Error(`--${option} must be made of whole numbers from ${least} to ${most}, got "${text}"`);
}
