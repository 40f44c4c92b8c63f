import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { repositoryPages, withRepository } from "../../scripts/repositoryPages";
import { snippetPages, withSnippets } from "../../scripts/snippets";

const root = resolve(__dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const outdated = (pages: Record<string, string>) => Object.keys(pages).filter((file) => read(file) !== pages[file]);
const marked = (source: string, language: string, code: string) =>
  `<!-- snippet ${source} -->\n\`\`\`${language}\n${code}\`\`\`\n`;

/** All Markdown of the repository that a reader may be sent to. */
function pages(): string[] {
  const folders = readdirSync(join(root, "examples"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join("examples", name));
  const inFolder = (folder: string, recursive = false) =>
    readdirSync(join(root, folder), { recursive, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name));
  return [...inFolder("."), ...inFolder("docs", true), ...folders.flatMap((folder) => inFolder(folder))];
}

/** What GitHub makes of the headings; the second of the same name gets a number. */
function anchorsOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, "");
  const slugs = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
  const numbered = slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((other) => other === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
  return [...numbered, ...[...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)];
}

describe("the documentation", () => {
  it("shows the programs of examples/ as they are", () => {
    assert.deepEqual(outdated(snippetPages()), [], 'shows another program than examples/ has: run "npm run docs"');
  });
});

describe("the repository's address in the pages", () => {
  const release = "pulumi package add cognitive-key-rotation --server github://api.github.com";
  const badge =
    "[![CI](https://github.com/{}/actions/workflows/ci.yml/badge.svg)](https://github.com/{}/actions/workflows/ci.yml)";
  const page = (repository: string) => `${badge.replaceAll("{}", repository)}\n${release}/${repository}\n`;

  it("is what package.json says, and OWNER/NAME while it says nothing", () => {
    assert.deepEqual(outdated(repositoryPages()), [], 'names another repository: run "npm run docs"');
    const set = withRepository(page("OWNER/NAME"), { owner: "somebody", name: "some-fork" });
    assert.equal(set, page("somebody/some-fork"));
    assert.equal(withRepository(set), page("OWNER/NAME"));
  });

  it("is not touched where another repository is meant", () => {
    const other = "[issue](https://github.com/pulumi/pulumi/issues/3550)\n";
    assert.equal(withRepository(other, { owner: "somebody", name: "some-fork" }), other);
  });
});

describe("README", () => {
  it("has at most 140 lines, none over 120 characters outside tables, pictures and links", () => {
    const lines = read("README.md").trimEnd().split("\n");
    assert.ok(lines.length <= 140, `${lines.length} lines`);
    const shown = (line: string) => line.replace(/\]\([^)]*\)/g, "]()");
    const long = lines.filter((line) => shown(line).length > 120 && !/^(\||!)/.test(line));
    assert.deepEqual(long, []);
  });

  it("has no link that npm's page could not follow: each stays inside the repository", () => {
    const targets = [...read("README.md").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    assert.deepEqual(
      targets.filter((target) => target.startsWith("/") || target.split("/").includes("..")),
      [],
    );
  });
});

describe("the links between the pages", () => {
  it("lead to files that exist, and to headings that they have", () => {
    const dead: string[] = [];
    for (const page of pages()) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [path, heading] = target.split("#");
        const file = path === "" ? page : join(dirname(page), path);
        const found =
          existsSync(join(root, file)) && (heading === undefined || anchorsOf(read(file)).includes(heading));
        if (!found) dead.push(`${page}: ${target}`);
      }
    }
    assert.deepEqual(dead, []);
  });
});

describe("the login in a page of an example", () => {
  const pages = {
    "examples/github-actions/README.md": "examples/github-actions/.github/workflows/deploy.yml",
    "examples/azure-pipelines/README.md": "examples/azure-pipelines/pipelines/stacks.yml",
  };
  for (const [page, workflow] of Object.entries(pages)) {
    it(`has the lines of ${workflow}`, () => {
      const [, block] = /^## The login\n[\s\S]*?^```\w+\n([\s\S]*?)^```$/m.exec(read(page)) ?? assert.fail(page);
      const lines = (text: string) => text.split("\n").map((line) => line.trim());
      const known = lines(read(workflow));
      assert.deepEqual(
        lines(block).filter((line) => !known.includes(line)),
        [],
      );
    });
  }
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
      page.replace('+  accountName: "my-account"', '+  accountName: "other-account"'),
      page.replace("Key2", ""),
    ];
    for (const other of changed) {
      assert.throws(() => withSnippets("page.md", other), /page\.md: a side of the diff is not examples/);
    }
  });
});
