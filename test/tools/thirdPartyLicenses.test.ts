import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { thirdPartyLicenses } from "../../scripts/thirdPartyLicenses";

describe("the licences of what is bundled", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "licenses-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** @param text of its licence, if it has any */
  function install(folder: string, name: string, text?: string, file = "LICENSE"): void {
    const files = { "package.json": JSON.stringify({ name, version: "1.2.3", license: "MIT" }), [file]: text };
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, folder, file)), { recursive: true });
      if (content !== undefined) writeFileSync(join(root, folder, file), content);
    }
  }

  function licensesOf(...files: string[]): string {
    const inputs = Object.fromEntries(files.map((file) => [file, { bytesInOutput: 1 }]));
    const output = { bytes: 1, inputs, imports: [], exports: [] };
    return thirdPartyLicenses([{ inputs: {}, outputs: { a: output } }], root);
  }

  it("are those of each package of which a file is in the bundle, and each text is there once", () => {
    install("node_modules/a", "a", "Text one.\n");
    install("node_modules/@scope/b", "@scope/b", "Text two.", "license.md");
    install("node_modules/a/node_modules/c", "c", "Text one.", "LICENCE.txt");
    install("node_modules/unused", "unused", "Text three.");
    const licenses = licensesOf(
      "plugin/main.ts",
      ...["node_modules/a/index.js", "node_modules/a/lib/more.js", "node_modules/@scope/b/index.js"],
      "node_modules/a/node_modules/c/index.js",
    );
    assert.deepEqual(licenses.split(/\n-+\n\n/), [
      "@scope/b 1.2.3 (MIT)\n\nText two.\n",
      "a 1.2.3 (MIT)\nc 1.2.3 (MIT)\n\nText one.\n",
    ]);
  });

  it("must all be there", () => {
    install("node_modules/a", "a");
    assert.throws(() => licensesOf("node_modules/a/index.js"), /^Error: a 1\.2\.3 .* has no licence text\.$/);
  });
});
