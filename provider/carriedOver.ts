import { isDeepStrictEqual } from "node:util";
import { accountProperties } from "./account";
import { keyPairProperties, keyProperties, propertiesOf } from "./propertyRoles";
import { asSecret } from "./secretMark";

/** What says which slot is meant: it stands in messages, and is resolved where the program leaves it out. */
const place = new Set<string>([...accountProperties, "keyName"]);
const inputs = new Set([keyProperties, keyPairProperties].flatMap((properties) => propertiesOf(properties, "input")));

/**
 * The outputs, with what is not the program's present value marked as secret, such as the last trigger after it was taken
 * out. It may have been a secret: Pulumi marks outputs by the inputs of today, and would store it in plaintext.
 *
 * @param news the program's present inputs
 */
export function carriedOver<Outputs extends object>(outputs: Outputs, news: object): Outputs {
  const present = news as Record<string, unknown>;
  const isCarried = (name: string, value: unknown) =>
    inputs.has(name) && !place.has(name) && value !== undefined && !isDeepStrictEqual(value, present[name]);
  const entries = Object.entries(outputs).map(([name, value]) => [
    name,
    isCarried(name, value) ? asSecret(value) : value,
  ]);
  return Object.fromEntries(entries) as Outputs;
}
