import { setTimeout as sleep } from "node:timers/promises";
import { ArmAccountKeys } from "./accountKeys";
import { type AzureLogin, azureLogin, settingReader } from "./credentials";
import { KeyHandler } from "./key";
import { toKeyError } from "./keyError";
import { Rotation } from "./rotation";
import { Slots } from "./slots";

/** The part of `pulumi.dynamic.ConfigureRequest` that is used; no file here imports `@pulumi/pulumi`. */
interface ConfigureRequest {
  config: { get(name: string): string | undefined };
}

let login: AzureLogin | undefined;

function currentLogin(): AzureLogin {
  login ??= azureLogin(settingReader(() => undefined, process.env));
  return login;
}

const log = (line: string): void => console.log(line);

const rotation = new Rotation({
  keys: new ArmAccountKeys(
    () => currentLogin().cloud(),
    () => currentLogin().credential(),
  ),
  now: Date.now,
  sleep: (ms) => sleep(ms),
  random: Math.random,
  log,
});

const handler = new KeyHandler({
  rotation,
  slots: new Slots(),
  defaultSubscription: () => currentLogin().defaultSubscription(),
  now: Date.now,
  log,
});

/** The host uses a provider before an async `configure` ends, so nothing here waits (pulumi's getProvider). */
function configure({ config }: ConfigureRequest): void {
  login ??= azureLogin(settingReader((name) => config.get(name), process.env));
}

/** Every error that leaves goes through one place, where frames and foreign texts are taken off. */
function guarded<A extends unknown[], R>(method: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) =>
    method(...args).catch((error) => {
      throw toKeyError(error);
    });
}

/** The handler of `RotatingCognitiveAccountKey`, which the provider text in every stack's state asks for. */
export const key = {
  configure,
  check: guarded(handler.check.bind(handler)),
  diff: guarded(handler.diff.bind(handler)),
  create: guarded(handler.create.bind(handler)),
  update: guarded(handler.update.bind(handler)),
  read: guarded(handler.read.bind(handler)),
  delete: guarded(handler.delete.bind(handler)),
};
