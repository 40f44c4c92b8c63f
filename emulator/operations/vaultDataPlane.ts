import type { Answer } from "../answer";
import { decodeSegment } from "../decodeSegment";
import type { State } from "../state";
import type { SecretVersion, Vault } from "../vault";

/** Whom a bearer token must be for. */
const audience = "https://vault.azure.net";

/**
 * What a vault itself serves: *Get Secret*, by which a service reads at run time, the newest version unless one is named,
 * and *Delete Secret*, the only way to delete one: https://learn.microsoft.com/rest/api/keyvault/secrets
 */
export function vaultDataPlane(method: string, path: string, authorization: string | undefined, state: State): Answer {
  const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "";
  const session = state.findSession(token);
  if (session?.audience !== audience || session.expiresAt <= state.now()) return unauthorized(state);
  const [vaultName, , secretName = "", version] = path.split("/").slice(2).map(decodeSegment);
  const vault = state.vaults.find(({ name }) => name.toLowerCase() === vaultName.toLowerCase());
  const versions = vault?.versionsOf(secretName) ?? [];
  const found = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
  if (vault === undefined || found === undefined) return notFound(secretName);
  const { value, ...described } = describe(vault, secretName, found, state);
  if (method === "GET") return { status: 200, body: { value, ...described } };
  if (method !== "DELETE" || version !== undefined) return { status: 405 };
  vault.remove(secretName);
  return { status: 200, body: { recoveryId: `${vaultUrl(vault, state)}/deletedsecrets/${secretName}`, ...described } };
}

/** The URL of a secret that reads the newest version. */
export function secretUrl(vault: Vault, secretName: string, state: State): string {
  return `${vaultUrl(vault, state)}/secrets/${secretName}`;
}

/** Azure gives each vault a host name of its own; here it is a path, as with accounts. */
function vaultUrl(vault: Vault, { baseUrl }: State): string {
  return `${baseUrl}/vaults/${vault.name}`;
}

function describe(vault: Vault, secretName: string, found: SecretVersion, state: State): Record<string, unknown> {
  const { version, createdAt, attributes, ...written } = found;
  return {
    ...written,
    id: `${secretUrl(vault, secretName, state)}/${version}`,
    attributes: {
      enabled: true,
      ...attributes,
      created: createdAt,
      updated: createdAt,
      recoveryLevel: "Recoverable+Purgeable",
    },
  };
}

function unauthorized({ baseUrl, tenantId }: State): Answer {
  return {
    status: 401,
    headers: { "WWW-Authenticate": `Bearer authorization="${baseUrl}/${tenantId}", resource="${audience}"` },
    body: { error: { code: "Unauthorized", message: "The request has no valid token for this vault." } },
  };
}

function notFound(secretName: string): Answer {
  const message = `A secret with (name/id) ${secretName} was not found in this key vault.`;
  return { status: 404, body: { error: { code: "SecretNotFound", message } } };
}
