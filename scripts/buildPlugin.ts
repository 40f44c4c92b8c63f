/**
 * The last part of `npm run build`: puts the plugin into `dist/plugin/bin`, bundles with everything in them, which need Node
 * and nothing else, and what starts them. The engine finds it there when the folder is on PATH.
 */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { type BuildOptions, buildSync } from "esbuild";
import { exitWith } from "./exitWith";
import { thirdPartyLicenses } from "./thirdPartyLicenses";

const root = resolve(__dirname, "..");
/** Where `npm run build` puts the plugin. The engine finds it when the folder is on PATH. */
export const pluginFolder = join(root, "dist/plugin/bin");
/** The engine starts a file of this name; on Windows it ends in `.cmd`. */
export const pluginName = "pulumi-resource-cognitive-key-rotation";

const needs = "cognitive-key-rotation needs Node.js 20 or newer on PATH, and found";

/** `exec` leaves the engine as the parent. Somebody may have put a link to this file on PATH. */
const shim = `#!/bin/sh
version=$(node --version 2>/dev/null) || version=none
case $version in
  v[2-9][0-9].* | v[1-9][0-9][0-9].*) ;;
  *)
    echo "${needs} $version." >&2
    exit 1
    ;;
esac
file=$(readlink -f "$0" 2>/dev/null) || file=$0
exec node "\${file%/*}/${pluginName}.js" "$@"
`;

const windowsShim = [
  "@echo off",
  "set found=",
  `for /f "tokens=1 delims=v." %%v in ('node --version 2^>nul') do set found=%%v`,
  "if not defined found (",
  `  echo ${needs} none. 1>&2`,
  "  exit /b 1",
  ")",
  "if %found% lss 20 (",
  `  echo ${needs} v%found%. 1>&2`,
  "  exit /b 1",
  ")",
  `node "%~dp0${pluginName}.js" %*`,
  "",
].join("\r\n");

const startBundle = `${pluginName}.js`;
/**
 * Packages that a start does not need, each in the bundle of what is needed together with it: Node compiles a bundle at
 * the first use of one of its packages, and not before.
 */
const lateBundles: Record<string, readonly string[]> = {
  // For calls.
  "azure.js": ["@azure/arm-cognitiveservices", "@azure/core-rest-pipeline", "@azure/identity"],
  // For a preview too.
  "durations.js": ["temporal-polyfill"],
  // For a login with a PKCS#12 file. Of gRPC, what describes a server's channels to others, which nothing here asks for.
  "rare.js": ["node-forge", "@grpc/proto-loader"],
};
/** Everything that is compiled, the bundle of the start first. */
export const bundles: readonly string[] = [startBundle, ...Object.keys(lateBundles)];

/** The path of its bundle, by package. */
const lateFiles = Object.fromEntries(
  Object.entries(lateBundles).flatMap(([file, names]) => names.map((name) => [name, `./${file}`])),
);
/** In the bundle of the start, which does not start without the others: a late package comes out of its bundle. */
const requireLate =
  `"use strict";require=((node,late)=>{Object.values(late).forEach(file=>node.resolve(file));` +
  `return name=>late[name]?node(late[name])[name]():node(name)})(require,${JSON.stringify(lateFiles)});`;

const moduleOf = (names: readonly string[]) =>
  `module.exports = { ${names.map((name) => `"${name}": () => require("${name}")`).join(", ")} };`;

/** @param downloadUrl where engines are to fetch the plugin, instead of the repository's releases */
export function buildPlugin(folder: string, downloadUrl?: string): void {
  mkdirSync(folder, { recursive: true });
  const bundle = (file: string, source: BuildOptions) => {
    const { metafile } = buildSync({
      ...source,
      absWorkingDir: root,
      outfile: join(folder, file),
      bundle: true,
      // Names of classes may go: the errors that a person sees have theirs as a text.
      minify: true,
      platform: "node",
      target: "node20",
      legalComments: "none",
      logLevel: "warning",
      metafile: true,
    });
    for (const { path } of Object.values(metafile.outputs).flatMap(({ imports }) => imports)) {
      if (!isBuiltin(path) && lateFiles[path] === undefined)
        throw new Error(`${file} needs ${path}, which is nowhere.`);
    }
    return metafile;
  };
  const metafiles = [
    bundle(startBundle, {
      entryPoints: ["plugin/main.ts"],
      external: Object.keys(lateFiles),
      banner: { js: requireLate },
      ...(downloadUrl !== undefined && { define: { mirror: JSON.stringify(downloadUrl) } }),
    }),
    ...Object.entries(lateBundles).map(([file, names]) =>
      // The Azure SDK asks whether a body is a form, which loads Node's HTTP client, which nothing else needs.
      bundle(file, { stdin: { contents: moduleOf(names), resolveDir: root }, define: { FormData: "undefined" } }),
    ),
  ];
  writeFileSync(join(folder, pluginName), shim);
  chmodSync(join(folder, pluginName), 0o755);
  writeFileSync(join(folder, `${pluginName}.cmd`), windowsShim);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), thirdPartyLicenses(metafiles, root));
}

if (require.main === module) exitWith(() => void buildPlugin(pluginFolder));
