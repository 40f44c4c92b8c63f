import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { apiReference, apiReferenceFile } from "../../scripts/apiReference";
import { snippetPages, withSnippets } from "../../scripts/snippets";

const read = (file: string) => readFileSync(join(resolve(__dirname, "../.."), file), "utf8");
const outdated = (pages: Record<string, string>) => Object.keys(pages).filter((file) => read(file) !== pages[file]);
const marked = (source: string, language: string, code: string) =>
  `<!-- snippet ${source} -->\n\`\`\`${language}\n${code}\`\`\`\n`;

describe("the documentation", () => {
  it("shows the programs of examples/ as they are", () => {
    assert.deepEqual(outdated(snippetPages()), [], 'shows another program than examples/ has: run "npm run docs"');
  });

  it("has the reference that the comments of the exports give, and each export has one", async function () {
    this.timeout(120_000);
    const reference = { [apiReferenceFile]: await apiReference() };
    assert.deepEqual(outdated(reference), [], 'is not what components/ says: run "npm run docs"');
  });
});

describe("the programs in a page", () => {
  const source = "examples/snippets/firstProgram.ts";

  it("are taken from the file that the mark names, as a whole or between the lines of its region", () => {
    const page = marked(source, "ts", "old\n") + marked("examples/snippets/secondStack.ts", "ts", "");
    const shown = withSnippets("page.md", page);
    assert.ok(shown.startsWith(marked(source, "ts", read(source))));
    assert.match(shown, /```ts\nimport \* as pulumi (.|\n)*changes with the key\n```\n$/);
    assert.equal(withSnippets("page.md", shown), shown);
  });

  it("are refused without a mark, or with one that names no file in examples/", () => {
    assert.throws(() => withSnippets("page.md", "```ts\nlet a;\n```\n"), /page\.md: a program has no mark/);
    for (const other of ["examples/nothing.ts", "package.json"]) {
      assert.throws(() => withSnippets("page.md", marked(other, "ts", "")), /which is no file in examples\//);
    }
    assert.equal(withSnippets("page.md", "```sh\nls\n```\n"), "```sh\nls\n```\n");
  });

  it("may be shown as a marked diff, of which no side may be another program", () => {
    const old = "examples/snippets/singleKey.ts";
    const side = (sign: string, text: string) => text.trimEnd().replace(/^/gm, sign);
    const diff = `${side("-", read(old))}\n${side("+", read(source))}\n`;
    const page = marked(`${source} from ${old}`, "diff", diff);
    assert.equal(withSnippets("page.md", page), page);
    const changed = [
      page.replace('+  rotationTrigger: "2026-11"', '+  rotationTrigger: "2026-12"'),
      page.replace("Key2", ""),
    ];
    for (const other of changed) {
      assert.throws(() => withSnippets("page.md", other), /page\.md: a side of the diff is not examples/);
    }
  });
});
