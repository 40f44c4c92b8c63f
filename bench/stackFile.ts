import { readFileSync } from "node:fs";
import { join } from "node:path";

interface StoredResource {
  urn: string;
  type: string;
}

/** The file that a stack's state is kept in by a file backend, as it lies there. */
export function readStackFile(backend: string, project: string, stack: string): string {
  return readFileSync(join(backend, ".pulumi", "stacks", project, `${stack}.json`), "utf8");
}

/** The bytes on disk of each dynamic resource of a class, in the order of their names. */
export function bytesOfResources(stackFile: string, className: string): number[] {
  const { checkpoint } = JSON.parse(stackFile) as { checkpoint: { latest: { resources: StoredResource[] } } };
  const resources = checkpoint.latest.resources
    .filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic") && type.endsWith(`:${className}`))
    .sort((a, b) => a.urn.localeCompare(b.urn));
  return resources.map((resource) => {
    const onDisk = JSON.stringify(resource);
    if (!stackFile.includes(onDisk.slice(0, 200))) throw new Error("the state file is not compact JSON any more");
    return Buffer.byteLength(onDisk);
  });
}
