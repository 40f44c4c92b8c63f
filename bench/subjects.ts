import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";
import { pluginClasses } from "../scripts/pluginClasses";
import { DocumentedKey } from "./documentedKey";
import { ShapedPair, ShapedPluginPair, ShapedPluginSingle, ShapedSingle, TrivialKey } from "./trivialKey";

const plugin = pluginClasses(pulumi);

export interface SubjectArgs {
  resourceGroupName: string;
  accountName: string;
  /** Absent until the first rotation. */
  rotationTrigger?: string;
  /** Of a pair. With none, a rotation is one call for each key; with one, each pair is read as well. */
  minimumOverlap: string;
}

/** A way to declare keys that rotate when a trigger changes. */
export interface Subject {
  /** What people read. */
  title: string;
  /** How the engine carries out a rotation. */
  rotatesBy: "update" | "replace";
  /** The last part of its type in state. */
  className: string;
  declare(name: string, args: SubjectArgs): pulumi.CustomResource;
}

/** What `npm run bench` measures side by side. */
export const subjects = {
  trivialUpdated: {
    title: "Trivial resource, updated",
    rotatesBy: "update",
    className: "TrivialKey",
    declare: (name, { rotationTrigger }) => new TrivialKey(name, { rotationTrigger }),
  },
  shaped: {
    title: "Trivial resource as large as a pair",
    rotatesBy: "update",
    className: "TrivialAccountKeyPairSameLength",
    declare: (name, args) => new ShapedPair(name, args),
  },
  pair: {
    title: "RotatingCognitiveAccountKeyPair",
    rotatesBy: "update",
    className: "RotatingCognitiveAccountKeyPair",
    declare: (name, args) => new RotatingCognitiveAccountKeyPair(name, args),
  },
  pluginPair: {
    title: "RotatingCognitiveAccountKeyPair, plugin",
    rotatesBy: "update",
    className: "RotatingCognitiveAccountKeyPair",
    declare: (name, args) => new plugin.RotatingCognitiveAccountKeyPair(name, { ...args }),
  },
  shapedPlugin: {
    title: "Trivial resource as large as a pair, plugin",
    rotatesBy: "update",
    className: "TrivialAccountKeyPairSameLength",
    declare: (name, args) => new ShapedPluginPair(name, args),
  },
  trivialReplaced: {
    title: "Trivial resource, replaced",
    rotatesBy: "replace",
    className: "TrivialKey",
    declare: (name, { rotationTrigger }) => new TrivialKey(name, { replacementTrigger: rotationTrigger }),
  },
  shapedSingle: {
    title: "Trivial resource as large as a single key",
    rotatesBy: "replace",
    className: "TrivialAccountKeySameLength",
    declare: (name, { minimumOverlap: _, ...args }) => new ShapedSingle(name, args),
  },
  single: {
    title: "RotatingCognitiveAccountKey",
    rotatesBy: "replace",
    className: "RotatingCognitiveAccountKey",
    declare: (name, { minimumOverlap: _, ...args }) => new RotatingCognitiveAccountKey(name, args),
  },
  pluginSingle: {
    title: "RotatingCognitiveAccountKey, plugin",
    rotatesBy: "replace",
    className: "RotatingCognitiveAccountKey",
    declare: (name, { minimumOverlap: _, ...args }) => new plugin.RotatingCognitiveAccountKey(name, args),
  },
  shapedPluginSingle: {
    title: "Trivial resource as large as a single key, plugin",
    rotatesBy: "replace",
    className: "TrivialAccountKeySameLength",
    declare: (name, { minimumOverlap: _, ...args }) => new ShapedPluginSingle(name, args),
  },
  documented: {
    title: "Provider from Pulumi's guide",
    rotatesBy: "replace",
    className: "Resource",
    declare: (name, { minimumOverlap: _, ...args }) => new DocumentedKey(name, args),
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
