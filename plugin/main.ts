import { engineAddress } from "../provider/deploymentBoard";
import { endWithEngine } from "../provider/endWithEngine";
import { toKeyError } from "../provider/keyError";
import { endWithParent } from "./endWithParent";
import { Provider } from "./provider";
import { serve } from "./serve";

/** What the engine starts: it reads the port from the first line, and names its own address in the arguments. */
async function main(): Promise<void> {
  const engine = engineAddress(process.argv.slice(2));
  const { port } = await serve(new Provider(engine));
  surviveFailures();
  endWithEngine();
  // Somebody who starts it by hand may leave it running.
  if (engine !== undefined) endWithParent();
  console.log(port);
}

/**
 * What fails outside of every call must not end the process in the middle of a rotation, as Node would have it. Nor is it
 * printed, as it may hold a key.
 */
function surviveFailures(): void {
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (thrown: unknown) => console.error(toKeyError(thrown).message));
  }
}

void main();
