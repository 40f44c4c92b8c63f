import * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "pulumi-cognitive-key-rotation";
import { pluginClasses } from "../scripts/pluginClasses";
import { DocumentedKey } from "./documentedKey";
import {
  ShapedPair,
  ShapedPluginPair,
  ShapedPluginSingle,
  ShapedSingle,
  TrivialReplacedKey,
  TrivialUpdatedKey,
} from "./trivialKey";

const plugin = pluginClasses(pulumi);

export interface SubjectArgs {
  resourceGroupName: string;
  accountName: string;
  /** Absent until the first rotation. */
  rotationTrigger?: string;
  /** Of what is updated. With none, a rotation is one call for each pair; with one, each is read as well. */
  minimumOverlap?: string;
}

/** A way to declare keys that rotate when a trigger changes. */
export interface Subject {
  /** What people read. */
  title: string;
  /** How the engine carries out a rotation. */
  rotatesBy: "update" | "replace";
  /** The last part of its type in state. */
  className: string;
  /** A program makes them itself, as a user's does: each function in between would be a line in the state of each key. */
  Resource: new (
    name: string,
    args: SubjectArgs,
  ) => pulumi.CustomResource;
}

/** What `npm run bench` measures side by side. */
export const subjects = {
  trivialUpdated: {
    title: "Trivial resource, updated",
    rotatesBy: "update",
    className: "TrivialUpdatedKey",
    Resource: TrivialUpdatedKey,
  },
  shaped: {
    title: "Trivial resource as large as a pair",
    rotatesBy: "update",
    className: "TrivialAccountKeyPairSameLength",
    Resource: ShapedPair,
  },
  pair: {
    title: "RotatingCognitiveAccountKeyPair",
    rotatesBy: "update",
    className: "RotatingCognitiveAccountKeyPair",
    Resource: RotatingCognitiveAccountKeyPair,
  },
  pluginPair: {
    title: "RotatingCognitiveAccountKeyPair, plugin",
    rotatesBy: "update",
    className: "RotatingCognitiveAccountKeyPair",
    Resource: plugin.RotatingCognitiveAccountKeyPair,
  },
  shapedPlugin: {
    title: "Trivial resource as large as a pair, plugin",
    rotatesBy: "update",
    className: "TrivialAccountKeyPairSameLength",
    Resource: ShapedPluginPair,
  },
  trivialReplaced: {
    title: "Trivial resource, replaced",
    rotatesBy: "replace",
    className: "TrivialReplacedKey",
    Resource: TrivialReplacedKey,
  },
  shapedSingle: {
    title: "Trivial resource as large as a single key",
    rotatesBy: "replace",
    className: "TrivialAccountKeySameLength",
    Resource: ShapedSingle,
  },
  single: {
    title: "RotatingCognitiveAccountKey",
    rotatesBy: "replace",
    className: "RotatingCognitiveAccountKey",
    Resource: RotatingCognitiveAccountKey,
  },
  pluginSingle: {
    title: "RotatingCognitiveAccountKey, plugin",
    rotatesBy: "replace",
    className: "RotatingCognitiveAccountKey",
    Resource: plugin.RotatingCognitiveAccountKey,
  },
  shapedPluginSingle: {
    title: "Trivial resource as large as a single key, plugin",
    rotatesBy: "replace",
    className: "TrivialAccountKeySameLength",
    Resource: ShapedPluginSingle,
  },
  documented: {
    title: "Provider from Pulumi's guide",
    rotatesBy: "replace",
    className: "Resource",
    Resource: DocumentedKey,
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
