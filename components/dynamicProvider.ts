import { createHandlers } from "../provider";
import { deploymentBoard } from "../provider/deploymentBoard";
import { endWithEngine } from "../provider/endWithEngine";
import type { Handler } from "../provider/handler";
import { type AzureLogin, azureLogin } from "../provider/login/azureLogin";
import { settingReader } from "../provider/login/settings";

/** The part of `pulumi.dynamic.ConfigureRequest` that is used; nothing here needs `@pulumi/pulumi`. */
interface ConfigureRequest {
  config: { get(name: string): string | undefined };
}

let login: AzureLogin | undefined;

/** One set for the engine's provider process, which serves all dynamic resources of a deployment. */
const handlers = createHandlers({
  login: () => {
    login ??= azureLogin(settingReader(() => undefined, process.env));
    return login;
  },
  log: (line) => console.log(line),
  board: deploymentBoard(),
});

/** The host uses a provider before an async `configure` ends, so nothing here waits (pulumi's getProvider). */
function configure({ config }: ConfigureRequest): void {
  login ??= azureLogin(settingReader((name) => config.get(name), process.env));
  endWithEngine();
}

/** A handler as the provider text in every stack's state asks for it. */
type DynamicProvider = Handler & { configure: typeof configure };

/** The handler of `RotatingCognitiveAccountKey`. */
export const key: DynamicProvider = { configure, ...handlers.key };

/** The handler of `RotatingCognitiveAccountKeyPair`. */
export const keyPair: DynamicProvider = { configure, ...handlers.keyPair };
