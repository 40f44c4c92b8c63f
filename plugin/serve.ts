import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { answers } from "./answers";
import { channelOptions } from "./channelOptions";
import type { Provider } from "./provider";

/** Serves a provider. @returns the server, and its port on 127.0.0.1 */
export async function serve(provider: Provider): Promise<{ server: grpc.Server; port: number }> {
  const server = new grpc.Server(channelOptions);
  server.addService(ResourceProviderService, answers(provider));
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve({ server, port }),
    ),
  );
}
