import { markName } from "../provider/secretMark";
import { refusedPart } from "../provider/trigger";
import { noJson } from "../provider/words";

/**
 * Inputs as they came, with what is no JSON marked for `check` to refuse. The engine gives the content of an asset to
 * `update` and leaves it out for `diff`: as a trigger it would rotate without a change.
 */
export function jsonInputs<Inputs extends object>(inputs: Inputs): Inputs {
  return storable(inputs) as Inputs;
}

function storable(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return refusedPart(String(value));
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== "object" || value === null) return value;
  if (markName in value) return refusedPart(noJson.asset);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, storable(part)]));
}
