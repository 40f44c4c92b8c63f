import { version as packageVersion } from "../package.json";
import schema from "./schema.json";

/** Where a mirror of the releases is; `scripts/buildPlugin.ts` puts it in. */
declare const mirror: string | undefined;

export const packageName = "cognitive-key-rotation" as const;
export const version = packageVersion;
/** What `npm run docs` makes of the comments in `components/`, with the version that is running. */
export const packageSchema = {
  ...schema,
  version,
  ...(typeof mirror === "string" && { pluginDownloadURL: mirror }),
};
