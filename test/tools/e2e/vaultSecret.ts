import { randomBytes } from "node:crypto";
import { type ArmOperation, resourcePath } from "../../../emulator/armOperation";

interface SecretVersion {
  /** Where this version is read, and no other. */
  uri: string;
  value: string;
  tags?: Record<string, string>;
}

/** One secret of a key vault, for an emulator that shall have it: as much of it as `examples/key-vault` needs. */
export class VaultSecret {
  /** Where the newest version is read. */
  readonly uri: string;
  /** What was written, the newest last. */
  readonly versions: SecretVersion[] = [];
  readonly operations: readonly ArmOperation[];

  constructor(resourceGroup: string, vaultName: string, secretName: string) {
    this.uri = `https://${vaultName}.vault.example/secrets/${secretName}`;
    const path = resourcePath(`Microsoft\\.KeyVault/vaults/${vaultName}/secrets/${secretName}`, resourceGroup);
    this.operations = [
      {
        name: "vault.putSecret",
        method: "PUT",
        path,
        bucket: "writes",
        // https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets/create-or-update: ARM never gives the value back.
        answer: ({ path: id, body }) => {
          const { properties, tags } = JSON.parse(body);
          const uri = `${this.uri}/${randomBytes(16).toString("hex")}`;
          this.versions.push({ uri, value: properties.value, tags });
          return { status: 200, body: { id, tags, properties: { secretUri: this.uri, secretUriWithVersion: uri } } };
        },
      },
      {
        // ARM has no such operation: azure-native asks the vault itself.
        name: "vault.deleteSecret",
        method: "DELETE",
        path,
        bucket: "deletes",
        answer: () => {
          this.versions.splice(0);
          return { status: 200 };
        },
      },
    ];
  }

  /** What a service gets that reads there at run time. */
  read(uri: unknown): string | undefined {
    const found = uri === this.uri ? this.versions.at(-1) : this.versions.find((version) => version.uri === uri);
    return found?.value;
  }
}
