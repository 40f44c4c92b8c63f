/** The bytes of each resource of a class, in the order of the state: the file of a file backend, or what the CLI exports. */
export function bytesOfResources(stored: string, className: string): number[] {
  const { checkpoint, deployment = checkpoint.latest } = JSON.parse(stored);
  const resources: { type: string }[] = deployment.resources;
  return resources
    .filter(({ type }) => type.split(":").pop() === className)
    .map((resource) => {
      const compact = JSON.stringify(resource);
      if (checkpoint && !stored.includes(compact.slice(0, 200))) {
        throw new Error("the state file is not compact JSON any more");
      }
      return Buffer.byteLength(compact);
    });
}
