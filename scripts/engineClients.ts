/**
 * For a process that runs the programs of several commands of Automation API. The SDK never closes its clients of an engine
 * that has ended, and grpc-js lends what they have, a refused connection, to every new client of the same port. An engine that
 * got the port again was not found by its program: the command failed or, worse, succeeded without a resource. Here each
 * client keeps its connections to itself.
 *
 * SDKs that do not export these options, 3.142.0 among them, are left as they are.
 *
 * @param load requires from where the program gets its SDK
 */
export function keepConnectionsApart(load: NodeJS.Require): void {
  const { grpcChannelOptions, grpcClientOptions } = load("@pulumi/pulumi/runtime/settings");
  for (const options of [grpcChannelOptions, grpcClientOptions]) {
    if (options) options["grpc.use_local_subchannel_pool"] = 1;
  }
}
