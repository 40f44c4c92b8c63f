import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { KeyError } from "./keyError";
import { firstLine, loginTimeoutMs } from "./sharedCredential";

/** What `az account show` says of the subscription that is meant, and of the cloud it is in. */
export interface CliAccount {
  /** GUID. */
  id: string;
  environmentName: string;
}

/** @param subscriptionId GUID; the active subscription when it is empty */
export async function showCliAccount(subscriptionId: string): Promise<CliAccount> {
  const args = ["account", "show", "-o", "json", ...(subscriptionId ? ["--subscription", subscriptionId] : [])];
  try {
    const { stdout } = await promisify(execFile)("az", args, {
      timeout: loginTimeoutMs,
      shell: process.platform === "win32",
    });
    const account: CliAccount = JSON.parse(stdout);
    if (account.id && account.environmentName) return account;
    throw new Error("no subscription in the answer");
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    const reason = code === "ENOENT" ? "the Azure CLI is not installed or not on PATH" : stderr?.trim() || message;
    throw new KeyError(
      `no login is configured for azure-native, so the Azure CLI was asked ("az account show"): ${firstLine(reason)}. ` +
        'Run "az login", or set azure-native:clientId, clientSecret, tenantId and subscriptionId',
    );
  }
}
