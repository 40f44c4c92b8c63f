import { Provider } from "../../plugin/provider";
import type { Context } from "../../provider/context";
import { KeyHandler } from "../../provider/key";
import { KeyPairHandler } from "../../provider/keyPair";
import type { Handler } from "./miniEngine";
import { directly, type Kind, PluginClient, type Properties, plain, urnOf } from "./pluginClient";

/** The plugin in the form of the handler that is in it, called with the engine's messages. */
export function pluginHandler(kind: Kind, context: Context, { preview = false } = {}): Handler<Properties, Properties> {
  const handlers = { key: new KeyHandler(context), keyPair: new KeyPairHandler(context) };
  const plugin = new PluginClient(directly(new Provider(undefined, () => handlers)));
  const urn = urnOf(kind);
  return {
    check: (olds, news) => plugin.check(urn, news, olds),
    diff: async (_id, olds, news) => {
      const { changes, replaces } = await plugin.diff(urn, olds, news);
      return { changes, replaces };
    },
    create: async (inputs) => {
      const { id, properties } = await plugin.create(urn, inputs, preview);
      return { id, outs: plain(properties) };
    },
    update: async (_id, olds, news) => ({ outs: plain(await plugin.update(urn, olds, news, preview)) }),
    read: async (id, props) => {
      const read = await plugin.read(urn, id, props);
      return { id: read.id, props: read.properties && plain(read.properties) };
    },
    // A preview shows that a resource is deleted, and asks no provider.
    delete: async (_id, props) => (preview ? undefined : plugin.delete(urn, props)),
  };
}
