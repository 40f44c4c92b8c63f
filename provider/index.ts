import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { ArmAccountKeys } from "./azure/armAccountKeys";
import { HttpDataPlane } from "./azure/httpDataPlane";
import { carriedOver } from "./carriedOver";
import { createContext } from "./context";
import type { Board } from "./deploymentBoard";
import type { Handler } from "./handler";
import { KeyHandler } from "./key";
import { FailureWithState, KeyError, toKeyError } from "./keyError";
import { KeyPairHandler } from "./keyPair";
import type { AzureLogin } from "./login/azureLogin";
import { interruptedEarly } from "./words";

/** What a way in gives its handlers: one of each, and nothing of them is shared with other handlers. */
export interface ProviderOptions {
  /** Who calls Azure. Asked at each call, so that it may be configured after the handlers are made. */
  login(): AzureLogin;
  /** Tells the person who waits; never gets a key. */
  log(line: string): void;
  /** Ends waits: a key that was obtained is kept, and no other one is renewed. @default never */
  signal?: AbortSignal;
  /** What the deployment's other provider processes do. @default there are none */
  board?: Board;
}

/** The handlers of `RotatingCognitiveAccountKey` and `RotatingCognitiveAccountKeyPair`. */
export interface Handlers {
  key: Handler;
  keyPair: Handler;
}

/** The core of both ways in: dynamic resources, and the plugin. */
export function createHandlers({ login, log, signal, board }: ProviderOptions): Handlers {
  // Node warns of more than ten, and any number of resources may wait.
  if (signal !== undefined) setMaxListeners(0, signal);
  const cloud = () => login().cloud();
  const arm = new ArmAccountKeys(cloud, () => login().credential());
  const context = createContext({
    keys: {
      listKeys: (...call) => arm.listKeys(...call),
      // A call may have waited for its turn, behind another one of the same account.
      regenerateKey: async (...call) => (signal?.aborted ? { kind: "interrupted" } : arm.regenerateKey(...call)),
    },
    dataPlane: new HttpDataPlane(),
    cloud,
    defaultSubscription: () => login().defaultSubscription(),
    log,
    board,
    now: Date.now,
    sleep: (ms) =>
      delay(ms, undefined, { signal }).catch(() => {
        throw new KeyError(interruptedEarly);
      }),
    random: Math.random,
  });
  return { key: guarded(new KeyHandler(context)), keyPair: guarded(new KeyPairHandler(context)) };
}

type Method = (...args: never[]) => Promise<unknown>;

/**
 * Every error that leaves goes through one place, where frames and foreign texts are taken off; and so do the outputs that
 * may hold a secret of the program that the engine does not know for one any more.
 */
function guarded(handler: Handler): Handler {
  const guard = <M extends Method>(method: M): M => {
    const call = (...args: Parameters<M>) =>
      method.apply(handler, args).catch((error: unknown) => {
        throw toKeyError(error);
      });
    return call as M;
  };
  const storing = async <R>(news: object, call: Promise<R>): Promise<R> => {
    try {
      const result = (await call) as { outs: object };
      return { ...result, outs: carriedOver(result.outs, news) } as R;
    } catch (error) {
      if (!(error instanceof FailureWithState)) throw error;
      throw Object.assign(error, { properties: carriedOver(error.properties, news) });
    }
  };
  const [create, update] = [guard(handler.create), guard(handler.update)];
  return {
    check: guard(handler.check),
    diff: guard(handler.diff),
    create: (inputs) => storing(inputs, create(inputs)),
    update: (id, olds, news) => storing(news, update(id, olds, news)),
    read: guard(handler.read),
    find: guard(handler.find),
    delete: guard(handler.delete),
  };
}
