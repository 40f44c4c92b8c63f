import { Socket } from "node:net";

/**
 * Ends this process when the engine is gone. One that ends by itself sees to that; one that is killed cannot, and an
 * attempt that still waits here would later end the key that the next `pulumi up` has published.
 */
export function endWithEngine({ stdin, exit }: Pick<NodeJS.Process, "stdin" | "exit"> = process): void {
  // The engine holds the other end of a pipe. Whoever starts a provider by hand may give it a terminal, or nothing.
  if (!(stdin instanceof Socket) || stdin.isTTY) return;
  stdin.once("close", () => exit()).resume();
  stdin.unref();
}
