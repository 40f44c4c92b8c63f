/**
 * The last part of `npm run build`: puts the plugin into `dist/plugin/bin`, one file with everything in it, which needs
 * Node and nothing else, and what starts it. The engine finds it there when the folder is on PATH.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { exitWith } from "./exitWith";
import { pluginFolder } from "./pluginClasses";

const root = resolve(__dirname, "..");
const name = "pulumi-resource-cognitive-key-rotation";

/** The engine starts a file of this name; `exec` leaves the engine as the parent. */
const shim = `#!/bin/sh
exec node "$(dirname "$0")/${name}.js" "$@"
`;
const windowsShim = `@node "%~dp0${name}.js" %*\r\n`;

exitWith(async () => {
  buildSync({
    entryPoints: [join(root, "plugin/main.ts")],
    outfile: join(pluginFolder, `${name}.js`),
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    legalComments: "none",
    logLevel: "warning",
  });
  writeFileSync(join(pluginFolder, name), shim);
  chmodSync(join(pluginFolder, name), 0o755);
  writeFileSync(join(pluginFolder, `${name}.cmd`), windowsShim);
  return 0;
});
