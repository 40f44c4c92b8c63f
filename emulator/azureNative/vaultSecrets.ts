import { randomBytes } from "node:crypto";
import { join } from "node:path/posix";
import { type ArmOperation, resourcePath } from "../armOperation";

interface SecretVersion {
  /** Where this version is read, and no other. */
  uri: string;
  value: string;
  tags?: Record<string, string>;
}

/** Secrets of key vaults, for an emulator that shall have them: as much of it as `examples/key-vault` needs. */
export class VaultSecrets {
  readonly operations: readonly ArmOperation[];
  /** The versions of each, the newest last. */
  readonly #secrets = new Map<string, SecretVersion[]>();

  constructor() {
    const path = resourcePath("Microsoft\\.KeyVault/vaults/[^/]+/secrets/[^/]+");
    this.operations = [
      {
        name: "vault.putSecret",
        method: "PUT",
        path,
        bucket: "writes",
        // https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets/create-or-update: ARM never gives the value back.
        answer: ({ path: id, resourceGroup, body }) => {
          const [vault, , secret] = id.split("/").slice(-3);
          const { properties, tags } = JSON.parse(body);
          const secretUri = `https://${vault}.vault.example/secrets/${secret}`;
          const uri = `${secretUri}/${randomBytes(16).toString("hex")}`;
          const version = { uri, value: properties.value, tags };
          this.#secrets.set(join(resourceGroup, vault, secret), [
            ...this.versions(resourceGroup, vault, secret),
            version,
          ]);
          return { status: 200, body: { id, tags, properties: { secretUri, secretUriWithVersion: uri } } };
        },
      },
      {
        // ARM has no such operation: azure-native asks the vault itself.
        name: "vault.deleteSecret",
        method: "DELETE",
        path,
        bucket: "deletes",
        answer: ({ path: id, resourceGroup }) => {
          const [vault, , secret] = id.split("/").slice(-3);
          this.#secrets.delete(join(resourceGroup, vault, secret));
          return { status: 200 };
        },
      },
    ];
  }

  /** What was written, the newest last. None where the secret does not exist. */
  versions(resourceGroup: string, vault: string, secret: string): readonly SecretVersion[] {
    return this.#secrets.get(join(resourceGroup, vault, secret)) ?? [];
  }

  /** What a service gets that reads there at run time: the newest version, or the one that the URI names. */
  read(uri: unknown): string | undefined {
    const versions = [...this.#secrets.values()].flat();
    return versions.filter((version) => version.uri === uri || version.uri.startsWith(`${uri}/`)).at(-1)?.value;
  }
}
