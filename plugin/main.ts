import { engineAddress } from "../provider/deploymentBoard";
import { endWithEngine } from "../provider/endWithEngine";
import { endWithParent } from "./endWithParent";
import { Provider } from "./provider";
import { serve } from "./serve";

/** What the engine starts: it reads the port from the first line, and names its own address in the arguments. */
async function main(): Promise<void> {
  const engine = engineAddress(process.argv.slice(2));
  const { port } = await serve(new Provider(engine));
  endWithEngine();
  // Somebody who starts it by hand may leave it running.
  if (engine !== undefined) endWithParent();
  console.log(port);
}

void main();
