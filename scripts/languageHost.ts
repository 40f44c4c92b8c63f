import { realpathSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { findInPath } from "./findInPath";
import { oldestGo } from "./pulumiCliMachine";

/** A language as the engine calls it, which runs its programs through `pulumi-language-…`. */
export type Language = "nodejs" | "python" | "go" | "dotnet" | "java" | "yaml";

/** The language host that the `pulumi` on this path takes: from the path, or from beside it when it is a link. */
export function findLanguageHost(language: Language, path = process.env.PATH ?? ""): string | undefined {
  const pulumi = findInPath("pulumi", path);
  const searched = pulumi ? [path, dirname(realpathSync(pulumi))].join(delimiter) : path;
  return findInPath(`pulumi-language-${language}`, searched);
}

/** Where a language host comes from, for the line that says that it is missing. */
export function languageHostSource(language: Language): string {
  const official = `pulumi-language-${language} comes with the official Pulumi CLI`;
  return language === "yaml" ? `${official}, or is built by Go ${oldestGo} or newer` : official;
}
