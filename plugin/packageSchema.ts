import { version as packageVersion } from "../package.json";

export const packageName = "cognitive-key-rotation";
export const version = packageVersion;
export const packageSchema = { name: packageName, version };
