import type { Answer } from "../answer";
import { missingApiVersion } from "../armError";
import type { State } from "../state";

/**
 * `GET /metadata/endpoints`: where a cloud's services are. azure-native, azurerm and the Azure CLI find login and ARM
 * endpoints through it when `ARM_METADATA_HOSTNAME` names a host. Shape seen in Azure/azure-cli#29283 and
 * manicminer/hamilton#169: one object since api-version 2022-09-01, a list of clouds before.
 *
 * Base URLs carry no trailing slash: clients append paths to them, and `<base>/.default` as a scope.
 */
export function metadata(apiVersion: string | null, { baseUrl }: State): Answer {
  if (!apiVersion) return missingApiVersion().answer;
  const cloud = {
    portal: baseUrl,
    authentication: {
      loginEndpoint: baseUrl,
      audiences: [baseUrl, `${baseUrl}/`],
      tenant: "common",
      identityProvider: "AAD",
    },
    media: baseUrl,
    graphAudience: baseUrl,
    graph: baseUrl,
    name: "Emulator",
    suffixes: {
      azureDataLakeStoreFileSystem: "localhost",
      acrLoginServer: "localhost",
      sqlServerHostname: "localhost",
      azureDataLakeAnalyticsCatalogAndJob: "localhost",
      keyVaultDns: "localhost",
      storage: "localhost",
      azureFrontDoorEndpointSuffix: "localhost",
    },
    batch: baseUrl,
    resourceManager: baseUrl,
    vmImageAliasDoc: baseUrl,
    activeDirectoryDataLake: baseUrl,
    sqlManagement: baseUrl,
    microsoftGraphResourceId: baseUrl,
    gallery: baseUrl,
  };
  return { status: 200, body: apiVersion >= "2022-09-01" ? cloud : [cloud] };
}
