import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import { networkCauseOf } from "../networkCause";
import { loginHostAnswered, networkReason } from "../words";

/**
 * What the login host answered last. MSAL keeps it to itself where that was not what it expects: then all that its error
 * says is "network_error", or that a property is missing.
 */
export class LoginAnswers {
  private last: string | undefined;

  readonly policy: PipelinePolicy = {
    name: "noteLoginAnswer",
    sendRequest: async (request, next) => {
      try {
        const response = await next(request);
        this.last = loginHostAnswered(response.status);
        return response;
      } catch (error) {
        const { name, code } = error as { name?: string; code?: string };
        const networkCode = code ?? name ?? "unknown";
        this.last = networkReason(networkCauseOf(networkCode), networkCode);
        throw error;
      }
    },
  };

  /** The message of a login library, or what was answered where the message says nothing. */
  explain(message: string): string {
    const says = !/^(network_error|\[object Object\]|Response had no |No response)/.test(message);
    return says ? message : (this.last ?? message);
  }
}
