import { engineAddress } from "../provider/deploymentBoard";
import { endWithEngine } from "../provider/endWithEngine";
import { Provider } from "./provider";
import { serve } from "./serve";

/** What the engine starts: it reads the port from the first line, and names its own address in the arguments. */
async function main(): Promise<void> {
  const { port } = await serve(new Provider(engineAddress(process.argv.slice(2))));
  endWithEngine();
  console.log(port);
}

void main();
