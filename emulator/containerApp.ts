import { isDeepStrictEqual } from "node:util";
import { randomText } from "./accountKey";
import { ArmError } from "./armError";

interface EnvironmentVariable {
  name: string;
  value?: string;
  secretRef?: string;
}

/** The part of a container app that a caller writes with PUT. */
export interface WrittenContainerApp {
  location: string;
  tags?: unknown;
  identity?: unknown;
  properties: {
    environmentId?: string;
    configuration?: { secrets?: { name: string; value?: string }[] } & Record<string, unknown>;
    template?: { containers?: { name: string; env?: EnvironmentVariable[] }[] } & Record<string, unknown>;
  };
}

/** One revision, and what its containers were started with. */
export interface Revision {
  name: string;
  /** The variables of its containers, as these see them: with the values that secrets had when it started. */
  environment: Record<string, string>;
}

/** One container app, live. Whether its environment exists is not looked at. */
export class ContainerApp {
  /** All of them, the newest last; only that one runs. */
  readonly revisions: Revision[] = [];
  #written: WrittenContainerApp;

  constructor(
    readonly subscriptionId: string,
    readonly resourceGroup: string,
    readonly name: string,
    written: WrittenContainerApp,
  ) {
    this.#written = written;
    this.#startRevision(environmentOf(written));
  }

  get id(): string {
    return `/subscriptions/${this.subscriptionId}/resourceGroups/${this.resourceGroup}/providers/Microsoft.App/containerApps/${this.name}`;
  }

  /** The revision that runs. */
  get latest(): Revision {
    return this.revisions[this.revisions.length - 1];
  }

  /** The values of its secrets, which ARM does not give back. */
  get secrets(): Record<string, string> {
    return secretsOf(this.#written);
  }

  /**
   * Replaces what was written. A change of the template starts a new revision. A change of secrets starts none, and a
   * running one keeps the values it was started with: https://learn.microsoft.com/azure/container-apps/revisions
   */
  write(written: WrittenContainerApp): void {
    const environment = environmentOf(written);
    const isNew = !isDeepStrictEqual(written.properties.template, this.#written.properties.template);
    if (isNew) this.#startRevision(environment);
    this.#written = written;
  }

  #startRevision(environment: Record<string, string>): void {
    this.revisions.push({ name: `${this.name}--${randomText(7).toLowerCase()}`, environment });
  }

  /** The body of a GET or PUT answer: what was written, without the values of secrets, and what the service adds. */
  describe(): Record<string, unknown> {
    const { properties, ...envelope } = this.#written;
    const { configuration, ...others } = properties;
    return {
      id: this.id,
      name: this.name,
      type: "Microsoft.App/containerApps",
      ...envelope,
      properties: {
        ...others,
        configuration: { ...configuration, secrets: configuration?.secrets?.map(({ value, ...shown }) => shown) },
        provisioningState: "Succeeded",
        runningStatus: "Running",
        latestRevisionName: this.latest.name,
        latestReadyRevisionName: this.latest.name,
      },
    };
  }
}

function secretsOf({ properties }: WrittenContainerApp): Record<string, string> {
  return Object.fromEntries((properties.configuration?.secrets ?? []).map(({ name, value = "" }) => [name, value]));
}

function environmentOf(written: WrittenContainerApp): Record<string, string> {
  const secrets = secretsOf(written);
  const containers = written.properties.template?.containers ?? [];
  const variables = containers.flatMap(({ name: container, env = [] }) =>
    env.map(({ name, value = "", secretRef }) => {
      if (secretRef === undefined) return [name, value];
      if (!(secretRef in secrets)) throw secretRefNotFound(secretRef, container);
      return [name, secrets[secretRef]];
    }),
  );
  return Object.fromEntries(variables);
}

/** Code and wording from reports; the status is inferred. */
function secretRefNotFound(secretRef: string, container: string): ArmError {
  const message = `SecretRef '${secretRef}' defined for container '${container}' not found.`;
  return new ArmError(400, "ContainerAppSecretRefNotFound", message);
}
