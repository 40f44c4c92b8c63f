import type { ArmOperation } from "../armOperation";
import { describeSubscription } from "./listSubscriptions";

/** `GET /subscriptions/{id}` */
export const getSubscription: ArmOperation = {
  name: "getSubscription",
  method: "GET",
  path: /^\/subscriptions\/(?<subscriptionId>[^/]+)$/i,
  action: "Microsoft.Resources/subscriptions/read",
  bucket: "reads",
  answer({ subscriptionId }, state) {
    const known = state.subscriptions.find((id) => id.toLowerCase() === subscriptionId.toLowerCase());
    return { status: 200, body: describeSubscription(known ?? subscriptionId, state) };
  },
};
