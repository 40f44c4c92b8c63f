import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first file of this name in these folders that can be run. */
export function findInPath(name: string, path: string): string | undefined {
  const files = path.split(delimiter).flatMap((folder) => (folder ? [join(folder, name)] : []));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
