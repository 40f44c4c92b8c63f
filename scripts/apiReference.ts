import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Comment, DeclarationReflection } from "typedoc";
import { keyPairProperties, keyProperties, type Role } from "../provider/propertyRoles";

const made = "<!-- Made by `npm run docs` from the comments in components/; `npm test` compares. -->";
const typesOf = `Types without a link are those of
[\`@pulumi/pulumi\`](https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/)`;

const roles: Record<string, Readonly<Record<string, Role>>> = {
  RotatingCognitiveAccountKey: keyProperties,
  RotatingCognitiveAccountKeyPair: keyPairProperties,
};

/** What stands at the top of each page: one for each entry that programs import. GitHub shows README.md with the folder. */
const introductions = {
  "README.md": `${made}

What \`import … from "pulumi-cognitive-key-rotation"\` gives. [\`RotatingCognitiveAccount\`](account.md) has its own page and
its own import path. What each change does: [a pair](../key-pair.md), [a single key](../single-key.md).
${typesOf}; members that come from it are left out.
\`pulumi-cognitive-key-rotation/provider\` is for the engine, not for programs.
`,
  "account.md": `${made}

What \`import … from "pulumi-cognitive-key-rotation/account"\` gives.
${typesOf} and of
[azure-native's \`cognitiveservices\`](https://www.pulumi.com/registry/packages/azure-native/api-docs/cognitiveservices/account/);
members that come from \`@pulumi/pulumi\` are left out.
`,
};

/** The pages that typedoc makes of the two entries in `components/`, by file; fails on anything that typedoc warns of. */
export async function apiReference(): Promise<Record<string, string>> {
  const { Application, Converter, LogLevel } = await import("typedoc");
  const root = resolve(__dirname, "..");
  const app = await Application.bootstrapWithPlugins({ options: join(root, "typedoc.json"), logLevel: LogLevel.Warn });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => project.children?.forEach(arrange), -1000);
  const project = await app.convert();
  if (project !== undefined) app.validate(project);
  if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("typedoc has printed above what is wrong with the comments in components/");
  }
  const folder = mkdtempSync(join(tmpdir(), "api-reference-"));
  try {
    await app.outputs.writeOutput({ name: "markdown", path: folder }, project);
    const page = (name: string) => readFileSync(join(folder, name), "utf8");
    return Object.fromEntries(
      Object.entries(introductions).map(([name, intro]) => [`docs/api/${name}`, tidy(page(name), intro)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A class and its arguments one after the other, instead of all classes first; bases that are not exported unnamed. */
function arrange(entry: DeclarationReflection): void {
  const byName = (a: DeclarationReflection, b: DeclarationReflection) => (a.name < b.name ? -1 : 1);
  const [group] = entry.groups ?? [];
  const children = (entry.children ?? []).sort(byName);
  group.children = children;
  entry.groups = [group];
  for (const reflection of children) {
    for (const member of reflection.children ?? []) {
      const role = roles[reflection.name]?.[member.name];
      if (role !== undefined) member.comment?.summary.unshift({ kind: "text", text: `**${capital(role)}.** ` });
      if (member.comment !== undefined) withoutTag(member.comment);
      for (const signature of member.signatures ?? []) signature.overwrites = undefined;
    }
    if (reflection.name.endsWith("Args")) reflection.typeHierarchy = undefined;
  }
}

/** What is true of dynamic resources only is an ordinary sentence here: the pages are about nothing else. */
function withoutTag(comment: Comment): void {
  const tag = comment.getTag("@dynamic");
  if (tag !== undefined) comment.summary.push({ kind: "text", text: " " }, ...tag.content);
  comment.removeTags("@dynamic");
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function tidy(markdown: string, introduction: string): string {
  return (
    markdown
      .replace("# API reference\n", (title) => `${title}\n${introduction}`)
      // How TypeScript spells `Output<T>` of some types, and typedoc a union in brackets.
      .replaceAll("`OutputInstance`", "`Output`")
      .replaceAll("\\< \\| ", "\\<")
  );
}
