import type { unknown } from "../provider/unknown";

/** Outputs as a preview knows them: in place of some stands what the engine takes for not known. */
export type Previewed<Outputs> = { [Name in keyof Outputs]: Outputs[Name] | typeof unknown };
