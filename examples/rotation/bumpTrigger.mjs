/**
 * Sets the rotation trigger in stack configurations to a month, and leaves every other byte of them as it is.
 *
 *     node bumpTrigger.mjs [--month 2026-12] [--add] [FILE...]
 *
 * Without files: those of the producers in fleet.json. Without a month: the present one in UTC. A trigger that already names
 * the month, or a later one, stays, and so does one such as 2026-12-leak: its keys were rotated this month. A file without a
 * trigger is refused unless `--add` is given. Nothing is written unless every file is in order.
 *
 * Exit status: 0 bumped or nothing to do, 1 a file is refused, 2 wrong arguments.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { isMap, isScalar, parseAllDocuments, parseDocument } from "yaml";

const month = /^\d{4}-(0[1-9]|1[0-2])(?!\d)/;

main();

function main() {
  const { target, add, files } = readArguments();
  const results = files.map((file) => {
    try {
      return { file, ...bump(file, target, add) };
    } catch (error) {
      return { file, refusal: error.message };
    }
  });
  const refused = results.filter(({ refusal }) => refusal !== undefined);
  for (const { file, refusal } of refused) {
    console.error(`${file}: ${refusal}`);
  }
  if (refused.length > 0) {
    console.error("Nothing was written.");
    process.exitCode = 1;
    return;
  }
  for (const { file, text, before } of results) {
    if (text === undefined) {
      console.log(`${file}: unchanged, is at ${before}`);
    } else {
      writeFileSync(file, text);
      console.log(`${file}: ${before ?? "no trigger"} -> ${target}`);
    }
  }
}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      options: { month: { type: "string" }, add: { type: "boolean", default: false } },
      allowPositionals: true,
    });
  } catch (error) {
    wrongArguments(error.message);
  }
  const { values, positionals } = parsed;
  const target = values.month ?? new Date().toISOString().slice(0, "YYYY-MM".length);
  if (target.length !== "YYYY-MM".length || !month.test(target)) {
    wrongArguments(`--month must be a month such as 2026-12, not ${JSON.stringify(target)}`);
  }
  const files = positionals.length > 0 ? positionals : fleetFiles();
  if (files.length === 0) {
    wrongArguments("fleet.json names no producer, and no file was given");
  }
  return { target, add: values.add, files: [...new Set(files)] };
}

function wrongArguments(message) {
  console.error(message);
  process.exit(2);
}

/** Relative to the working directory, which is the root of the repository. Pulumi leaves the organization out of the name. */
function fleetFiles() {
  const { producers } = JSON.parse(readFileSync(new URL("fleet.json", import.meta.url), "utf8"));
  return producers.map(({ project, stack }) => join(project, `Pulumi.${stack.split("/").at(-1)}.yaml`));
}

/** The file's new text, or none if it is to stay as it is; throws what is wrong with it. */
function bump(file, target, add) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  if (parseAllDocuments(text).length > 1) {
    throw new Error("holds more than one YAML document");
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    throw new Error(`is not YAML: ${error.message.split("\n")[0]}`);
  }
  const settings = isMap(document.contents) ? document.contents.items : [];
  const config = settings.find(({ key }) => isScalar(key) && key.value === "config");
  const pairs = isMap(config?.value) ? config.value.items : [];
  const triggers = pairs.filter(({ key }) => isScalar(key) && /^([^:]+:)?rotationTrigger$/.test(String(key.value)));
  if (triggers.length > 1) {
    throw new Error(`has ${triggers.length} triggers: ${triggers.map(({ key }) => key.value).join(", ")}`);
  }
  if (triggers.length === 0) {
    if (!add) {
      throw new Error("has no rotationTrigger under config; --add sets one");
    }
    if (pairs.length === 0 || config.value.flow) {
      throw new Error("has no block of settings under config to which a trigger could be added");
    }
    const line = `${projectOf(file)}:rotationTrigger: ${target}`;
    return { text: withFirstLine(text, config.key.range[1], pairs[0].key.range[0], line) };
  }

  const { value } = triggers[0];
  const [start, end] = value?.range ?? [];
  const editable = isScalar(value) && ["PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE"].includes(value.type) && !value.anchor;
  if (!editable || typeof value.value !== "string" || !month.test(value.value)) {
    throw new Error("has a rotationTrigger that is no month such as 2026-11; set it to one by hand first");
  }
  if (value.value.slice(0, target.length) >= target) {
    return { before: value.value };
  }
  const quote = value.type === "PLAIN" ? "" : text[start];
  return { before: value.value, text: `${text.slice(0, start)}${quote}${target}${quote}${text.slice(end)}` };
}

/** Puts a line below the key of the block, with the indentation of its first setting and the line break of the file. */
function withFirstLine(text, keyEnd, firstSetting, line) {
  const blockStart = text.indexOf("\n", keyEnd) + 1;
  const lineBreak = text[blockStart - 2] === "\r" ? "\r\n" : "\n";
  const indentation = text.slice(text.lastIndexOf("\n", firstSetting) + 1, firstSetting);
  return `${text.slice(0, blockStart)}${indentation}${line}${lineBreak}${text.slice(blockStart)}`;
}

function projectOf(file) {
  const projectFile = join(dirname(file), "Pulumi.yaml");
  const name = parseDocument(readFileSync(projectFile, "utf8")).get("name");
  if (typeof name !== "string") {
    throw new Error(`cannot be given a trigger: ${basename(projectFile)} beside it names no project`);
  }
  return name;
}
