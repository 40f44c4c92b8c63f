import type { ArmOperation } from "../armOperation";
import type { State } from "../state";

/** The body that describes one subscription. */
export function describeSubscription(subscriptionId: string, state: State): Record<string, unknown> {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId,
    tenantId: state.tenantId,
    displayName: `Emulated subscription ${state.subscriptions.indexOf(subscriptionId) + 1}`,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}

/** `GET /subscriptions`: what `az login` asks for. */
export const listSubscriptions: ArmOperation = {
  name: "listSubscriptions",
  method: "GET",
  path: /^\/subscriptions$/i,
  bucket: "reads",
  answer(_request, state) {
    const value = state.subscriptions.map((subscriptionId) => describeSubscription(subscriptionId, state));
    return { status: 200, body: { value, count: { type: "Total", value: value.length } } };
  },
};
