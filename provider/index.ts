import { setTimeout as sleep } from "node:timers/promises";
import { ArmAccountKeys } from "./azure/armAccountKeys";
import { HttpDataPlane } from "./azure/httpDataPlane";
import type { Context } from "./context";
import { deploymentBoard } from "./deploymentBoard";
import { Slots } from "./deploymentMemory";
import { endWithEngine } from "./endWithEngine";
import { KeyHandler } from "./key";
import { toKeyError } from "./keyError";
import { KeyPairHandler } from "./keyPair";
import { type AzureLogin, azureLogin } from "./login/azureLogin";
import { settingReader } from "./login/settings";
import { Acceptance } from "./rotation/acceptance";
import { Rotation } from "./rotation/rotation";

/** The part of `pulumi.dynamic.ConfigureRequest` that is used; no file here imports `@pulumi/pulumi`. */
interface ConfigureRequest {
  config: { get(name: string): string | undefined };
}

let login: AzureLogin | undefined;

function currentLogin(): AzureLogin {
  login ??= azureLogin(settingReader(() => undefined, process.env));
  return login;
}

const world = {
  now: Date.now,
  sleep: (ms: number): Promise<void> => sleep(ms),
  log: (line: string): void => console.log(line),
};
const cloud = () => currentLogin().cloud();

const context: Context = {
  ...world,
  rotation: new Rotation({
    ...world,
    keys: new ArmAccountKeys(cloud, () => currentLogin().credential()),
    random: Math.random,
  }),
  acceptance: new Acceptance({ ...world, dataPlane: new HttpDataPlane(), cloud }),
  slots: new Slots(deploymentBoard()),
  defaultSubscription: () => currentLogin().defaultSubscription(),
};

/** The host uses a provider before an async `configure` ends, so nothing here waits (pulumi's getProvider). */
function configure({ config }: ConfigureRequest): void {
  login ??= azureLogin(settingReader((name) => config.get(name), process.env));
  endWithEngine();
}

type Method = (...args: never[]) => Promise<unknown>;

/** What the engine asks of a handler, which checks itself what it is given. */
interface Handler {
  check(olds: never, news: never): Promise<unknown>;
  diff(id: string, olds: never, news: never): Promise<unknown>;
  create(inputs: never): Promise<unknown>;
  update(id: string, olds: never, news: never): Promise<unknown>;
  read(id: string, props: never): Promise<unknown>;
  delete(id: string, props: never): Promise<unknown>;
}

/** Every error that leaves goes through one place, where frames and foreign texts are taken off. */
function guarded<M extends Method>(method: M): M {
  const guard = (...args: Parameters<M>) =>
    method(...args).catch((error) => {
      throw toKeyError(error);
    });
  return guard as M;
}

/** A handler as the provider text in every stack's state asks for it. */
type Served = Handler & { configure: typeof configure };

function served(handler: Handler): Served {
  return {
    configure,
    check: guarded(handler.check.bind(handler)),
    diff: guarded(handler.diff.bind(handler)),
    create: guarded(handler.create.bind(handler)),
    update: guarded(handler.update.bind(handler)),
    read: guarded(handler.read.bind(handler)),
    delete: guarded(handler.delete.bind(handler)),
  };
}

/** The handler of `RotatingCognitiveAccountKey`. */
export const key: Served = served(new KeyHandler(context));

/** The handler of `RotatingCognitiveAccountKeyPair`. */
export const keyPair: Served = served(new KeyPairHandler(context));
