import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

/** The pipelines of `examples/azure-pipelines`. */
export const pipelinesFolder = resolve(__dirname, "../../examples/azure-pipelines/pipelines");

export interface Step {
  name?: string;
  displayName?: string;
  bash?: string;
  task?: string;
  checkout?: string;
  download?: string;
  publish?: string;
  condition?: string;
  inputs?: Record<string, unknown>;
  env?: Record<string, unknown>;
  [property: string]: unknown;
}

export interface Job {
  job: string;
  dependsOn?: string;
  condition?: string;
  variables?: { group: string }[];
  strategy?: { matrix: string; maxParallel: number };
  steps: Step[];
}

export interface Stage {
  stage: string;
  dependsOn?: string;
  variables?: Record<string, unknown>;
  jobs: Job[];
}

export interface Pipeline {
  trigger: unknown;
  pr?: unknown;
  schedules?: unknown;
  lockBehavior?: string;
  jobs?: Job[];
  stages?: Stage[];
}

export const jobsOf = ({ jobs = [], stages = [] }: Pipeline): Job[] => [
  ...jobs,
  ...stages.flatMap((stage) => stage.jobs),
];
export const stepsOf = (pipeline: Pipeline): Step[] => jobsOf(pipeline).flatMap(({ steps }) => steps);

export function stepNamed(pipeline: Pipeline, name: string): Step {
  return stepsOf(pipeline).find(({ displayName }) => displayName === name) ?? assert.fail(`no step ${name}`);
}

type Parameters = Record<string, unknown>;
type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A pipeline as Azure Pipelines reads it before it runs: with its templates in their places, and of a condition the branch
 * that holds. It knows the expressions that the examples use, and fails at any other.
 */
export function compiledPipeline(file: string): Pipeline {
  const { parameters, ...pipeline } = readPipeline(file);
  const defaults = (parameters as { name: string; default: unknown }[] | undefined)?.map((parameter) => [
    parameter.name,
    parameter.default,
  ]);
  return expand(pipeline, Object.fromEntries(defaults ?? [])) as Pipeline;
}

function readPipeline(file: string): Fields {
  const path = join(pipelinesFolder, file);
  assert.ok(existsSync(path), `no template ${file}`);
  return parse(readFileSync(path, "utf8"));
}

function expand(value: unknown, parameters: Parameters): unknown {
  if (Array.isArray(value)) return expandItems(value, parameters);
  if (isFields(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, expand(field, parameters)]));
  }
  if (typeof value !== "string" || !value.includes("${{")) return value;
  const name = /^\$\{\{ parameters\.(\w+) \}\}$/.exec(value)?.[1];
  assert.ok(name !== undefined && name in parameters, value);
  return parameters[name];
}

function expandItems(items: unknown[], parameters: Parameters): unknown[] {
  let held: boolean | undefined;
  return items.flatMap((item) => {
    const [[key, content] = ["", undefined], ...others] = isFields(item) ? Object.entries(item) : [];
    if (!key.startsWith("${{")) {
      held = undefined;
      return isFields(item) && "template" in item ? fromTemplate(item, parameters) : [expand(item, parameters)];
    }
    assert.deepEqual(others, []);
    if (/^\$\{\{ else \}\}$/.test(key)) {
      assert.ok(held !== undefined, "else without if");
      held = !held;
    } else {
      const name = /^\$\{\{ if eq\(parameters\.(\w+), true\) \}\}$/.exec(key)?.[1];
      assert.ok(name !== undefined && name in parameters, key);
      held = parameters[name] === true;
    }
    return held ? expandItems(content as unknown[], parameters) : [];
  });
}

function fromTemplate({ template, parameters: given = {} }: Fields, parameters: Parameters): unknown[] {
  const { parameters: declared, ...content } = readPipeline(template as string);
  const names = (declared as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(Object.keys(given as Fields), names, `parameters of ${template}`);
  const [[, items], ...others] = Object.entries(content);
  assert.deepEqual(others, []);
  return expandItems(items as unknown[], expand(given, parameters) as Parameters);
}
