import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { engineAddress } from "../provider/deploymentBoard";
import { answers } from "./answers";
import { channelOptions } from "./channelOptions";
import { Provider } from "./provider";

/** Serves one provider. @param args as the engine gives them to a plugin @returns the port on 127.0.0.1 */
export async function serve(args: readonly string[]): Promise<number> {
  const server = new grpc.Server(channelOptions);
  server.addService(ResourceProviderService, answers(new Provider(engineAddress(args))));
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}
