import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Cloud } from "./clouds";
import { KeyError } from "./keyError";
import { firstLine, loginTimeoutMs } from "./sharedCredential";

/** What `az account show` says of the subscription that is meant, and of the cloud it is in. */
export interface CliAccount {
  /** GUID. */
  id: string;
  /** GUID: the tenant that vouches for the subscription. */
  tenantId?: string;
  environmentName: string;
}

/** @param subscriptionId GUID; the active subscription when it is empty */
export async function showCliAccount(subscriptionId: string): Promise<CliAccount> {
  const args = ["account", "show", ...(subscriptionId ? ["--subscription", subscriptionId] : [])];
  try {
    const account: CliAccount = await az(args);
    if (account.id && account.environmentName) return account;
    throw new Error("no subscription in the answer");
  } catch (error) {
    const other = subscriptionId ? ", correct azure-native:subscriptionId" : "";
    throw new KeyError(
      `no login is configured for azure-native, so the Azure CLI was asked ("az account show"): ${reasonOf(error)}. ` +
        `Run "az login"${other}, or set azure-native:clientId, clientSecret, tenantId and subscriptionId`,
    );
  }
}

/** The cloud that the Azure CLI is logged in to where its name is nobody else's, as `az cloud register` makes one. */
export async function showCliCloud(name: string): Promise<Cloud> {
  try {
    const { endpoints }: { endpoints?: Record<string, unknown> } = await az(["cloud", "show", "--name", name]);
    const [resourceManager, authorityHost, audience] = [
      "resourceManager",
      "activeDirectory",
      "activeDirectoryResourceId",
    ]
      .map((endpoint) => endpoints?.[endpoint])
      .map((url) => (typeof url === "string" ? url.replace(/\/+$/, "") : ""));
    if (!resourceManager || !authorityHost || !audience) throw new Error("the answer is without its endpoints");
    return { name, resourceManager, authorityHost, scope: `${audience}/.default`, dataPlaneHosts: [] };
  } catch (error) {
    throw new KeyError(
      `asking the Azure CLI about the cloud "${name}" that it is logged in to ("az cloud show"): ${reasonOf(error)}. ` +
        "Set azure-native:metadataHost (or ARM_METADATA_HOSTNAME) to the host that describes it",
    );
  }
}

async function az<T>(args: string[]): Promise<T> {
  // On Windows `az` is a script that a shell has to run, and one in the project's folder would come first.
  const unsafe = args.find((arg) => !/^[\w. -]+$/.test(arg));
  if (unsafe !== undefined) throw new Error(`"${firstLine(unsafe, 60)}" cannot be its argument`);
  const { stdout } = await promisify(execFile)("az", [...args, "-o", "json"], {
    timeout: loginTimeoutMs,
    ...(process.platform === "win32" && { shell: true, cwd: process.env.SystemRoot }),
  });
  return JSON.parse(stdout);
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  return firstLine(code === "ENOENT" ? "the Azure CLI is not installed or not on PATH" : stderr?.trim() || message);
}
