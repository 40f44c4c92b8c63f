import type { WayIn } from "../../provider/words";

/** The way in of dynamic resources. */
export const dynamicWay = { namespace: "azure-native" } as const satisfies WayIn;

/** The two ways in of the provider for every language: by its default provider, and by an explicit one. */
export const pluginWays: readonly WayIn[] = [
  { namespace: "cognitive-key-rotation" },
  { namespace: "cognitive-key-rotation", provider: 'provider "usgov"' },
];
