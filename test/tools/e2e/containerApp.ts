import { isDeepStrictEqual } from "node:util";
import { type ArmOperation, resourcePath } from "../../../emulator/armOperation";

interface WrittenContainerApp {
  properties: {
    configuration: { secrets: { name: string; value: string }[] };
    template: { containers: { env: { name: string; value?: string; secretRef?: string }[] }[] };
  };
}

interface Revision {
  name: string;
  /** The variables of its containers, with the values that secrets had when it started. */
  environment: Record<string, string>;
}

/** One container app, for an emulator that shall have it: as much of it as `examples/container-app` needs. */
export class ContainerApp {
  /** Those that were started, the newest last; only that one runs. None once the app is deleted. */
  readonly revisions: Revision[] = [];
  readonly operations: readonly ArmOperation[];
  #template: unknown;

  constructor(resourceGroup: string, name: string) {
    const path = resourcePath(`Microsoft\\.App/containerApps/${name}`, resourceGroup);
    this.operations = [
      {
        name: "app.putContainerApp",
        method: "PUT",
        path,
        bucket: "writes",
        answer: ({ path: id, body }) => {
          this.#write(JSON.parse(body), name);
          const properties = { provisioningState: "Succeeded", latestRevisionName: this.revisions.at(-1)?.name };
          return { status: 200, body: { id, name, properties } };
        },
      },
      {
        name: "app.deleteContainerApp",
        method: "DELETE",
        path,
        bucket: "deletes",
        answer: () => {
          this.revisions.splice(0);
          return { status: 200 };
        },
      },
    ];
  }

  /**
   * A change of the template starts a new revision. A change of secrets starts none, and a running one keeps the values
   * it was started with: https://learn.microsoft.com/azure/container-apps/revisions
   */
  #write({ properties: { configuration, template } }: WrittenContainerApp, name: string): void {
    if (isDeepStrictEqual(template, this.#template)) return;
    this.#template = template;
    const secretValue = (secret?: string) => configuration.secrets.find((one) => one.name === secret)?.value ?? "";
    const variables = template.containers.flatMap(({ env }) => env);
    const environment = variables.map((one) => [one.name, one.value ?? secretValue(one.secretRef)]);
    this.revisions.push({
      name: `${name}--${this.revisions.length + 1}`,
      environment: Object.fromEntries(environment),
    });
  }
}
