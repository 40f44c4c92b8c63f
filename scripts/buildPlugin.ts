/**
 * The last part of `npm run build`: puts the plugin into `dist/plugin/bin`, two files with everything in them, which need
 * Node and nothing else, and what starts them. The engine finds it there when the folder is on PATH.
 */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
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

/** The second file, beside the first. */
export const lateFile = "late.js";
/** What is in it: packages that a start does not need, so that Node does not compile them before the first call. */
const latePackages = [
  "@azure/arm-cognitiveservices",
  "@azure/core-rest-pipeline",
  "@azure/identity",
  "@grpc/proto-loader",
  "node-forge",
  "temporal-polyfill",
];
const lateModule = `module.exports = { ${latePackages.map((name) => `"${name}": () => require("${name}")`).join(", ")} };`;
/** In the first file, which does not start without the second one: a late package comes out of that. */
const requireLate =
  `"use strict";require.resolve("./${lateFile}");require=((node,late)=>name=>late.includes(name)?node("./${lateFile}")[name]():node(name))` +
  `(require,${JSON.stringify(latePackages)});`;

/** @param downloadUrl where engines are to fetch the plugin, instead of the repository's releases */
export function buildPlugin(folder: string, downloadUrl?: string): void {
  mkdirSync(folder, { recursive: true });
  const bundle = (file: string, source: BuildOptions) =>
    buildSync({
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
    }).metafile;
  const metafiles = [
    bundle(`${pluginName}.js`, {
      entryPoints: ["plugin/main.ts"],
      external: latePackages,
      banner: { js: requireLate },
      ...(downloadUrl !== undefined && { define: { mirror: JSON.stringify(downloadUrl) } }),
    }),
    bundle(lateFile, { stdin: { contents: lateModule, resolveDir: root } }),
  ];
  writeFileSync(join(folder, pluginName), shim);
  chmodSync(join(folder, pluginName), 0o755);
  writeFileSync(join(folder, `${pluginName}.cmd`), windowsShim);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), thirdPartyLicenses(metafiles, root));
}

if (require.main === module) exitWith(() => void buildPlugin(pluginFolder));
