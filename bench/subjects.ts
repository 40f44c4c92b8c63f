import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";
import { pluginClasses } from "../scripts/pluginClasses";
import { DocumentedKey } from "./documentedKey";
import { ShapedKey, ShapedPluginKey, TrivialKey } from "./trivialKey";

const plugin = pluginClasses(pulumi);

export interface SubjectArgs {
  resourceGroupName: string;
  accountName: string;
  /** Absent until the first rotation. */
  rotationTrigger?: string;
  /** Of a pair. @default none: its reading would be a second call for each key */
  minimumOverlap?: string;
}

/** A way to declare keys that rotate when a trigger changes. */
export interface Subject {
  /** What people read. */
  title: string;
  /** How the engine carries out a rotation. */
  rotatesBy: "update" | "replace";
  declare(name: string, args: SubjectArgs): pulumi.CustomResource;
}

/** What `npm run bench` measures side by side. */
export const subjects = {
  trivialUpdated: {
    title: "Trivial resource, updated",
    rotatesBy: "update",
    declare: (name, { rotationTrigger }) => new TrivialKey(name, { rotationTrigger }),
  },
  shaped: {
    title: "Trivial resource as large as a pair",
    rotatesBy: "update",
    declare: (name, args) => new ShapedKey(name, args),
  },
  pair: {
    title: "RotatingCognitiveAccountKeyPair",
    rotatesBy: "update",
    declare: (name, args) => new RotatingCognitiveAccountKeyPair(name, { minimumOverlap: "PT0S", ...args }),
  },
  trivialReplaced: {
    title: "Trivial resource, replaced",
    rotatesBy: "replace",
    declare: (name, { rotationTrigger }) => new TrivialKey(name, { replacementTrigger: rotationTrigger }),
  },
  single: {
    title: "RotatingCognitiveAccountKey",
    rotatesBy: "replace",
    declare: (name, args) => new RotatingCognitiveAccountKey(name, args),
  },
  shapedPlugin: {
    title: "Trivial resource as large as a pair, plugin",
    rotatesBy: "update",
    declare: (name, args) => new ShapedPluginKey(name, args),
  },
  pluginPair: {
    title: "RotatingCognitiveAccountKeyPair, plugin",
    rotatesBy: "update",
    declare: (name, args) => new plugin.RotatingCognitiveAccountKeyPair(name, { minimumOverlap: "PT0S", ...args }),
  },
  pluginSingle: {
    title: "RotatingCognitiveAccountKey, plugin",
    rotatesBy: "replace",
    declare: (name, args) => new plugin.RotatingCognitiveAccountKey(name, { ...args }),
  },
  documented: {
    title: "Provider from Pulumi's guide",
    rotatesBy: "replace",
    declare: (name, args) => new DocumentedKey(name, args),
  },
} satisfies Record<string, Subject>;

export type SubjectName = keyof typeof subjects;

/** All that is measured: Terraform, which is no stack of Pulumi's, is measured by itself. */
export type MeasuredName = SubjectName | "terraform";

export const measuredNames = [...(Object.keys(subjects) as SubjectName[]), "terraform"] as const;

/** What people read. */
export function titleOf(name: MeasuredName): string {
  return name === "terraform" ? "Terraform with azapi" : subjects[name].title;
}
