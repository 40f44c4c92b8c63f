import { invalidRequestContent } from "../armError";
import { type ArmOperation, secretPath } from "../armOperation";
import { parseJson } from "../parseJson";
import type { WrittenSecret } from "../vault";
import { describeSecret } from "./getSecret";

/**
 * *Secrets - Create Or Update*: https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets/create-or-update
 *
 * A right on the resource is enough: the vault's own rights and firewall are those of its data plane. There is no delete:
 * ARM disallows it (Azure/terraform-provider-azapi#879).
 */
export const putSecret: ArmOperation = {
  name: "putSecret",
  method: "PUT",
  path: secretPath(),
  action: "Microsoft.KeyVault/vaults/secrets/write",
  bucket: "writes",
  answer(request, state) {
    const vault = state.requireVault(request);
    const written = parseSecret(request.body);
    const isNew = vault.versionsOf(request.secretName).length === 0;
    vault.write(request.secretName, written, state.now());
    return { status: isNew ? 201 : 200, body: describeSecret(vault, request.secretName, state) };
  },
};

function parseSecret(body: string): WrittenSecret {
  const sent = parseJson(body) as { properties?: Partial<WrittenSecret>; tags?: Record<string, string> } | null;
  const { value, contentType, attributes } = sent?.properties ?? {};
  if (typeof value !== "string") throw invalidRequestContent("a secret has a value, which is text");
  // A property that was not sent must not come back as null or undefined.
  return JSON.parse(JSON.stringify({ value, contentType, attributes, tags: sent?.tags }));
}
