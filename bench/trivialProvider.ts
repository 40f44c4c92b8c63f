import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { providerText } from "../components/providerText";

/** What runs in the provider process for resources that need no network, by the package that it stands in. */
const modules = {
  "pulumi-cognitive-key-of-no-value": `
exports.key = exports.keyPair = {
  diff: async (_id, olds, news) => {
    const replaces = olds.replacementTrigger !== news.replacementTrigger ? ["replacementTrigger"] : [];
    return { changes: replaces.length > 0 || olds.rotationTrigger !== news.rotationTrigger, replaces };
  },
  create: async (inputs) => ({ id: "trivial", outs: inputs }),
  update: async (_id, _olds, news) => ({ outs: news }),
};
`,
  "pulumi-cognitive-key-of-a-pairs-shape": `
const { randomBytes, randomUUID } = require("node:crypto");
const newKey = () => randomBytes(63).toString("base64");
const subscriptionId = randomUUID();
exports.keyPair = {
  diff: async (_id, olds, news) => ({ changes: olds.rotationTrigger !== news.rotationTrigger }),
  create: async (inputs) => ({
    id: inputs.accountName,
    outs: { ...inputs, subscriptionId, key: newKey(), keyFingerprint: "0123456789ab", keyName: "Key1",
      previousKey: newKey(), previousKeyName: "Key2", rotationCount: 0 },
  }),
  update: async (_id, olds, news) => ({
    outs: { ...olds, ...news, key: newKey(), keyName: olds.previousKeyName, previousKey: olds.key,
      previousKeyName: olds.keyName, rotatedAt: new Date().toISOString(), rotationCount: 1, requestId: randomUUID() },
  }),
};
`,
};

type TrivialPackage = keyof typeof modules;

/** Puts the packages into the folder from which the provider process resolves them. */
export function installTrivialProviders(folder: string): void {
  for (const [name, source] of Object.entries(modules)) {
    const installed = join(folder, "node_modules", name);
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "provider.js"), source);
  }
}

/** The text that `className` stores, but for the name of the package that it leads to. */
export function trivialText(
  className: Parameters<typeof providerText>[0],
  packageName: TrivialPackage = "pulumi-cognitive-key-of-no-value",
): string {
  return providerText(className).replace("pulumi-cognitive-key-rotation", packageName);
}

/** Puts the plugin that calls nobody into a new folder, which is to be on PATH. */
export function installTrivialPlugin(folder: string): string {
  const bin = join(folder, "trivial-plugin");
  const outfile = join(bin, "pulumi-resource-trivial-key.js");
  const entryPoints = [join(__dirname, "trivialPlugin.ts")];
  buildSync({ entryPoints, outfile, bundle: true, minify: true, platform: "node", target: "node20" });
  const executable = join(bin, "pulumi-resource-trivial-key");
  writeFileSync(executable, `#!/bin/sh\nexec node "${outfile}" "$@"\n`);
  chmodSync(executable, 0o755);
  return bin;
}
