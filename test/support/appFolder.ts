import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { app } from "./deployment";

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
