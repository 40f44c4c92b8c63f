/**
 * Stands in for the plugin of `@pulumi/azure-native`, which is a download from its vendor: serves the resource types of
 * {@link types}, over the ARM endpoint, tenant and client that the `ARM_*` variables name. Naming, replacement and
 * `__inputs` follow pulumi-azure-native's provider/pkg/provider/provider.go; configuration of an explicit provider does not
 * reach a `pulumi.provider.Provider`, and has no effect here. Secret inputs stay secret on their way into state, and nothing is logged.
 *
 * Prints the port that the engine is to attach to, and ends with whoever holds the other end of its stdin.
 */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { version } from "@pulumi/azure-native/package.json";
import * as pulumi from "@pulumi/pulumi";

const { ARM_METADATA_HOSTNAME, ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_SUBSCRIPTION_ID } = process.env;
const cloud = `https://${ARM_METADATA_HOSTNAME}`;

interface ResourceType {
  /** What `@pulumi/azure-native` 3 uses for it. */
  apiVersion: string;
  /** Its id below the resource group. In braces the inputs that it is made of; the last one can be made up. */
  path: string;
  /** Inputs that replace it, beside those of its id. */
  replacing: readonly string[];
  /** Inputs and outputs that ARM does not have below `properties`; left out where azure-native has `properties` too. */
  envelope?: readonly string[];
}

const types: Record<string, ResourceType> = {
  "azure-native:cognitiveservices:Account": {
    apiVersion: "2025-06-01",
    path: "Microsoft.CognitiveServices/accounts/{accountName}",
    replacing: ["location"],
  },
  "azure-native:keyvault:Secret": {
    apiVersion: "2024-11-01",
    path: "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    replacing: [],
  },
  "azure-native:app:ContainerApp": {
    apiVersion: "2025-02-02-preview",
    path: "Microsoft.App/containerApps/{containerAppName}",
    replacing: ["location", "environmentId"],
    envelope: ["name", "type", "location", "tags", "identity", "systemData"],
  },
};

interface Inputs extends Record<string, unknown> {
  /** A resource with a name that was made up can be replaced before it is deleted. */
  __createBeforeDelete?: boolean;
}

/** The inputs as the last write had them, a secret: `olds` in `diff` are outputs. */
interface Outputs extends Record<string, unknown> {
  __inputs: Inputs;
}

const provider: pulumi.provider.Provider = {
  // The engine warns of a plugin that is older than the package.
  version,

  async check(urn: string, olds: Inputs, news: Inputs) {
    const name = namesIn(typeOf(urn)).pop() as string;
    if (news[name] !== undefined) return { inputs: news };
    const madeUp = olds[name] ?? `${urn.split("::").pop()}${randomBytes(4).toString("hex")}`;
    return { inputs: { ...news, [name]: madeUp, __createBeforeDelete: true } };
  },

  async diff(_id: string, urn: string, state: Outputs, inputs: Inputs) {
    const type = typeOf(urn);
    const olds = withoutSecrets(state.__inputs);
    const news = withoutSecrets(inputs);
    const properties = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const changed = properties.filter((property) => !isDeepStrictEqual(olds[property], news[property]));
    const replacing = ["resourceGroupName", ...namesIn(type), ...type.replacing];
    const replaces = changed.filter((property) => replacing.includes(property));
    const deleteBeforeReplace = replaces.length > 0 && !olds.__createBeforeDelete;
    return { changes: changed.length > 0, replaces, deleteBeforeReplace };
  },

  async create(urn: string, secretInputs: Inputs) {
    const inputs = withoutSecrets(secretInputs);
    const below = typeOf(urn).path.replace(/\{(\w+)\}/g, (_, name) => String(inputs[name]));
    const group = `/subscriptions/${ARM_SUBSCRIPTION_ID}/resourceGroups/${inputs.resourceGroupName}`;
    return put(`${group}/providers/${below}`, typeOf(urn), inputs);
  },

  async update(id: string, urn: string, _olds: Outputs, news: Inputs) {
    return put(id, typeOf(urn), withoutSecrets(news));
  },

  async read(id: string, urn: string, { __inputs }: Outputs) {
    const type = typeOf(urn);
    const found = await arm("GET", id, type);
    return found === undefined ? { id: "", props: {} } : { id, props: outputs(found, type, withoutSecrets(__inputs)) };
  },

  async delete(id: string, urn: string) {
    await arm("DELETE", id, typeOf(urn));
  },
};

function typeOf(urn: string): ResourceType {
  const name = urn.split("::")[2].split("$").pop() as string;
  if (!(name in types)) throw new Error(`not served here: ${name}`);
  return types[name];
}

/** The inputs that an id is made of. */
function namesIn({ path }: ResourceType): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
}

async function put(id: string, type: ResourceType, inputs: Inputs): Promise<{ id: string; outs: Outputs }> {
  const inId = ["resourceGroupName", "__createBeforeDelete", ...namesIn(type)];
  const { envelope } = type;
  const body: Record<string, unknown> = {};
  const properties: Record<string, unknown> = envelope === undefined ? body : {};
  for (const [name, value] of Object.entries(inputs)) {
    if (inId.includes(name)) continue;
    if (envelope?.includes(name)) body[name] = value;
    else properties[name] = value;
  }
  if (envelope !== undefined) body.properties = properties;
  const written = (await arm("PUT", id, type, body)) ?? {};
  return { id: String(written.id), outs: outputs(written, type, inputs) };
}

function outputs(resource: Record<string, unknown>, { apiVersion, envelope }: ResourceType, inputs: Inputs): Outputs {
  const { id, properties, ...others } = resource;
  const { specialSigKey, specialSecretSig } = pulumi.runtime;
  const __inputs = { [specialSigKey]: specialSecretSig, value: inputs };
  const flat = envelope === undefined ? { properties } : (properties as Record<string, unknown>);
  return { ...others, ...flat, azureApiVersion: apiVersion, __inputs };
}

/** One call; `undefined` when there is nothing of this id, or nothing to say about it. */
async function arm(
  method: string,
  id: string,
  { apiVersion }: ResourceType,
  body?: object,
): Promise<Record<string, unknown> | undefined> {
  const response = await fetch(`${cloud}${id}?api-version=${apiVersion}`, {
    method,
    headers: { Authorization: `Bearer ${await login()}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const answer = await response.text();
  if (response.status === 404 && method !== "PUT") return undefined;
  if (!response.ok) throw new Error(`${method} ${id}: ${response.status} ${answer}`);
  return answer === "" ? undefined : JSON.parse(answer);
}

async function login(): Promise<string> {
  const response = await fetch(`${cloud}/${ARM_TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: String(ARM_CLIENT_ID),
      client_secret: String(ARM_CLIENT_SECRET),
      scope: `${cloud}/.default`,
    }),
  });
  if (!response.ok) throw new Error(`login: ${response.status} ${await response.text()}`);
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

/** The engine marks secrets, at any depth, with an object around the value. */
function withoutSecrets<T>(value: T): T {
  if (pulumi.runtime.isRpcSecret(value)) return withoutSecrets(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(withoutSecrets) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)])) as T;
}

process.stdin.resume().once("close", () => process.exit());
pulumi.provider.main(provider, []);
