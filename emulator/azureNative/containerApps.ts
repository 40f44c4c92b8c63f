import { basename, join } from "node:path/posix";
import { isDeepStrictEqual } from "node:util";
import { type ArmOperation, resourcePath } from "../armOperation";

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

class ContainerApp {
  /** Those that were started, the newest last; only that one runs. */
  readonly revisions: Revision[] = [];
  #template: unknown;

  /**
   * A change of the template starts a new revision. A change of secrets starts none, and a running one keeps the values
   * it was started with: https://learn.microsoft.com/azure/container-apps/revisions
   */
  write({ properties: { configuration, template } }: WrittenContainerApp, name: string): void {
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

/** Azure Container Apps, for an emulator that shall have it: as much of it as `examples/container-app` needs. */
export class ContainerApps {
  readonly operations: readonly ArmOperation[];
  readonly #apps = new Map<string, ContainerApp>();

  constructor() {
    const path = resourcePath("Microsoft\\.App/containerApps/[^/]+");
    this.operations = [
      {
        name: "app.putContainerApp",
        method: "PUT",
        path,
        bucket: "writes",
        answer: ({ path: id, resourceGroup, body }) => {
          const name = basename(id);
          const app = this.#apps.get(join(resourceGroup, name)) ?? new ContainerApp();
          this.#apps.set(join(resourceGroup, name), app);
          app.write(JSON.parse(body), name);
          const properties = { provisioningState: "Succeeded", latestRevisionName: app.revisions.at(-1)?.name };
          return { status: 200, body: { id, name, properties } };
        },
      },
      {
        name: "app.deleteContainerApp",
        method: "DELETE",
        path,
        bucket: "deletes",
        answer: ({ path: id, resourceGroup }) => {
          this.#apps.delete(join(resourceGroup, basename(id)));
          return { status: 200 };
        },
      },
    ];
  }

  /** What was started of an app, the newest last. None where the app does not exist. */
  revisions(resourceGroup: string, name: string): readonly Revision[] {
    return this.#apps.get(join(resourceGroup, name))?.revisions ?? [];
  }
}
