import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { InlineStack, type InlineStackOptions } from "./inlineStack";

/** One of the projects in `examples/`, deployed from where it lies. */
export function exampleStack(project: string, options: InlineStackOptions): InlineStack {
  const main = resolve(__dirname, "../examples", project);
  const index = join(main, "index.ts");
  const program = () => {
    // As the engine would run it: from its first line, at each command.
    delete require.cache[index];
    return { ...require(index) };
  };
  const settings = parse(readFileSync(join(main, "Pulumi.yaml"), "utf8"));
  return new InlineStack({ ...options, project, main, settings, program });
}
