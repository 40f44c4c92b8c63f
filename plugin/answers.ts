import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { FailureWithState, toKeyError } from "../provider/keyError";
import type { Provider } from "./provider";
import { wellFormed } from "./wellFormed";
import { outputsToWire } from "./wire";

/** What the engine asks of this provider; the protocol's other methods are answered as not implemented. */
const methods = [
  "attach",
  "cancel",
  "check",
  "checkConfig",
  "configure",
  "create",
  "delete",
  "diff",
  "getPluginInfo",
  "getSchema",
  "read",
  "update",
] as const satisfies readonly (keyof Provider)[];

type Method = (request: unknown) => Promise<unknown>;

/**
 * The methods as gRPC calls them. Every call is answered, whatever is thrown: where nothing is answered, `pulumi up` waits
 * for ever.
 */
export function answers(provider: Provider): grpc.UntypedServiceImplementation {
  return Object.fromEntries(methods.map((name) => [name, answering(provider[name].bind(provider) as Method)]));
}

function answering(method: Method): grpc.handleUnaryCall<unknown, unknown> {
  return async ({ request }, callback) => {
    try {
      callback(null, await method(request));
    } catch (error) {
      callback(failed(error));
    }
  };
}

function failed(thrown: unknown): Partial<grpc.StatusObject> {
  const error = toKeyError(thrown);
  const status = { code: grpc.status.UNKNOWN, details: wellFormed(error.message) };
  if (!(error instanceof FailureWithState)) return status;
  try {
    return { ...status, metadata: stateOf(error) };
  } catch (unwritable) {
    return { ...status, details: toKeyError(unwritable).message };
  }
}

/** What the engine keeps as the resource's outputs, as Go's gRPC adds it to a failure. */
function stateOf({ id, properties, reasons, message }: FailureWithState<object>): grpc.Metadata {
  const left = new ErrorResourceInitFailed();
  left.setId(id);
  left.setProperties(outputsToWire(properties));
  left.setReasonsList(reasons.map(wellFormed));
  const detail = new Any();
  detail.pack(left.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(wellFormed(message));
  status.addDetails(detail);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}
