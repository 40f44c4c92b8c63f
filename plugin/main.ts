import { engineAddress } from "../provider/deploymentBoard";
import { endWithEngine } from "../provider/endWithEngine";
import { endWithParent } from "./endWithParent";
import { serve } from "./serve";

/** What the engine starts: it reads the port from the first line, and names its own address in the arguments. */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const port = await serve(args);
  endWithEngine();
  // Somebody who starts it by hand may leave it running.
  if (engineAddress(args) !== undefined) endWithParent();
  console.log(port);
}

void main();
