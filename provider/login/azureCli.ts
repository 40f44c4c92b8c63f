import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Cloud, httpsUrl, scopeOf } from "../azure/clouds";
import { KeyError } from "../keyError";
import { cliReasons, noAnswerWithin, noCliCloud, noCliLogin, notJson, type WayIn } from "../words";
import { firstLine } from "./sharedCredential";

/** What `az account show` says of the subscription that is meant, and of the cloud it is in. */
export interface CliAccount {
  /** GUID. */
  id: string;
  /** GUID: the tenant that vouches for the subscription. */
  tenantId?: string;
  environmentName: string;
}

/** @param subscriptionId GUID or name; the active subscription when it is empty */
export async function showCliAccount(subscriptionId: string, wayIn: WayIn, timeoutMs: number): Promise<CliAccount> {
  const args = ["account", "show", ...(subscriptionId ? ["--subscription", subscriptionId] : [])];
  try {
    const account: CliAccount = await az(args, timeoutMs);
    if (isText(account.id) && isText(account.environmentName)) return account;
    throw new Error(cliReasons.noSubscription);
  } catch (error) {
    const reason = reasonOf(error, timeoutMs);
    throw new KeyError(noCliLogin(wayIn, reason, { late: isLate(error), named: subscriptionId !== "" }));
  }
}

/** The cloud that the Azure CLI is logged in to where its name is nobody else's, as `az cloud register` makes one. */
export async function showCliCloud(name: string, wayIn: WayIn, timeoutMs: number): Promise<Cloud> {
  try {
    const args = ["cloud", "show", "--name", name];
    const { endpoints }: { endpoints?: Record<string, unknown> } = await az(args, timeoutMs);
    const [resourceManager, activeDirectory, audience] = [
      "resourceManager",
      "activeDirectory",
      "activeDirectoryResourceId",
    ].map((endpoint) => endpoints?.[endpoint]);
    if (!isText(resourceManager) || !isText(activeDirectory) || !isText(audience))
      throw new Error(cliReasons.noEndpoints);
    return {
      name,
      resourceManager: httpsUrl(resourceManager, "resourceManager"),
      authorityHost: httpsUrl(activeDirectory, "activeDirectory"),
      scope: scopeOf(audience),
      // Neither the CLI nor metadata has a suffix for them.
      dataPlaneHosts: [],
    };
  } catch (error) {
    throw new KeyError(noCliCloud(wayIn, reasonOf(error, timeoutMs), name));
  }
}

async function az<T>(args: string[], timeoutMs: number): Promise<T> {
  // On Windows `az` is a script that a shell has to run, and one in the project's folder would come first.
  if (!args.every((arg) => /^[\w. -]+$/.test(arg))) {
    throw new Error(cliReasons.argument);
  }
  const { stdout } = await promisify(execFile)("az", [...args, "-o", "json"], {
    timeout: timeoutMs,
    ...(process.platform === "win32" && { shell: true, cwd: process.env.SystemRoot }),
  });
  return JSON.parse(stdout) ?? {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Whether the CLI was ended because its time was up; Node says only that the command failed. */
function isLate(error: unknown): boolean {
  return (error as { killed?: boolean }).killed === true;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (isLate(error)) return noAnswerWithin(timeoutMs);
  if (error instanceof SyntaxError) return notJson;
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  return firstLine(code === "ENOENT" ? cliReasons.notInstalled : stderr?.trim() || message);
}
