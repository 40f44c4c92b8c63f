import { ArmError } from "../armError";
import { type ArmOperation, containerAppPath } from "../armOperation";
import { ContainerApp, type WrittenContainerApp } from "../containerApp";
import { parseJson } from "../parseJson";

/**
 * *Container Apps - Create Or Update*:
 * https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/create-or-update
 *
 * Done at once, so a client that polls finds `Succeeded` in the first answer.
 */
export const putContainerApp: ArmOperation = {
  name: "putContainerApp",
  method: "PUT",
  path: containerAppPath(),
  action: "Microsoft.App/containerApps/write",
  bucket: "writes",
  answer({ subscriptionId, resourceGroup, containerAppName, body }, state) {
    state.requireGroup(subscriptionId, resourceGroup);
    const written = parseContainerApp(body);
    const present = state.findContainerApp(subscriptionId, resourceGroup, containerAppName);
    present?.write(written);
    const app = present ?? new ContainerApp(subscriptionId, resourceGroup, containerAppName, written);
    if (present === undefined) state.addContainerApp(app);
    return { status: present ? 200 : 201, body: app.describe() };
  },
};

function parseContainerApp(body: string): WrittenContainerApp {
  const sent = parseJson(body) as Partial<WrittenContainerApp> | null;
  const { location, tags, identity, properties = {} } = sent ?? {};
  if (typeof location !== "string") {
    throw new ArmError(400, "LocationRequired", "The location property is required for this definition.");
  }
  // A property that was not sent must not come back as null or undefined.
  return JSON.parse(JSON.stringify({ location, tags, identity, properties }));
}
