import { version as packageVersion } from "../package.json";

export const packageName = "cognitive-key-rotation" as const;
export const version = packageVersion;
export const packageSchema = { name: packageName, version };
