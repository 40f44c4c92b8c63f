import type { StackValidationPolicy } from "@pulumi/policy";
import { type Account, accountOf, describe, isRotatingKey, isSameAccount, known, parseAccount } from "./rotatingKeys";

const defaults: { sharedAccounts: string[] } = { sharedAccounts: [] };

/** Reports keys that would die with their resource on an account that others use. */
export const revokeOnSharedAccount: StackValidationPolicy = {
  name: "revoke-on-shared-account",
  displayName: "revokeOnDelete on a shared account",
  description: "Deleting the resource would end a key that others use.",
  enforcementLevel: "mandatory",
  remediationSteps: "Remove revokeOnDelete.",
  configSchema: {
    properties: {
      sharedAccounts: {
        type: "array",
        items: { type: "string", pattern: "^(/([^/]+/){7}[^/]+|[^/]+/[^/]+)$" },
        default: defaults.sharedAccounts,
        description: "Accounts that others use too, each as its ARM id or as group/account.",
      },
    },
  },
  validateStack: (args, reportViolation) => {
    const { sharedAccounts } = { ...defaults, ...args.getConfig<Partial<typeof defaults>>() };
    const listed = sharedAccounts.map(parseAccount);
    const keys = args.resources.filter(isRotatingKey).map((resource) => ({ resource, account: accountOf(resource) }));
    for (const { resource, account } of keys) {
      if (account === undefined || known(resource, "revokeOnDelete") !== true) continue;
      const names = (other?: Account) => other !== undefined && isSameAccount(other, account);
      const user = keys.find((other) => other.resource !== resource && names(other.account))?.resource;
      const reason = listed.some(names) ? "sharedAccounts lists it" : user && `"${user.name}" uses it too`;
      if (reason) {
        reportViolation(
          `${describe(resource)}: revokeOnDelete is set, but the account is shared (${reason}). Remove revokeOnDelete.`,
          resource.urn,
        );
      }
    }
  },
};
