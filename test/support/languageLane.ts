import type { Context } from "mocha";
import { findLanguageHost, type Language, languageHostSource } from "../../scripts/languageHost";

/** Skips a test or hook, and says why in one line, where the real host of this language is missing. */
export function needsLanguageHost(test: Context, language: Language): void {
  if (findLanguageHost(language)) return;
  console.log(`      skipped: ${languageHostSource(language)}`);
  test.skip();
}
