import { resourceNotFound } from "../armError";
import { type ArmOperation, containerAppPath } from "../armOperation";

/** *Container Apps - Get*: https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/get */
export const getContainerApp: ArmOperation = {
  name: "getContainerApp",
  method: "GET",
  path: containerAppPath(),
  action: "Microsoft.App/containerApps/read",
  bucket: "reads",
  answer({ subscriptionId, resourceGroup, containerAppName }, state) {
    state.requireGroup(subscriptionId, resourceGroup);
    const app = state.findContainerApp(subscriptionId, resourceGroup, containerAppName);
    if (app === undefined) throw resourceNotFound("Microsoft.App/containerApps", resourceGroup, containerAppName);
    return { status: 200, body: app.describe() };
  },
};
