import assert from "node:assert/strict";
import { problemsOf, type Release } from "../../scripts/checkRelease";

const repository = { type: "git", url: "git+https://github.com/owner/name.git" };
const inOrder: Release = {
  tag: "v1.2.3",
  repository: "owner/name",
  packageJson: { version: "1.2.3", repository },
  changelog: "# Changelog\n\n## [1.2.3] - 2026-11-26\n\n### Added\n",
};

describe("what is published", () => {
  it("is a tag that names the version, with a dated heading in the changelog and this repository", () => {
    assert.deepEqual(problemsOf(inOrder), []);
    assert.deepEqual(problemsOf({ ...inOrder, packageJson: { version: "1.2.3", repository: repository.url } }), []);
    assert.deepEqual(problemsOf({ ...inOrder, changelog: inOrder.changelog.replaceAll("\n", "\r\n") }), []);
  });

  it("is not another tag", () => {
    for (const tag of ["1.2.3", "v1.2.4", "v1.2.3-rc.1", ""]) {
      assert.deepEqual(problemsOf({ ...inOrder, tag }), [
        `The tag is ${tag}, but package.json has version 1.2.3: it must be v1.2.3.`,
      ]);
    }
  });

  it("is no version without a date", () => {
    for (const heading of [
      "## [1.2.3] - Unreleased",
      "## [1.2.3]",
      "## [1.2.3] - 2026-13-01",
      "## [1.2.30] - 2026-11-26",
    ]) {
      assert.deepEqual(problemsOf({ ...inOrder, changelog: `# Changelog\n\n${heading}\n` }), [
        'CHANGELOG.md has no heading "## [1.2.3] - YYYY-MM-DD".',
      ]);
    }
  });

  it("is no package without a repository, or with that of another, as npm would refuse its provenance", () => {
    const expected = '"repository": { "type": "git", "url": "git+https://github.com/owner/name.git" }';
    for (const [other, named] of [
      [undefined, "none"],
      [{}, "none"],
      [{ url: "git+https://github.com/owner/fork.git" }, "git+https://github.com/owner/fork.git"],
    ] as const) {
      assert.deepEqual(problemsOf({ ...inOrder, packageJson: { version: "1.2.3", repository: other } }), [
        `package.json must have ${expected}, not ${named}.`,
      ]);
    }
  });
});
