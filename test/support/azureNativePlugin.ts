/**
 * Stands in for the plugin of `@pulumi/azure-native`, which is a download from its vendor: serves the one resource type
 * `azure-native:cognitiveservices:Account`, over the ARM endpoint, tenant and client that the `ARM_*` variables name.
 * Naming, replacement and `__inputs` follow pulumi-azure-native's provider/pkg/provider/provider.go; configuration of an
 * explicit provider does not reach a `pulumi.provider.Provider`, and has no effect here.
 *
 * Prints the port that the engine is to attach to, and ends with whoever holds the other end of its stdin.
 */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";

/** What `@pulumi/azure-native` 3 uses for its `cognitiveservices.Account`. */
const apiVersion = "2025-06-01";
const replacing = ["accountName", "location", "resourceGroupName"];
const { ARM_METADATA_HOSTNAME, ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_SUBSCRIPTION_ID } = process.env;
const resourceManager = `https://${ARM_METADATA_HOSTNAME}`;

interface Inputs extends Record<string, unknown> {
  accountName?: string;
  /** An account with a name that was made up can be replaced before it is deleted. */
  __createBeforeDelete?: boolean;
}

/** The inputs as the last write had them: `olds` in `diff` are outputs. */
interface Outputs extends Record<string, unknown> {
  __inputs: Inputs;
}

const provider: pulumi.provider.Provider = {
  async check(urn: string, olds: Inputs, news: Inputs) {
    const [, , type, name] = urn.split("::");
    if (type.split("$").pop() !== "azure-native:cognitiveservices:Account") throw new Error(`not served here: ${type}`);
    const inputs: Inputs = withoutSecrets(news);
    if (inputs.accountName !== undefined) return { inputs };
    const accountName = olds.accountName ?? `${name}${randomBytes(4).toString("hex")}`;
    return { inputs: { ...inputs, accountName, __createBeforeDelete: true } };
  },

  async diff(_id: string, _urn: string, { __inputs: olds }: Outputs, news: Inputs) {
    const properties = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const changed = properties.filter((property) => !isDeepStrictEqual(olds[property], news[property]));
    const replaces = changed.filter((property) => replacing.includes(property));
    const deleteBeforeReplace = replaces.length > 0 && !olds.__createBeforeDelete;
    return { changes: changed.length > 0, replaces, deleteBeforeReplace };
  },

  async create(_urn: string, inputs: Inputs) {
    const { resourceGroupName, accountName } = inputs;
    return put(
      `/subscriptions/${ARM_SUBSCRIPTION_ID}/resourceGroups/${resourceGroupName}` +
        `/providers/Microsoft.CognitiveServices/accounts/${accountName}`,
      inputs,
    );
  },

  async update(id: string, _urn: string, _olds: Outputs, news: Inputs) {
    return put(id, news);
  },

  async read(id: string, _urn: string, { __inputs }: Outputs) {
    const account = await arm("GET", id);
    return account === undefined ? { id: "", props: {} } : { id, props: outputs(account, __inputs) };
  },

  async delete(id: string) {
    await arm("DELETE", id);
  },
};

async function put(id: string, inputs: Inputs): Promise<{ id: string; outs: Outputs }> {
  const { accountName, resourceGroupName, __createBeforeDelete, ...body } = inputs;
  const account = await arm("PUT", id, body);
  return { id: String(account?.id), outs: outputs(account, inputs) };
}

function outputs(account: Record<string, unknown> | undefined, __inputs: Inputs): Outputs {
  const { id, ...properties } = account ?? {};
  return { ...properties, azureApiVersion: apiVersion, __inputs };
}

/** One ARM call; `undefined` when there is nothing at this id, or nothing to say about it. */
async function arm(method: string, id: string, body?: object): Promise<Record<string, unknown> | undefined> {
  const response = await fetch(`${resourceManager}${id}?api-version=${apiVersion}`, {
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
  const response = await fetch(`${resourceManager}/${ARM_TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: String(ARM_CLIENT_ID),
      client_secret: String(ARM_CLIENT_SECRET),
      scope: `${resourceManager}/.default`,
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
