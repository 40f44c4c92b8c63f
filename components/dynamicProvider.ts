import { createHandlers } from "../provider";
import { deploymentBoard, engineAddress } from "../provider/deploymentBoard";
import { endWithEngine } from "../provider/endWithEngine";
import type { Handler } from "../provider/handler";
import type { AzureLogin } from "../provider/login/azureLogin";
import { type SettingReader, settingReader } from "../provider/login/settings";
import { takingOver } from "./takingOver";

const wayIn = { namespace: "azure-native" } as const;

/** The part of `pulumi.dynamic.ConfigureRequest` that is used; nothing here needs `@pulumi/pulumi`. */
interface ConfigureRequest {
  config: { get(name: string): string | undefined };
}

let setting: SettingReader | undefined;
let login: AzureLogin | undefined;

/** Loaded for the first call: a preview and an unchanged resource need no login. */
function currentLogin(): AzureLogin {
  const { azureLogin }: typeof import("../provider/login/azureLogin") = require("../provider/login/azureLogin");
  login ??= azureLogin(setting ?? settingReader(wayIn, () => undefined, process.env));
  return login;
}

/** One set for the engine's provider process, which serves all dynamic resources of a deployment. */
const handlers = createHandlers({
  login: currentLogin,
  log: (line) => console.log(line),
  board: deploymentBoard(engineAddress(process.argv.slice(2))),
});

/** The host uses a provider before an async `configure` ends, so nothing here waits (pulumi's getProvider). */
function configure({ config }: ConfigureRequest): void {
  setting ??= settingReader(wayIn, (name) => config.get(`${wayIn.namespace}:${name}`), process.env);
  endWithEngine();
}

/** A handler as the provider text in every stack's state asks for it (providerText.ts). */
type DynamicProvider = Handler & { configure: typeof configure };

/** The handler of `RotatingCognitiveAccountKey`. */
export const key: DynamicProvider = { configure, ...takingOver(handlers.key) };

/** The handler of `RotatingCognitiveAccountKeyPair`. */
export const keyPair: DynamicProvider = { configure, ...takingOver(handlers.keyPair) };
