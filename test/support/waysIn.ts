import assert from "node:assert/strict";
import type { WayIn } from "../../provider/words";

/** The way in of dynamic resources. */
export const dynamicWay = { namespace: "azure-native" } as const satisfies WayIn;

/** The two ways in of the plugin: by its default provider, and by an explicit one. */
export const pluginWays: readonly WayIn[] = [
  { namespace: "cognitive-key-rotation" },
  { namespace: "cognitive-key-rotation", provider: 'provider "usgov"' },
];

export const waysIn: readonly WayIn[] = [dynamicWay, ...pluginWays];

/** What a test calls a way in. */
export function nameOf({ namespace, provider }: WayIn): string {
  return provider ?? namespace;
}

/** Fails where a message of a login sends a person to settings of another way in, or names none of this one. */
export function assertNamesItsOwn({ namespace, provider }: WayIn, message: string): void {
  if (namespace === "azure-native") {
    assert.match(message, /azure-native:/);
    assert.doesNotMatch(message, /cognitive-key-rotation|[Aa]n explicit|provider "|does not read/);
    return;
  }
  assert.match(message, provider === undefined ? /cognitive-key-rotation:/ : /(?:of|for) provider "usgov"/);
  // That azure-native:* is not read may be said, and nothing else of it.
  assert.doesNotMatch(message, /azure-native(?!:\*)|(?<!read|neither) azure-native/);
  if (provider !== undefined) assert.doesNotMatch(message, /cognitive-key-rotation(?!:\*)/);
}
