import { resourceNotFound } from "../armError";
import { type ArmOperation, secretPath } from "../armOperation";
import type { State } from "../state";
import type { Vault } from "../vault";
import { secretUrl } from "./vaultDataPlane";

/**
 * *Secrets - Get*: https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets/get
 *
 * ARM never gives the value back.
 */
export const getSecret: ArmOperation = {
  name: "getSecret",
  method: "GET",
  path: secretPath(),
  action: "Microsoft.KeyVault/vaults/secrets/read",
  bucket: "reads",
  answer(request, state) {
    const vault = state.requireVault(request);
    if (vault.versionsOf(request.secretName).length === 0) {
      throw resourceNotFound("Microsoft.KeyVault/vaults/secrets", request.resourceGroup, request.secretName);
    }
    return { status: 200, body: describeSecret(vault, request.secretName, state) };
  },
};

/** The body of a GET or PUT answer; that of the spec's example. */
export function describeSecret(vault: Vault, secretName: string, state: State): Record<string, unknown> {
  const versions = vault.versionsOf(secretName);
  const { version, createdAt, value, tags, attributes, ...properties } = versions[versions.length - 1];
  const secretUri = secretUrl(vault, secretName, state);
  return {
    id: `${vault.id}/secrets/${secretName}`,
    name: secretName,
    type: "Microsoft.KeyVault/vaults/secrets",
    location: vault.location,
    ...(tags && { tags }),
    properties: {
      ...properties,
      attributes: { enabled: true, ...attributes, created: createdAt, updated: createdAt },
      secretUri,
      secretUriWithVersion: `${secretUri}/${version}`,
    },
  };
}
