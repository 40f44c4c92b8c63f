import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { type TrivialPackage, trivialPlugin } from "./trivialText";

/** What runs in the provider process for resources that need no network, by the package that it stands in. */
const modules: Record<TrivialPackage, string> = {
  "pulumi-cognitive-key-of-empty": `
exports.key = exports.keyPair = {
  diff: async (_id, olds, news) => {
    const replaces = olds.replacementTrigger !== news.replacementTrigger ? ["replacementTrigger"] : [];
    return { changes: replaces.length > 0 || olds.rotationTrigger !== news.rotationTrigger, replaces };
  },
  create: async (inputs) => ({ id: "trivial", outs: inputs }),
  update: async (_id, _olds, news) => ({ outs: news }),
};
`,
  "pulumi-cognitive-key-of-shape": `
const { randomBytes, randomUUID } = require("node:crypto");
const newKey = () => randomBytes(63).toString("base64");
const subscriptionId = randomUUID();
const issuance = () => ({ rotatedAt: new Date().toISOString(), requestId: randomUUID() });
const stored = () => ({ subscriptionId, key: newKey(), keyFingerprint: "0123456789ab", keyName: "Key1" });
exports.key = {
  diff: async (_id, olds, news) => {
    const replaces = olds.rotationTrigger !== news.rotationTrigger ? ["rotationTrigger"] : [];
    return { changes: replaces.length > 0, replaces };
  },
  create: async (inputs) => ({
    id: inputs.accountName + "/Key1",
    outs: { ...inputs, ...stored(), ...(inputs.rotationTrigger && issuance()) },
  }),
};
exports.keyPair = {
  diff: async (_id, olds, news) => ({ changes: olds.rotationTrigger !== news.rotationTrigger }),
  create: async (inputs) => ({
    id: inputs.accountName,
    outs: { ...inputs, ...stored(), previousKey: newKey(), previousKeyName: "Key2", rotationCount: 0 },
  }),
  update: async (_id, olds, news) => ({
    outs: { ...olds, ...news, key: newKey(), keyName: olds.previousKeyName, previousKey: olds.key,
      previousKeyName: olds.keyName, rotationCount: olds.rotationCount + 1, ...issuance() },
  }),
};
`,
};

/** Puts the packages into the folder from which the provider process resolves them. */
export function installTrivialProviders(folder: string): void {
  for (const [name, source] of Object.entries(modules)) {
    const installed = join(folder, "node_modules", name);
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "provider.js"), source);
  }
}

/** Puts the plugin that calls nobody into a new folder, which is to be on PATH. */
export function installTrivialPlugin(folder: string): string {
  const bin = join(folder, "trivial-plugin");
  const name = `pulumi-resource-${trivialPlugin}`;
  const outfile = join(bin, `${name}.js`);
  const entryPoints = [join(__dirname, "trivialPlugin.ts")];
  buildSync({ entryPoints, outfile, bundle: true, minify: true, platform: "node", target: "node20" });
  const executable = join(bin, name);
  writeFileSync(executable, `#!/bin/sh\nexec node "${outfile}" "$@"\n`);
  chmodSync(executable, 0o755);
  return bin;
}
