import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { afterTest } from "../support/hooks";

/** A line that a provider has written. */
export interface Line {
  urn: string;
  severity: string;
  message: string;
}

/** The part of the engine that a provider calls: it takes lines. */
export class FakeEngine {
  readonly lines: Line[] = [];
  /** What happens before a line counts as received. @default nothing */
  receive: () => Promise<void> = async () => {};

  private constructor(
    readonly address: string,
    private readonly server: grpc.Server,
  ) {}

  static async start(): Promise<FakeEngine> {
    const server = new grpc.Server();
    const log: grpc.handleUnaryCall<LogRequest, Empty> = async ({ request }, answer) => {
      await engine.receive();
      const severity = Object.entries(LogSeverity).find(([, number]) => number === request.getSeverity())?.[0];
      engine.lines.push({ urn: request.getUrn(), severity: String(severity), message: request.getMessage() });
      answer(null, new Empty());
    };
    server.addService(EngineService, { log });
    const credentials = grpc.ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    const engine = new FakeEngine(`127.0.0.1:${port}`, server);
    afterTest(() => engine.stop());
    return engine;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  /** The messages of the lines of one resource. */
  linesOf(urn: string): string[] {
    return this.lines.filter((line) => line.urn === urn).map(({ message }) => message);
  }
}
