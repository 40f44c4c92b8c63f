import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DeclarationReflection, ProjectReflection } from "typedoc";

/** Where the reference lies; GitHub shows it with the folder. */
export const apiReferenceFile = "docs/api/README.md";

const introduction = `<!-- Made by \`npm run docs\` from the comments in components/; \`npm test\` compares. -->

What \`import … from "pulumi-cognitive-key-rotation"\` gives. What happens when, and why, is in the [README](../../README.md) and on
[the page of the single key](../single-key.md). Types without a link are those of
[\`@pulumi/pulumi\`](https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/) and of
[azure-native's \`cognitiveservices\`](https://www.pulumi.com/registry/packages/azure-native/api-docs/cognitiveservices/account/);
members that come from \`@pulumi/pulumi\` are left out. \`pulumi-cognitive-key-rotation/provider\` is what the engine loads, not for programs.
`;

/** The Markdown that typedoc makes of the exports of `components/index.ts`; fails on anything that typedoc warns of. */
export async function apiReference(): Promise<string> {
  const { Application, Converter, LogLevel } = await import("typedoc");
  const root = resolve(__dirname, "..");
  const app = await Application.bootstrapWithPlugins({ options: join(root, "typedoc.json"), logLevel: LogLevel.Warn });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => arrange(project), -1000);
  const project = await app.convert();
  if (project !== undefined) app.validate(project);
  if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("typedoc has printed above what is wrong with the comments in components/");
  }
  const folder = mkdtempSync(join(tmpdir(), "api-reference-"));
  try {
    await app.outputs.writeOutput({ name: "markdown", path: folder }, project);
    return tidy(readFileSync(join(folder, "README.md"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A class and its arguments one after the other, instead of all classes first; bases that are not exported unnamed. */
function arrange(project: ProjectReflection): void {
  const byName = (a: DeclarationReflection, b: DeclarationReflection) => (a.name < b.name ? -1 : 1);
  const [group] = project.groups ?? [];
  const children = (project.children ?? []).sort(byName);
  group.children = children;
  project.groups = [group];
  for (const reflection of children) {
    for (const member of reflection.children ?? []) {
      for (const signature of member.signatures ?? []) signature.overwrites = undefined;
    }
    if (reflection.name.endsWith("Args")) reflection.typeHierarchy = undefined;
  }
}

function tidy(markdown: string): string {
  return (
    markdown
      .replace("# API reference\n", (title) => `${title}\n${introduction}`)
      // How TypeScript spells `Output<T>` of some types, and typedoc a union in brackets.
      .replaceAll("`OutputInstance`", "`Output`")
      .replaceAll("\\< \\| ", "\\<")
  );
}
