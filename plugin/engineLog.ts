import { AsyncLocalStorage } from "node:async_hooks";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { channelOptions } from "./channelOptions";
import { wellFormed } from "./wellFormed";

/** A call of the engine: the resource it is about, and the lines that it has written so far. */
interface Call {
  urn: string;
  lines: Promise<void>[];
}

/** Which call this is. One for all: each such storage costs time at every promise of the process, and is never given back. */
const calls = new AsyncLocalStorage<Call>();
const warning = "warning: ";
/** So that an engine that is gone keeps nobody waiting. */
const secondsForALine = 5;

/** Shows lines at the resource that they are about. */
export class EngineLog {
  private engine: EngineClient | undefined;

  /** @param address of the engine */
  connect(address: string): void {
    this.engine = new EngineClient(address, grpc.credentials.createInsecure(), channelOptions);
  }

  /** Runs a call. It ends when its lines have arrived: the engine drops those that come after its last call. */
  async during<T>(urn: string, call: () => Promise<T>): Promise<T> {
    const lines: Promise<void>[] = [];
    try {
      return await calls.run({ urn, lines }, call);
    } finally {
      await Promise.all(lines);
    }
  }

  /** One that begins with "warning: " is shown as a warning. */
  write(line: string): void {
    const call = calls.getStore();
    const request = new LogRequest();
    request.setUrn(call?.urn ?? "");
    const isWarning = line.startsWith(warning);
    request.setSeverity(isWarning ? LogSeverity.WARNING : LogSeverity.INFO);
    request.setMessage(wellFormed(isWarning ? line.slice(warning.length) : line));
    call?.lines.push(this.send(request));
  }

  private send(request: LogRequest): Promise<void> {
    const { engine } = this;
    if (engine === undefined) return Promise.resolve();
    const deadline = Date.now() + secondsForALine * 1000;
    return new Promise((resolve) => engine.log(request, new grpc.Metadata(), { deadline }, () => resolve()));
  }
}
