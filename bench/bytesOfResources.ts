/** The bytes on disk of each resource of a class, in the order in which the engine has written them. */
export function bytesOfResources(stackFile: string, className: string): number[] {
  const { checkpoint }: { checkpoint: { latest: { resources: { type: string }[] } } } = JSON.parse(stackFile);
  const resources = checkpoint.latest.resources.filter(({ type }) => type.endsWith(`:${className}`));
  return resources.map((resource) => {
    const onDisk = JSON.stringify(resource);
    if (!stackFile.includes(onDisk.slice(0, 200))) throw new Error("the state file is not compact JSON any more");
    return Buffer.byteLength(onDisk);
  });
}
