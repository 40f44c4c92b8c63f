/** A provider plugin that calls nobody: what the engine and the protocol cost, whatever a plugin does. */
import { randomBytes, randomUUID } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { fromWire, outputsToWire } from "../plugin/wire";
import { endWithEngine } from "../provider/endWithEngine";

const newKey = () => randomBytes(63).toString("base64");
const subscriptionId = randomUUID();

/** Outputs as many, as large and as secret as those of a pair. */
function pair(inputs: object, before?: Record<string, unknown>): object {
  if (before === undefined) {
    const keys = { key: newKey(), keyName: "Key1", previousKey: newKey(), previousKeyName: "Key2" };
    return { ...inputs, ...keys, subscriptionId, keyFingerprint: "0123456789ab", rotationCount: 0 };
  }
  const { key: previousKey, keyName: previousKeyName, previousKeyName: keyName } = before;
  const issuance = { rotatedAt: new Date().toISOString(), rotationCount: 1, requestId: randomUUID() };
  return { ...before, ...inputs, key: newKey(), keyName, previousKey, previousKeyName, ...issuance };
}

const methods = {
  getPluginInfo: () => new PluginInfo(),
  configure: () => new messages.ConfigureResponse().setSupportspreview(true),
  check: (request: messages.CheckRequest) => new messages.CheckResponse().setInputs(request.getNews()),
  diff: (request: messages.DiffRequest) => {
    const [olds, news] = [fromWire(request.getOlds()), fromWire(request.getNews())];
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    return new messages.DiffResponse().setChanges(
      olds.rotationTrigger === news.rotationTrigger ? DIFF_NONE : DIFF_SOME,
    );
  },
  create: (request: messages.CreateRequest) =>
    new messages.CreateResponse()
      .setId(request.getPreview() ? "" : "trivial")
      .setProperties(outputsToWire(pair(fromWire(request.getProperties())))),
  update: (request: messages.UpdateRequest) =>
    new messages.UpdateResponse().setProperties(
      outputsToWire(pair(fromWire(request.getNews()), fromWire(request.getOlds()))),
    ),
  read: (request: messages.ReadRequest) =>
    new messages.ReadResponse()
      .setId(request.getId())
      .setProperties(outputsToWire(fromWire(request.getProperties())))
      .setInputs(request.getInputs()),
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
