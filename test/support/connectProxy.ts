import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterTest } from "./hooks";

/** A proxy as `HTTPS_PROXY` names one: it opens a tunnel for each `CONNECT`, or refuses it, and nothing else. It is one test's. */
export class ConnectProxy {
  /** `host:port` of each `CONNECT`, in order of arrival. */
  readonly asked: string[] = [];
  /** The ports from which it has connected: what a server sees of its clients. */
  readonly ports: number[] = [];
  /** Answered in place of a tunnel, where it is set. */
  refusal: string | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((_, response) => response.writeHead(405).end());
    this.server.on("connection", (socket) => this.keep(socket));
    this.server.on("connect", (request, client: Socket) => {
      this.asked.push(request.url ?? "");
      if (this.refusal !== undefined) {
        client.end(`HTTP/1.1 ${this.refusal}\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const { hostname, port } = new URL(`tcp://${request.url}`);
      const server = connect(Number(port), hostname, () => {
        this.ports.push(server.localPort as number);
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        server.pipe(client).pipe(server);
      });
      this.keep(server);
    });
  }

  static async start(): Promise<ConnectProxy> {
    const proxy = new ConnectProxy();
    afterTest(() => proxy.stop());
    proxy.server.listen(0, "localhost");
    await once(proxy.server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy()).once("close", () => this.sockets.delete(socket));
  }
}
