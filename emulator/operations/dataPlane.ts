import type { IncomingHttpHeaders } from "node:http";
import type { KeyName } from "../account";
import { randomText } from "../accountKey";
import type { Answer } from "../answer";
import { decodeSegment } from "../decodeSegment";
import type { State } from "../state";

/** One request to an account's own endpoint. */
export interface DataPlaneCall {
  method: string;
  resourceGroup: string;
  accountName: string;
  /** The path below the account's endpoint, without a leading slash. */
  path: string;
  /** The slot whose key was sent; absent when the key is dead or missing. */
  keyName?: KeyName;
  /** 0 where a fault gave no whole answer. */
  status: number;
}

/**
 * The key check in front of every data plane request, and just enough behind it to tell a live key from a dead one.
 * Both headers that Azure AI services read are taken. Wording: Azure/azure-sdk-for-net#44739. A new key can be refused
 * for a while: Azure/azure-cli#29674.
 */
export function dataPlane(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  state: State,
): { answer: Answer; call: DataPlaneCall } {
  const [group = "", qualifiedName = "", ...rest] = path.split("/").slice(2);
  const [accountName, subscriptionId = state.defaultSubscription] = qualifiedName.split("@");
  const resourceGroup = decodeSegment(group);
  const account = state.findAccount(subscriptionId, resourceGroup, accountName);
  const below = rest.join("/");
  const sent = headers["ocp-apim-subscription-key"] ?? headers["api-key"];
  const keyName = account?.slotOf(Array.isArray(sent) ? sent[0] : sent);
  const answer =
    account === undefined
      ? notFound()
      : account.localAuthDisabled
        ? localAuthDisabled()
        : keyName === undefined || account.ageOf(keyName, state.now()) < state.keyLag
          ? accessDenied()
          : serve(method, below);
  return { answer, call: { method, resourceGroup, accountName, path: below, keyName, status: answer.status } };
}

function serve(method: string, path: string): Answer {
  const operation = `${method} ${path}`.toLowerCase();
  if (operation === "get openai/models") return { status: 200, body: { object: "list", data: [] } };
  if (operation === "post sts/v1.0/issuetoken") {
    return { status: 200, headers: { "Content-Type": "application/jwt; charset=us-ascii" }, body: randomText(64) };
  }
  return notFound();
}

function accessDenied(): Answer {
  const message =
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an " +
    "active subscription and use a correct regional API endpoint for your resource.";
  return { status: 401, body: { error: { code: "401", message } } };
}

function localAuthDisabled(): Answer {
  const message = "Key based authentication is disabled for this resource.";
  return { status: 403, body: { error: { code: "AuthenticationTypeDisabled", message } } };
}

function notFound(): Answer {
  return { status: 404, body: { error: { code: "404", message: "Resource not found" } } };
}
