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
    // Without an overlap, whose reading would be a second call for each key.
    declare: (name, args) => new RotatingCognitiveAccountKeyPair(name, { ...args, minimumOverlap: "PT0S" }),
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
    declare: (name, args) => new plugin.RotatingCognitiveAccountKeyPair(name, { ...args, minimumOverlap: "PT0S" }),
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
