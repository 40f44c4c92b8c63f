import type { Answer } from "./answer";

/**
 * A refusal in ARM's envelope. The wordings are those of the recordings and reports in test/emulator/recordings/
 * unless a line says otherwise.
 */
export class ArmError extends Error {
  readonly answer: Answer;

  /**
   * @param headers `x-ms-failure-cause: gateway` marks what ARM itself refused before the service was asked.
   */
  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.answer = { status, headers, body: { error: { code, message } } };
  }
}

const gateway = { "x-ms-failure-cause": "gateway" };

export function subscriptionNotFound(subscriptionId: string): ArmError {
  return new ArmError(404, "SubscriptionNotFound", `The subscription '${subscriptionId}' could not be found.`, gateway);
}

export function resourceGroupNotFound(resourceGroup: string): ArmError {
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${resourceGroup}' could not be found.`, gateway);
}

export function accountNotFound(resourceGroup: string, name: string): ArmError {
  const message =
    `The Resource 'Microsoft.CognitiveServices/accounts/${name}' under resource group '${resourceGroup}' was not found. ` +
    "For more details please go to https://aka.ms/ARMResourceNotFoundFix";
  return new ArmError(404, "ResourceNotFound", message, gateway);
}

export function authorizationFailed(client: string, objectId: string, action: string, scope: string): ArmError {
  const message =
    `The client '${client}' with object id '${objectId}' does not have authorization to perform action ` +
    `'${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your ` +
    "credentials.";
  return new ArmError(403, "AuthorizationFailed", message, gateway);
}

/** @param verb what failed: "list" is recorded, "regenerate" is inferred from it; no source quotes that answer. */
export function localAuthDisabled(verb: "list" | "regenerate"): ArmError {
  return new ArmError(400, "BadRequest", `Failed to ${verb} key. disableLocalAuth is set to be true`);
}

export function missingApiVersion(): ArmError {
  const message = "The api-version query parameter (?api-version=) is required for all requests.";
  return new ArmError(400, "MissingApiVersionParameter", message, gateway);
}

export function invalidApiVersion(apiVersion: string): ArmError {
  const message = `The api-version '${apiVersion}' is invalid. The emulator serves the versions of 2017 to 2026.`;
  return new ArmError(400, "InvalidApiVersionParameter", message, gateway);
}

export function invalidRequestContent(reason: string): ArmError {
  const message = `The request content was invalid and could not be deserialized: '${reason}'.`;
  return new ArmError(400, "InvalidRequestContent", message);
}

/** A 401 with the challenge that clients read. Wordings as issue threads quote them from ARM. */
export function unauthenticated(code: string, message: string, tenantUrl: string): ArmError {
  return new ArmError(401, code, message, {
    ...gateway,
    "WWW-Authenticate": `Bearer authorization_uri="${tenantUrl}", error="invalid_token", error_description="${message}"`,
  });
}
