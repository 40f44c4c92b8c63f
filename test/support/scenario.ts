import type { RotatingCognitiveAccountKeyArgs, RotatingCognitiveAccountKeyPairArgs } from "../../components";
import type { Account, Emulator, EmulatorOptions } from "../../emulator/emulator";
import { library, type Program } from "./deployment";

/** What most tests start from: one account, whose keys are made at run time. */
export const group = "rg-ai";
export const name = "my-account";
export const seeded = { accounts: [{ resourceGroup: group, name }] } satisfies Omit<EmulatorOptions, "tls">;

export function account(emulator: Emulator): Account {
  return emulator.account(group, name);
}

/** What the account's own endpoint answers to a key. */
export async function statusWith(emulator: Emulator, key: unknown): Promise<number> {
  const headers = { "api-key": String(key) };
  const response = await fetch(`${emulator.endpoint(group, name)}openai/models`, { headers });
  await response.text();
  return response.status;
}

/** How often a key was really, or in vain, asked to be renewed. */
export function regenerations(emulator: Emulator): number {
  return emulator.calls.filter(({ operation }) => operation === "regenerateKey").length;
}

/** A program with one key of the seeded account, and its outputs as separate stack outputs. */
export function keyProgram(
  args: RotatingCognitiveAccountKeyArgs = {},
  opts?: ConstructorParameters<ReturnType<typeof library>["RotatingCognitiveAccountKey"]>[2],
): Program {
  return () => {
    const { RotatingCognitiveAccountKey } = library();
    const where = args.accountId === undefined ? { resourceGroupName: group, accountName: name } : {};
    const { key, keyFingerprint, keyName, rotatedAt } = new RotatingCognitiveAccountKey(
      "key",
      { ...where, ...args },
      opts,
    );
    return { key, keyFingerprint, keyName, rotatedAt };
  };
}

/** A program with the key pair of the seeded account, and its outputs as separate stack outputs. */
export function pairProgram(
  args: RotatingCognitiveAccountKeyPairArgs = {},
  opts?: ConstructorParameters<ReturnType<typeof library>["RotatingCognitiveAccountKeyPair"]>[2],
): Program {
  return () => {
    const { RotatingCognitiveAccountKeyPair } = library();
    const where = args.accountId === undefined ? { resourceGroupName: group, accountName: name } : {};
    const { key, keyFingerprint, keyName, previousKey, previousKeyName, rotatedAt, rotationCount } =
      new RotatingCognitiveAccountKeyPair("pair", { ...where, ...args }, opts);
    return { key, keyFingerprint, keyName, previousKey, previousKeyName, rotatedAt, rotationCount };
  };
}

/** The slots that regenerateKey was asked for, in order. */
export function regeneratedSlots(emulator: Emulator): (string | undefined)[] {
  return emulator.calls.filter(({ operation }) => operation === "regenerateKey").map(({ keyName }) => keyName);
}

/** The steps of one replacement, as the engine counts them. */
export const replaced = { "create-replacement": 1, replace: 1, "delete-replaced": 1 };

/** How options such as `target` name a resource. */
export function urn(
  className: "RotatingCognitiveAccountKey" | "RotatingCognitiveAccountKeyPair",
  resource: string,
  project = "producer",
): string {
  const module = `${className[0].toLowerCase()}${className.slice(1)}`;
  return `urn:pulumi:dev::${project}::pulumi-nodejs:dynamic/${module}:${className}::${resource}`;
}
