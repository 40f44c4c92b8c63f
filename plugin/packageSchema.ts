import { version as packageVersion } from "../package.json";
import schema from "./schema.json";

export const packageName = "cognitive-key-rotation" as const;
export const version = packageVersion;
/** What `npm run docs` makes of the comments in `components/`, with the version that is running. */
export const packageSchema = { ...schema, version };
