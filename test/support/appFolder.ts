import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { app, type Program } from "./deployment";

/**
 * A folder beside the app in which `@pulumi/pulumi` is installed, and this package at the given places below it.
 *
 * @param places such as `node_modules`, or `node_modules/wrapper/node_modules` for a package that only another one needs
 */
export function folderWith(...places: string[]): string {
  const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "app-"));
  link(join("node_modules", "@pulumi", "pulumi"), folder, "node_modules/@pulumi/pulumi");
  for (const place of places) {
    link("node_modules/pulumi-cognitive-key-rotation", folder, join(place, "pulumi-cognitive-key-rotation"));
  }
  return folder;
}

function link(from: string, folder: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  symlinkSync(join(app(), from), join(folder, to), "dir");
}

/** Writes a program into the app folder, where it imports as a user's program does, and gives its path. */
export function writeProgram(name: string, source: string): string {
  const file = join(app(), name);
  writeFileSync(file, source);
  return file;
}

/**
 * A program that the pages show, from `examples/snippets`, as a user who has copied it into the app folder runs it.
 *
 * @param edit what the user changes in it
 */
export function shownProgram(name: string, edit: (source: string) => string = (source) => source): Program {
  const source = readFileSync(resolve(__dirname, "../../examples/snippets", name), "utf8");
  return () => {
    const file = writeProgram(name, edit(source));
    delete require.cache[file];
    return { ...require(file) };
  };
}
