import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { runChild } from "../../../scripts/childProcess";
import { pipelinesFolder } from "../../support/pipelines";
import { projectFolder } from "../../support/project";
import { pythonWith } from "../../support/python";

/** It carries the schema that Microsoft publishes for editors, and puts templates' expressions out of its way. */
const checker = "check-jsonschema==0.39.0";
const options = [
  ...["--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines"],
  // The schema has patterns that are none to the standard it names.
  ...["--regex-variant", "python", "--output-format", "json"],
];

interface Finding {
  filename: string;
  best_deep_match: { path: string; message: string };
}

/** To the schema every value is a string, but for the inputs of tasks. */
function asStrings(value: unknown, key?: string): unknown {
  if (key === "inputs") return value;
  if (Array.isArray(value)) return value.map((item) => asStrings(item));
  if (typeof value !== "object" || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, asStrings(field, name)]));
}

describe("the pipelines of examples/azure-pipelines", () => {
  let folder: string;
  let python: string;
  before(async function () {
    folder = projectFolder({});
    python = (await pythonWith(checker, folder)) ?? this.skip();
  });

  /** What the schema finds in each source, one line for each that is not in order. */
  async function findings(sources: string[]): Promise<string[]> {
    const files = sources.map((_, index) => join(folder, `${index}.json`));
    files.forEach((file, index) => {
      writeFileSync(file, JSON.stringify(asStrings(parse(sources[index]))));
    });
    const { stdout } = await runChild(python, ["-m", "check_jsonschema", ...options, ...files]);
    const { status, errors }: { status: string; errors: Finding[] } = JSON.parse(stdout);
    assert.equal(status === "ok", errors.length === 0);
    return errors.map(
      ({ filename, best_deep_match: { path, message } }) => `${files.indexOf(filename)} ${path} ${message}`,
    );
  }

  const text = (file: string) => readFileSync(join(pipelinesFolder, file), "utf8");

  it("keep to the published schema", async () => {
    assert.deepEqual(await findings(readdirSync(pipelinesFolder).map(text)), []);
  });

  it("are read by something that finds a mistake", async () => {
    const mistakes = [
      ["deploy.yml", "dependsOn:", "dependOn:", /stages\[1\] .*'dependOn' was unexpected/],
      ["deploy.yml", "sequential", "one", /lockBehavior 'one'/],
      ["rotate.yml", "cron:", "crom:", /schedules\[0\] .*'crom' was unexpected/],
      ["stacks.yml", "maxParallel:", "maxParalel:", /strategy .*'maxParalel' was unexpected/],
      ["stacks.yml", "addSpnToEnvironment:", "addSpn:", /inputs/],
      ["stacks.yml", "NodeTool@0", "NodTool@0", /task 'NodTool@0'/],
      ["checkout.yml", "fetchDepth:", "depth:", /steps\[0\] .*'depth' were unexpected/],
    ] as const;
    const found = await findings(mistakes.map(([file, right, wrong]) => text(file).replace(right, wrong)));
    mistakes.forEach(([, , , expected], index) => {
      assert.match(found.find((line) => line.startsWith(`${index} `)) ?? "", expected);
    });
  });
});
