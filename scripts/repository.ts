/** What package.json says of the repository: the one place where it is set. npm makes `homepage` and `bugs` of it. */
export interface NamesRepository {
  /** As npm wants it for a release: `git+https://github.com/OWNER/NAME.git`. */
  repository?: { url: string };
}

/** `undefined` while package.json names none on GitHub. */
export function repositoryOf({ repository }: NamesRepository): { owner: string; name: string } | undefined {
  const [, owner, name] = /github\.com\/([^/]+)\/([^/]+?)(?:\.git)?$/.exec(repository?.url ?? "") ?? [];
  return owner === undefined ? undefined : { owner, name };
}
