/** A provider plugin that calls nobody: what the engine and the protocol cost, whatever a plugin does. */
import { randomBytes, randomUUID } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { fromWire, outputsToWire } from "../plugin/wire";
import { endWithEngine } from "../provider/endWithEngine";

const newKey = () => randomBytes(63).toString("base64");
const subscriptionId = randomUUID();
const issuance = () => ({ rotatedAt: new Date().toISOString(), requestId: randomUUID() });

type Properties = Record<string, unknown>;

/** Outputs as many, as large and as secret as those of what is there. */
function created(inputs: Properties, isPair: boolean): { id: string; outputs: object } {
  const key = { subscriptionId, key: newKey(), keyFingerprint: "0123456789ab", keyName: "Key1" };
  if (isPair) {
    const previous = { previousKey: newKey(), previousKeyName: "Key2", rotationCount: 0 };
    return { id: String(inputs.accountName), outputs: { ...inputs, ...key, ...previous } };
  }
  const issued = inputs.rotationTrigger ? issuance() : {};
  return { id: `${inputs.accountName}/Key1`, outputs: { ...inputs, ...key, ...issued } };
}

function updated(inputs: Properties, before: Properties): object {
  const { key: previousKey, keyName: previousKeyName, previousKeyName: keyName } = before;
  const rotationCount = Number(before.rotationCount) + 1;
  return { ...before, ...inputs, key: newKey(), keyName, previousKey, previousKeyName, rotationCount, ...issuance() };
}

const isPair = (urn: string) => urn.includes("KeyPair");

const methods = {
  getPluginInfo: () => new PluginInfo(),
  configure: () => new messages.ConfigureResponse().setSupportspreview(true),
  check: (request: messages.CheckRequest) => new messages.CheckResponse().setInputs(request.getNews()),
  diff: (request: messages.DiffRequest) => {
    const [olds, news] = [fromWire(request.getOlds()), fromWire(request.getNews())];
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    const response = new messages.DiffResponse();
    if (olds.rotationTrigger === news.rotationTrigger) return response.setChanges(DIFF_NONE);
    if (!isPair(request.getUrn())) response.setReplacesList(["rotationTrigger"]);
    return response.setChanges(DIFF_SOME);
  },
  create: (request: messages.CreateRequest) => {
    const { id, outputs } = created(fromWire(request.getProperties()), isPair(request.getUrn()));
    return new messages.CreateResponse().setId(request.getPreview() ? "" : id).setProperties(outputsToWire(outputs));
  },
  update: (request: messages.UpdateRequest) =>
    new messages.UpdateResponse().setProperties(
      outputsToWire(updated(fromWire(request.getNews()), fromWire(request.getOlds()))),
    ),
  read: (request: messages.ReadRequest) =>
    new messages.ReadResponse()
      .setId(request.getId())
      .setProperties(outputsToWire(fromWire(request.getProperties())))
      .setInputs(request.getInputs()),
  delete: () => new Empty(),
};

function answering(method: (request: unknown) => unknown): grpc.handleUnaryCall<unknown, unknown> {
  return ({ request }, callback) => callback(null, method(request));
}

const server = new grpc.Server();
server.addService(
  ResourceProviderService,
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, answering(method as (request: unknown) => unknown)]),
  ),
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, port) => {
  endWithEngine();
  console.log(port);
});
