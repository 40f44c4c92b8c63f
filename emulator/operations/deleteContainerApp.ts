import { type ArmOperation, containerAppPath } from "../armOperation";

/**
 * *Container Apps - Delete*: https://learn.microsoft.com/rest/api/resource-manager/containerapps/container-apps/delete
 *
 * 200 when the app existed, 204 when not.
 */
export const deleteContainerApp: ArmOperation = {
  name: "deleteContainerApp",
  method: "DELETE",
  path: containerAppPath(),
  action: "Microsoft.App/containerApps/delete",
  bucket: "deletes",
  answer({ subscriptionId, resourceGroup, containerAppName }, state) {
    state.requireGroup(subscriptionId, resourceGroup);
    const app = state.findContainerApp(subscriptionId, resourceGroup, containerAppName);
    if (app === undefined) return { status: 204 };
    state.removeContainerApp(app);
    return { status: 200 };
  },
};
