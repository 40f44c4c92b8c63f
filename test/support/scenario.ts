import type { RotatingCognitiveAccountKeyArgs } from "../../components";
import type { Account, Emulator, EmulatorOptions } from "../../emulator/emulator";
import { library, type Program } from "./deployment";

/** What most tests start from: one account, whose keys are made at run time. */
export const group = "rg-ai";
export const name = "my-account";
export const seeded = { accounts: [{ resourceGroup: group, name }] } satisfies Omit<EmulatorOptions, "tls">;

export function account(emulator: Emulator): Account {
  return emulator.account(group, name);
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
    return { key, fingerprint: keyFingerprint, keyName, rotatedAt };
  };
}

/** The steps of one replacement, as the engine counts them. */
export const replaced = { "create-replacement": 1, replace: 1, "delete-replaced": 1 };
