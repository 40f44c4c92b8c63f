import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { RotatingCognitiveAccountKeyArgs, RotatingCognitiveAccountKeyPairArgs } from "../../components";
import type { Account, Emulator, EmulatorOptions } from "../../emulator/emulator";
import type { Deployment, Program } from "./deployment";
import { type ClassName, dynamic, type Form, plugin } from "./forms";

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

type Named = Pick<Deployment, "name" | "project">;

/** A form, and what tests write with it. */
export interface Scenario extends Form {
  /** A program with one key of the seeded account, and its outputs as separate stack outputs. */
  keyProgram(args?: RotatingCognitiveAccountKeyArgs, opts?: CustomResourceOptions): Program;
  /** A program with the key pair of the seeded account, and its outputs as separate stack outputs. */
  pairProgram(args?: RotatingCognitiveAccountKeyPairArgs, opts?: CustomResourceOptions): Program;
  /** How options such as `target` name a resource. */
  urn(stack: Named, className: ClassName, resource: string): string;
}

function scenario(form: Form): Scenario {
  const where = { resourceGroupName: group, accountName: name };
  return {
    ...form,
    keyProgram:
      (args = {}, opts) =>
      () => {
        const { RotatingCognitiveAccountKey } = form.classes();
        const { key, keyFingerprint, keyName, rotatedAt } = new RotatingCognitiveAccountKey(
          "key",
          { ...(args.accountId === undefined && where), ...args },
          opts,
        );
        return { key, keyFingerprint, keyName, rotatedAt };
      },
    pairProgram:
      (args = {}, opts) =>
      () => {
        const { RotatingCognitiveAccountKeyPair } = form.classes();
        const { key, keyFingerprint, keyName, previousKey, previousKeyName, rotatedAt, rotationCount } =
          new RotatingCognitiveAccountKeyPair("pair", { ...(args.accountId === undefined && where), ...args }, opts);
        return { key, keyFingerprint, keyName, previousKey, previousKeyName, rotatedAt, rotationCount };
      },
    urn: ({ name, project }, className, resource) =>
      `urn:pulumi:${name}::${project}::${form.typeOf(className)}::${resource}`,
  };
}

export const { keyProgram, pairProgram, urn } = scenario(dynamic);

/** Tests of what a person meets in either form. */
export function inBothForms(title: string, tests: (form: Scenario) => void): void {
  for (const form of [dynamic, plugin]) describe(`${title} (${form.name})`, () => tests(scenario(form)));
}

/** The slots that regenerateKey was asked for, in order. */
export function regeneratedSlots(emulator: Emulator): (string | undefined)[] {
  return emulator.calls.filter(({ operation }) => operation === "regenerateKey").map(({ keyName }) => keyName);
}

/** The steps of one replacement, as the engine counts them. */
export const replaced = { "create-replacement": 1, replace: 1, "delete-replaced": 1 };
